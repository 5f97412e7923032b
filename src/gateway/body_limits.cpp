#include "gateway/body_limits.h"

#include <fmt/format.h>

namespace matinee::gateway {

namespace {

/// AWS's limit of requests to Lambda: packages are in them, in base64.
constexpr std::uint64_t most_of_function = 70'167'211;
constexpr int bad_request = 400;
constexpr int content_too_large = 413;

}  // namespace

std::uint64_t most_in_memory(const protocol::ServiceModel& service) {
  if (service.name == "lambda") return most_of_function;
  if (service.name == "dynamodb") return std::uint64_t{16} << 20;
  // A mebibyte of text, and what escapes make of it: three bytes of one, or six.
  if (service.name == "sqs" || service.name == "events" || service.name == "sns")
    return std::uint64_t{4} << 20;
  if (service.name == "logs") return std::uint64_t{8} << 20;
  return std::uint64_t{2} << 20;
}

protocol::ServiceError too_large_for_memory(const protocol::Operation& operation,
                                            protocol::Protocol spoken) {
  if (spoken == protocol::Protocol::rest_xml)
    return {"MaxMessageLengthExceeded", bad_request, "Your request was too big."};
  if (operation.service->name == "lambda")
    return {"RequestEntityTooLargeException", content_too_large,
            fmt::format("Request must be smaller than {} bytes for the {} operation",
                        most_of_function, operation.name)};
  return {
      "RequestEntityTooLargeException", content_too_large,
      fmt::format("The request is larger than {} MiB.", most_in_memory(*operation.service) >> 20)};
}

}  // namespace matinee::gateway
