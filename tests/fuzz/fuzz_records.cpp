// Items as they stand in the store: whatever a damaged disk gives must be refused, not crash.
#include <cstdint>
#include <string_view>

#include "services/dynamodb/item_encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee;
  try {
    storage::Reader reader({reinterpret_cast<const char*>(data), size});
    dynamodb::StoredItem item;
    decode_record(reader, item);
  } catch (const storage::DamagedRecord&) {
    // The answer to most of what a fuzzer gives.
  }
  return 0;
}
