#include "services/s3/transfer/checksums.h"

#include <gtest/gtest.h>

#include "checksums/sample_fixture.h"

namespace matinee::s3 {
namespace {

using checksums::sample;

TEST(Checksums, have_the_published_check_values) {
  EXPECT_EQ(to_hex(digest(Algorithm::crc32, "123456789")), "cbf43926");
  EXPECT_EQ(to_hex(digest(Algorithm::crc32c, "123456789")), "e3069283");
  EXPECT_EQ(to_hex(digest(Algorithm::crc64nvme, "123456789")), "ae8b14860a799888");
  EXPECT_EQ(to_hex(digest(Algorithm::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(digest(Algorithm::sha256, "")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(digest(Algorithm::md5, "")), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Checksums, of_newer_clients_have_the_published_check_values_too) {
  EXPECT_EQ(to_hex(digest(Algorithm::xxhash64, "")), "ef46db3751d8e999");
  EXPECT_EQ(to_hex(digest(Algorithm::xxhash3, "")), "2d06800538d394c2");
  EXPECT_EQ(to_hex(digest(Algorithm::xxhash128, "")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_hex(digest(Algorithm::xxhash64, "abc")), "44bc2cf5ad770999");
  EXPECT_EQ(to_hex(digest(Algorithm::sha512, "abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c"
            "23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Checksums, are_found_by_their_names_and_headers) {
  for (const Algorithm algorithm : checksum_algorithms) {
    EXPECT_EQ(find_algorithm(name_of(algorithm)), algorithm);
    EXPECT_EQ(find_algorithm_of_header(header_of(algorithm)), algorithm);
    EXPECT_EQ(digest(algorithm, "").size(), digest_length(algorithm));
  }
  EXPECT_EQ(find_algorithm("MURMUR"), std::nullopt);
}

TEST(Checksums, of_nothing_are_zero_for_crcs) {
  EXPECT_EQ(to_hex(digest(Algorithm::crc32, "")), "00000000");
  EXPECT_EQ(to_hex(digest(Algorithm::crc64nvme, "")), "0000000000000000");
}

TEST(Checksums, do_not_depend_on_how_the_bytes_are_split) {
  const std::string bytes = sample(1000);
  for (const Algorithm algorithm : checksum_algorithms)
    for (const std::size_t split : {0, 1, 63, 64, 65, 500, 999, 1000}) {
      Hasher hasher(algorithm);
      hasher.update(std::string_view(bytes).substr(0, split));
      hasher.update(std::string_view(bytes).substr(split));
      EXPECT_EQ(hasher.finish(), digest(algorithm, bytes)) << name_of(algorithm) << " " << split;
    }
}

TEST(Checksums, of_parts_combine_to_that_of_the_whole) {
  const std::string bytes = sample(5000);
  for (const Algorithm algorithm : {Algorithm::crc32, Algorithm::crc32c, Algorithm::crc64nvme})
    for (const std::size_t split : {0, 1, 7, 2500, 4999, 5000}) {
      const std::string_view whole = bytes;
      EXPECT_EQ(combine_crcs(algorithm, digest(algorithm, whole.substr(0, split)),
                             digest(algorithm, whole.substr(split)), whole.size() - split),
                digest(algorithm, whole))
          << name_of(algorithm) << " " << split;
    }
}

TEST(Checksums, of_a_composite_are_over_the_raw_digests_of_the_parts) {
  const std::vector<std::string> parts = {digest(Algorithm::sha256, "one"),
                                          digest(Algorithm::sha256, "two")};
  EXPECT_EQ(composite_digest(Algorithm::sha256, parts),
            digest(Algorithm::sha256, parts[0] + parts[1]));
}

TEST(Checksums, are_found_in_any_case) {
  EXPECT_EQ(find_algorithm("crc32c"), Algorithm::crc32c);
  EXPECT_EQ(find_algorithm("SHA256"), Algorithm::sha256);
  EXPECT_EQ(find_algorithm_of_header("X-Amz-Checksum-CRC64NVME"), Algorithm::crc64nvme);
  EXPECT_EQ(find_algorithm_of_header("x-amz-checksum-type"), std::nullopt);
}

TEST(Hex, refuses_what_is_not_pairs_of_digits) {
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("zz"), std::nullopt);
  EXPECT_EQ(from_hex("00fF"), std::string("\x00\xff", 2));
}

}  // namespace
}  // namespace matinee::s3
