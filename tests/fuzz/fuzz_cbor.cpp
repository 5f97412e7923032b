// Reading of CBOR, and writing of what was read, which must read again.
//
// Input: one byte chooses the operation, the rest is the body of a request.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "operations.h"
#include "protocol/cbor.h"
#include "protocol/error.h"
#include "protocol/violation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee;
  if (size < 1) return 0;
  const auto& operations = fuzz::operations();
  const protocol::Operation& operation = *operations[data[0] % operations.size()];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  protocol::Object object(*operation.request);
  protocol::Violations violations;
  try {
    protocol::cbor::read(*operation.input, body, object.get(), &violations);
  } catch (const protocol::ServiceError&) {
    return 0;  // the answer to most of what a fuzzer sends
  }
  std::string written;
  protocol::cbor::append_structure(written, *operation.input, object.get());
  protocol::Object again(*operation.request);
  try {
    protocol::cbor::read(*operation.input, written, again.get(), nullptr);
  } catch (const protocol::ServiceError&) {
    std::abort();
  }
  return 0;
}
