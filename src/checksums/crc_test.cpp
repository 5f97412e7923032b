#include "checksums/crc.h"

#include <gtest/gtest.h>

#include "checksums/sample_fixture.h"

namespace matinee::crc {
namespace {

using checksums::sample;

TEST(Crc, has_the_published_check_values) {
  EXPECT_EQ(update(crc32, 0, "123456789"), 0xcbf43926);
  EXPECT_EQ(update(crc32c, 0, "123456789"), 0xe3069283);
  EXPECT_EQ(update(crc64nvme, 0, "123456789"), 0xae8b14860a799888);
}

TEST(Crc, folding_agrees_with_tables_for_every_length) {
  const std::string bytes = sample(700);
  for (const Polynomial* polynomial : {&crc32, &crc32c, &crc64nvme})
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
      const std::string_view piece = std::string_view(bytes).substr(0, length);
      ASSERT_EQ(update(*polynomial, 0, piece), update_by_table(*polynomial, 0, piece)) << length;
    }
}

TEST(Crc, of_two_pieces_can_be_combined) {
  const std::string bytes = sample(300);
  for (const Polynomial* polynomial : {&crc32, &crc32c, &crc64nvme})
    for (const std::size_t split : {0, 1, 100, 299, 300}) {
      const std::string_view first = std::string_view(bytes).substr(0, split);
      const std::string_view second = std::string_view(bytes).substr(split);
      EXPECT_EQ(combine(*polynomial, update(*polynomial, 0, first), update(*polynomial, 0, second),
                        second.size()),
                update(*polynomial, 0, bytes));
    }
}

}  // namespace
}  // namespace matinee::crc
