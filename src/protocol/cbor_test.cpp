#include "protocol/cbor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "protocol/error.h"
#include "protocol/sample_shapes.h"

namespace matinee::protocol {
namespace {

using sample::Everything;

/// The bytes that hexadecimal digits stand for; spaces only part them.
std::string bytes_of(std::string_view digits) {
  std::string out;
  std::string pair;
  for (const char digit : digits) {
    if (digit != ' ') pair += digit;
    if (pair.size() < 2) continue;
    out += static_cast<char>(std::stoi(pair, nullptr, 16));
    pair.clear();
  }
  return out;
}

Everything read(const std::string& bytes, Violations* violations = nullptr) {
  Everything object;
  cbor::read(Everything::shape, bytes, &object, violations);
  return object;
}

std::string write(const Everything& object) {
  std::string bytes;
  cbor::append_structure(bytes, Everything::shape, &object);
  return bytes;
}

/// The message of the SerializationException that reading ends in, or "" where it succeeds.
std::string refusal(const std::string& bytes) {
  try {
    read(bytes);
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.name(), "SerializationException");
    EXPECT_EQ(error.status(), 400);
    return error.message();
  }
  return "";
}

/// A map of one member.
std::string member(std::string_view name, std::string_view digits) {
  std::string out = "\xa1";
  cbor::append_text(out, name);
  return out + bytes_of(digits);
}

double ratio(std::string_view digits) {
  return read(member("Ratio", digits)).ratio.value();
}

TEST(Cbor, what_is_written_reads_back_as_the_same) {
  const Everything object = sample::full();
  EXPECT_EQ(read(write(object)), object);
}

TEST(Cbor, is_written_with_indefinite_lengths_and_times_as_tagged_floats) {
  Everything object;
  object.name = "n";
  object.parts = {{"a", 500}};
  object.created = Timestamp(std::chrono::seconds(1758276000));
  EXPECT_EQ(write(object), bytes_of("bf 64 4e616d65 61 6e"
                                    "65 5061727473 9f bf 62 4964 61 61 64 53697a65 1901f4 ff ff"
                                    "67 43726561746564 c1 fb 41da334a68000000 ff"));
}

TEST(Cbor, numbers_may_be_of_any_width) {
  EXPECT_EQ(ratio("f93e00"), 1.5);
  EXPECT_EQ(ratio("f90001"), std::ldexp(1, -24));
  EXPECT_EQ(ratio("f9c400"), -4);
  EXPECT_TRUE(std::isinf(ratio("f97c00")));
  EXPECT_TRUE(std::isnan(ratio("f97e00")));
  EXPECT_EQ(ratio("fa47c35000"), 100000);
  EXPECT_EQ(ratio("fb3ff199999999999a"), 1.1);
  EXPECT_EQ(ratio("17"), 23);
  EXPECT_EQ(ratio("3863"), -100);
  EXPECT_EQ(ratio("1bffffffffffffffff"), 18446744073709551616.0);
}

TEST(Cbor, integers_fit_their_member_or_are_refused) {
  EXPECT_EQ(read(member("Count", "1a7fffffff")).count, 2147483647);
  EXPECT_EQ(read(member("Count", "3a7fffffff")).count, -2147483647 - 1);
  EXPECT_EQ(read(member("Count", "f94500")).count, 5);
  EXPECT_EQ(read(member("Total", "3b7fffffffffffffff")).total,
            std::numeric_limits<std::int64_t>::min());
  EXPECT_NE(refusal(member("Count", "1a80000000")), "");
  EXPECT_NE(refusal(member("Count", "f93e00")), "");
  EXPECT_NE(refusal(member("Total", "1b8000000000000000")), "");
}

TEST(Cbor, lengths_may_be_definite_or_not) {
  const Everything expected = read(bytes_of("a1 64 4e616d65 62 6162"));
  EXPECT_EQ(expected.name, "ab");
  EXPECT_EQ(read(bytes_of("bf 64 4e616d65 7f 61 61 61 62 ff ff")), expected);
  EXPECT_EQ(read(member("Parts", "82 a1 62 4964 61 61 bf 62 4964 61 62 ff")).parts.size(), 2U);
  EXPECT_EQ(read(member("Data", "5f 41 00 42 0102 ff")).data->bytes, std::string("\0\1\2", 3));
}

TEST(Cbor, times_are_tagged_or_plain_numbers) {
  const Timestamp time(std::chrono::seconds(1363896240));
  EXPECT_EQ(read(member("Created", "c1 1a514b67b0")).created, time);
  EXPECT_EQ(read(member("Created", "c1 fb41d452d9ec200000")).created,
            time + std::chrono::milliseconds(500));
  EXPECT_EQ(read(member("Created", "1a514b67b0")).created, time);
  EXPECT_NE(refusal(member("Created", "c0 1a514b67b0")), "");
  EXPECT_NE(refusal(member("Created", "c1 f97e00")), "");
}

TEST(Cbor, null_and_undefined_count_as_absent) {
  EXPECT_EQ(read(member("Count", "f6")), Everything());
  EXPECT_EQ(read(member("Count", "f7")), Everything());
}

TEST(Cbor, unknown_members_are_skipped_whatever_is_in_them) {
  for (const std::string_view unknown :
       {"00", "9f 01 82 02 03 ff", "bf 61 61 9f ff ff", "c2 41 00", "f4", "f9 7e00", "5f 41 00 ff",
        "a1 01 a1 02 03", "d9 0102 80", "f8 ff"})
    EXPECT_EQ(read(bytes_of("a2 61 78") + bytes_of(unknown) + bytes_of("64 4e616d65 61 6e")).name,
              "n")
        << unknown;
}

TEST(Cbor, the_last_of_equal_members_counts) {
  EXPECT_EQ(read(bytes_of("a2 64 4e616d65 61 61 64 4e616d65 61 62")).name, "b");
}

TEST(Cbor, required_members_that_are_missing_are_told) {
  Violations violations;
  read("", &violations);
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_EQ(violations[0].path, "Name");
}

TEST(Cbor, malformed_bytes_are_refused) {
  for (const std::string_view malformed :
       {"bf", "a1", "a1 64 4e616d65", "a1 64 4e616d65 62 61", "80", "00", "a0 00", "1c", "a1 00 00",
        "a1 61 78 ff", "a1 61 78 5f 61 61 ff", "bf 61 78 bf 01 ff ff", "a1 61 78 9f 01",
        "a1 61 78 3f", "a1 61 78 f8 10", "a1 61 78 1e"})
    EXPECT_NE(refusal(bytes_of(malformed)), "") << malformed;
  EXPECT_NE(refusal(member("Name", "61 ff")), "");
  EXPECT_NE(refusal(member("Name", "01")), "");
  EXPECT_NE(refusal(member("Enabled", "01")), "");
  EXPECT_NE(refusal(member("Parts", "a0")), "");
}

TEST(Cbor, a_length_that_promises_too_much_takes_no_memory) {
  EXPECT_NE(refusal(member("Name", "7b 7fffffffffffffff")), "");
  EXPECT_NE(refusal(member("Parts", "9b 7fffffffffffffff")), "");
  EXPECT_NE(refusal(member("x", "bb ffffffffffffffff")), "");
  EXPECT_NE(refusal(member("x", "9b 7fffffffffffffff 00")), "");
}

TEST(Cbor, deep_nesting_is_refused) {
  EXPECT_EQ(refusal(member("x", "") + std::string(50, '\x9f') + std::string(50, '\xff')), "");
  EXPECT_NE(refusal(member("x", "") + std::string(100000, '\x9f')), "");
  EXPECT_NE(refusal(member("x", "") + std::string(100000, '\xc1')), "");
}

}  // namespace
}  // namespace matinee::protocol
