// The Authorization header and the query of presigned requests, and a verification with them.
//
// Input: a line for the Authorization header, a line for the target.
#include <cstdint>
#include <string_view>

#include "protocol/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::protocol;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  HttpRequest request{.method = "GET"};
  if (!request.set_target(end < text.size() ? text.substr(end + 1) : "/")) return 0;
  if (end > 0) request.headers.add("Authorization", std::string(text.substr(0, end)));
  request.headers.add("Host", "localhost");
  const sigv4::Claim claim = sigv4::read_claim(request);
  if (!claim.fault.empty()) return 0;
  sigv4::compute(request, claim, "UNSIGNED-PAYLOAD", {});
  return 0;
}
