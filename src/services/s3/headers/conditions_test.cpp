#include "services/s3/headers/conditions.h"

#include <gtest/gtest.h>

#include "s3/errors.h"

namespace matinee::s3 {
namespace {

using Range = std::optional<ByteRange>;
using std::chrono::seconds;

TEST(Range, names_a_stretch_of_the_object) {
  EXPECT_EQ(parse_range("bytes=0-9", 100), (Range{{0, 10}}));
  EXPECT_EQ(parse_range("bytes=90-", 100), (Range{{90, 10}}));
  EXPECT_EQ(parse_range("bytes=-5", 100), (Range{{95, 5}}));
  EXPECT_EQ(parse_range("bytes=99-99", 100), (Range{{99, 1}}));
}

TEST(Range, is_cut_at_the_end_of_the_object) {
  EXPECT_EQ(parse_range("bytes=50-1000", 100), (Range{{50, 50}}));
  EXPECT_EQ(parse_range("bytes=-1000", 100), (Range{{0, 100}}));
  EXPECT_EQ(parse_range("bytes=1-99999999999999999999999", 100), (Range{{1, 99}}));
}

TEST(Range, that_is_malformed_or_has_several_parts_is_ignored) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-3",
                             "bytes=0-1,3-4", "items=0-1", "bytes=0 1", "bytes=--1"})
    EXPECT_EQ(parse_range(header, 100), std::nullopt) << header;
}

TEST(Range, outside_of_the_object_is_an_error) {
  for (const char* header : {"bytes=100-", "bytes=100-200", "bytes=-0"})
    EXPECT_THROW(parse_range(header, 100), InvalidRange) << header;
  EXPECT_THROW(parse_range("bytes=0-", 0), InvalidRange);
  EXPECT_THROW(parse_range("bytes=-1", 0), InvalidRange);
}

TEST(Range, of_a_copy_must_be_complete_and_inside_the_source) {
  EXPECT_EQ(parse_copy_range("bytes=1-3", 10), (ByteRange{1, 3}));
  for (const char* header : {"bytes=1-", "bytes=-3", "1-3", "bytes=3-1", "bytes=0-10", "bytes="})
    EXPECT_THROW(parse_copy_range(header, 10), InvalidArgument) << header;
}

TEST(Range, is_reported_with_the_size_of_the_object) {
  EXPECT_EQ(content_range({.offset = 5, .length = 10}, 100), "bytes 5-14/100");
}

const Validator object{.etag = "abc", .modified = protocol::Timestamp(seconds(1000))};

protocol::Timestamp at(int second) {
  return protocol::Timestamp(seconds(second));
}

const protocol::Timestamp now = at(3000);

TEST(Conditions, entity_tags_match_with_and_without_quotes_and_in_lists) {
  for (const char* list : {"abc", "\"abc\"", "*", "W/\"abc\"", "\"x\", \"abc\"", "abc\"", "\"abc"})
    EXPECT_TRUE(matches_etag(list, "abc")) << list;
  for (const char* list : {"", "ab", "\"abcd\"", "x, y"}) EXPECT_FALSE(matches_etag(list, "abc"));
}

TEST(Conditions, a_read_that_would_give_what_the_client_has_is_not_modified) {
  EXPECT_THROW(check_read({.if_none_match = "\"abc\""}, object, now), NotModified);
  EXPECT_THROW(check_read({.if_modified_since = at(1000)}, object, now), NotModified);
  EXPECT_NO_THROW(check_read({.if_none_match = "\"other\""}, object, now));
  EXPECT_NO_THROW(check_read({.if_modified_since = at(999)}, object, now));
}

TEST(Conditions, a_read_of_something_else_than_expected_fails) {
  EXPECT_THROW(check_read({.if_match = "\"other\""}, object, now), PreconditionFailed);
  EXPECT_THROW(check_read({.if_unmodified_since = at(999)}, object, now), PreconditionFailed);
  EXPECT_NO_THROW(check_read({.if_match = "\"abc\""}, object, now));
  EXPECT_NO_THROW(check_read({.if_unmodified_since = at(1000)}, object, now));
}

