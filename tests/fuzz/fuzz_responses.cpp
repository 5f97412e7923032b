// What a client makes of replies, of which it must believe nothing.
//
// Input: one byte chooses the operation, one the status; then the body.
#include <cstdint>

#include "operations.h"
#include "protocol/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee;
  if (size < 2) return 0;
  const auto& operations = fuzz::operations();
  const protocol::Operation& operation = *operations[data[0] % operations.size()];
  protocol::HttpResponse response{.status = data[1] % 2 == 0 ? 200 : 400 + data[1] / 2};
  response.body.bytes.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (response.status >= 300) {
    if (protocol::decode_error(operation, response) == nullptr) __builtin_trap();
    return 0;
  }
  try {
    protocol::Object object(*operation.response);
    protocol::decode_response(operation, response, object.get());
    protocol::encode_response(operation, operation.service->protocol, object.get(), "id");
  } catch (const protocol::ServiceError&) {
    // The answer to most of what a fuzzer sends.
  }
  return 0;
}
