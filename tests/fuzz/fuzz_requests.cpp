// Decoding of requests in every protocol, validation, and what a client would send for the result.
//
// Input: one byte chooses the operation, one the protocol (odd: query, for services that also speak
// it); a line with the request's target; a line of headers "name:value|name:value"; the body.
#include <cstdint>
#include <string_view>

#include "operations.h"
#include "protocol/codec.h"

namespace matinee {
namespace {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool fill(protocol::HttpRequest& request, std::string_view rest) {
  if (!request.set_target(take_line(rest))) return false;
  std::string_view headers = take_line(rest);
  while (!headers.empty()) {
    const std::string_view header = headers.substr(0, headers.find('|'));
    headers.remove_prefix(std::min(header.size() + 1, headers.size()));
    const std::size_t colon = header.find(':');
    if (colon != std::string_view::npos)
      request.headers.add(std::string(header.substr(0, colon)),
                          std::string(header.substr(colon + 1)));
  }
  request.body.bytes = rest;
  return true;
}

void decode(const protocol::Operation& operation, protocol::Protocol used, std::string_view rest) {
  protocol::HttpRequest request{.method = std::string(operation.method)};
  if (!fill(request, rest)) return;
  protocol::Object object(*operation.request);
  protocol::Violations violations =
      protocol::decode_request(operation, used, request, object.get());
  protocol::validate(*operation.input, object.get(), violations);
  if (!violations.empty()) {
    protocol::describe(violations);
    return;
  }
  protocol::encode_request(operation, object.get());
}

}  // namespace
}  // namespace matinee

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee;
  if (size < 2) return 0;
  const auto& operations = fuzz::operations();
  const protocol::Operation& operation = *operations[data[0] % operations.size()];
  const bool query = operation.service->also_query && data[1] % 2 == 1;
  try {
    decode(operation, query ? protocol::Protocol::query : operation.service->protocol,
           {reinterpret_cast<const char*>(data) + 2, size - 2});
  } catch (const protocol::ServiceError&) {
    // The answer to most of what a fuzzer sends.
  }
  return 0;
}
