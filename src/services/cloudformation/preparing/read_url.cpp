#include <fmt/format.h>

#include "services/cloudformation/preparing/faults.h"
#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/preparing/template_urls.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view s3_errors =
    "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";

}  // namespace

runtime::Task<std::string> read_url(TemplateSources sources, std::string url,
                                    std::size_t most_bytes) {
  services::ObjectToRead object = object_of_url(url, sources.caller.host);
  object.most_bytes = most_bytes;
  try {
    co_return co_await sources.objects.read(sources.caller, std::move(object));
  } catch (const protocol::ServiceError& error) {
    if (error.code() == "EntityTooLarge")
      throw invalid(fmt::format("Template may not exceed {} bytes in size.", most_bytes));
    throw invalid(
        fmt::format("S3 error: {}\nFor more information check {}", error.message(), s3_errors));
  }
}

}  // namespace matinee::cloudformation
