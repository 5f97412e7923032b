#include <gtest/gtest.h>

#include <string>

#include "checksums/crc.h"

namespace rocksdb::crc32c {
std::uint32_t Extend(std::uint32_t start, const char* data, std::size_t size);
}

namespace matinee::storage {
namespace {

TEST(LogChecksum, is_crc32c_however_the_bytes_are_split) {
  EXPECT_EQ(rocksdb::crc32c::Extend(0, "123456789", 9), 0xe3069283);
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes.push_back(static_cast<char>(i * i));
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    const std::uint32_t first = rocksdb::crc32c::Extend(0, bytes.data(), split);
    EXPECT_EQ(rocksdb::crc32c::Extend(first, bytes.data() + split, bytes.size() - split),
              crc::update_by_table(crc::crc32c, 0, bytes));
  }
}

}  // namespace
}  // namespace matinee::storage
