// CRC32C of the log. Debian's static RocksDB is built for every processor, and takes the checksum
// of each record by a table: a fifth of what storing a small object costs the state thread. The
// linker hands its calls to this instead (`--wrap` in CMakeLists.txt), which gives the same sums.
#include <cstddef>
#include <cstdint>

#include "checksums/crc.h"

extern "C" std::uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(std::uint32_t start,
                                                                const char* data,
                                                                std::size_t size) {
  using namespace matinee;
  return static_cast<std::uint32_t>(crc::update(crc::crc32c, start, {data, size}));
}