TEST(Conditions, entity_tags_outrank_times) {
  EXPECT_NO_THROW(check_read({.if_match = "abc", .if_unmodified_since = at(1)}, object, now));
  EXPECT_NO_THROW(check_read({.if_none_match = "x", .if_modified_since = at(2000)}, object, now));
}

TEST(Conditions, that_ask_for_changes_since_a_time_to_come_are_ignored) {
  EXPECT_THROW(check_read({.if_modified_since = now}, object, now), NotModified);
  EXPECT_NO_THROW(check_read({.if_modified_since = at(3001)}, object, now));
  EXPECT_THROW(check_copy_source({.if_modified_since = now}, object, now), PreconditionFailed);
  EXPECT_NO_THROW(check_copy_source({.if_modified_since = at(3001)}, object, now));
}

TEST(Conditions, a_copy_never_answers_not_modified) {
  EXPECT_THROW(check_copy_source({.if_none_match = "abc"}, object, now), PreconditionFailed);
  EXPECT_THROW(check_copy_source({.if_modified_since = at(1000)}, object, now), PreconditionFailed);
  EXPECT_THROW(check_copy_source({.if_match = "x"}, object, now), PreconditionFailed);
  EXPECT_NO_THROW(check_copy_source({.if_match = "abc"}, object, now));
}

TEST(Conditions, a_write_can_ask_for_a_new_or_for_a_certain_object) {
  EXPECT_NO_THROW(check_write({.if_none_match = "*"}, nullptr, "key"));
  EXPECT_THROW(check_write({.if_none_match = "*"}, &object, "key"), PreconditionFailed);
  EXPECT_THROW(check_write({.if_none_match = "abc"}, &object, "key"), NotImplemented);
  EXPECT_NO_THROW(check_write({.if_match = "\"abc\""}, &object, "key"));
  EXPECT_THROW(check_write({.if_match = "\"x\""}, &object, "key"), PreconditionFailed);
  EXPECT_THROW(check_write({.if_match = "\"x\""}, nullptr, "key"), NoSuchKey);
}

/// The details of the NotImplemented that a write with these conditions is.
decltype(protocol::ServiceError::details) unknown(const Condition& condition) {
  try {
    check_write(condition, &object, "key");
  } catch (const NotImplemented& error) {
    EXPECT_EQ(error.message(),
              "A header you provided implies functionality that is not implemented");
    return error.details;
  }
  return {};
}

TEST(Conditions, of_writes_that_aws_does_not_know_are_named) {
  using Details = decltype(protocol::ServiceError::details);
  EXPECT_EQ(unknown({.if_match = "*"}),
            (Details{{"Header", "If-Match"},
                     {"additionalMessage",
                      "We don't accept the provided value of If-Match header for this API"}}));
  EXPECT_EQ(unknown({.if_none_match = "abc"}),
            (Details{{"Header", "If-None-Match"},
                     {"additionalMessage",
                      "We don't accept the provided value of If-None-Match header for this API"}}));
  EXPECT_EQ(unknown({.if_match = "abc", .if_none_match = "*"}),
            (Details{{"Header", "If-Match,If-None-Match"},
                     {"additionalMessage",
                      "Multiple conditional request headers present in the request"}}));
}

TEST(Conditions, of_a_removal_may_ask_for_any_object) {
  EXPECT_NO_THROW(check_removal("*", &object, "key"));
  EXPECT_THROW(check_removal("*", nullptr, "key"), NoSuchKey);
  EXPECT_THROW(check_removal("\"x\"", &object, "key"), PreconditionFailed);
  EXPECT_NO_THROW(check_removal(std::nullopt, nullptr, "key"));
}

}  // namespace
}  // namespace matinee::s3
