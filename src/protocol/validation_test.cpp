#include <gtest/gtest.h>

#include "protocol/pattern.h"
#include "protocol/sample_shapes.h"
#include "protocol/violation.h"

// As in generated tables: clang knows the offsets of such types too.
#pragma clang diagnostic ignored "-Winvalid-offsetof"

namespace matinee::protocol {
namespace {

constexpr std::string_view key_types[] = {"HASH", "RANGE"};
const Type name_type = {.kind = Kind::string,
                        .name = "TableName",
                        .minimum = 3,
                        .maximum = 5,
                        .pattern = "[a-zA-Z0-9_.-]+"};
const Type key_type = {.kind = Kind::string, .name = "KeyType", .values = key_types};
const Type count_type = {.kind = Kind::integer, .name = "Count", .minimum = 1, .maximum = 10};
const Type names_type = {.kind = Kind::list,
                         .name = "Names",
                         .element = &name_type,
                         .list = &list_access<std::string>,
                         .minimum = 1,
                         .maximum = 2};

struct Request {
  std::string table_name = "abc";
  std::optional<std::string> key = "HASH";
  std::optional<std::int32_t> count = 5;
  std::vector<std::string> names = {"abc"};
};

const Field fields[] = {
    {.name = "TableName",
     .wire_name = "TableName",
     .offset = offsetof(Request, table_name),
     .type = &name_type,
     .required = true},
    sample::optional_field<std::string>("KeyType", offsetof(Request, key), key_type),
    sample::optional_field<std::int32_t>("Count", offsetof(Request, count), count_type),
    {.name = "Names",
     .wire_name = "Names",
     .offset = offsetof(Request, names),
     .type = &names_type,
     .required = true},
};
const Structure shape = {.name = "Request", .fields = fields};

std::string description(const Request& request) {
  Violations violations;
  validate(shape, &request, violations);
  return violations.empty() ? "" : describe(violations);
}

TEST(Validation, a_request_within_its_limits_passes) {
  EXPECT_EQ(description({}), "");
}

TEST(Validation, lengths_are_told_as_aws_does) {
  EXPECT_EQ(description({.table_name = "ab"}),
            "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 3");
  EXPECT_EQ(description({.table_name = "abcdef"}),
            "1 validation error detected: Value 'abcdef' at 'tableName' failed to satisfy "
            "constraint: Member must have length less than or equal to 5");
}

TEST(Validation, several_faults_are_told_together) {
  EXPECT_EQ(description({.table_name = "a b", .key = "X", .count = 11}),
            "3 validation errors detected: Value 'a b' at 'tableName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
            "Value 'X' at 'keyType' failed to satisfy constraint: Member must satisfy enum value "
            "set: [HASH, RANGE]; Value '11' at 'count' failed to satisfy constraint: Member must "
            "have value less than or equal to 10");
}

TEST(Validation, elements_of_lists_are_looked_at_too) {
  EXPECT_EQ(description({.names = {"abc", "x"}}),
            "1 validation error detected: Value 'x' at 'names.2.member' failed to satisfy "
            "constraint: Member must have length greater than or equal to 3");
  EXPECT_EQ(description({.names = {"abc", "def", "ghi"}}),
            "1 validation error detected: Value '[\"abc\",\"def\",\"ghi\"]' at 'names' failed to "
            "satisfy constraint: Member must have length less than or equal to 2");
}

TEST(Validation, lengths_count_characters) {
  Violations violations;
  Request request{.table_name = "üüüüü"};
  validate(shape, &request, violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].rule, Rule::pattern);
}

TEST(Validation, a_missing_member_is_told_once) {
  Violations violations = {{Rule::required, "TableName", "null", &name_type, &fields[0]}};
  Request request{.table_name = ""};
  validate(shape, &request, violations);
  EXPECT_EQ(describe(violations),
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
            "Member must not be null");
}

TEST(Validation, of_a_million_broken_rules_the_first_thousand_are_told) {
  Violations violations;
  Request request;
  request.names.assign(1'000'000, "x");
  validate(shape, &request, violations);
  EXPECT_EQ(violations.size(), Violations::most);
  EXPECT_EQ(violations.front().path, "Names");
  EXPECT_EQ(violations[1].path, "Names.1.member");
  EXPECT_EQ(violations[999].path, "Names.999.member");
}

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

TEST(Pattern, the_syntax_of_models_is_understood) {
  for (const auto& [pattern, text, matches] : std::initializer_list<Case>{
           {"[a-zA-Z0-9_.-]+", "movie-load.fifo", true},
           {"[a-zA-Z0-9_.-]+", "", false},
           {"[a-zA-Z0-9_.-]+", "a b", false},
           {"[a-zA-Z0-9-_]+", "a-_", true},
           {"[0-9]{12}", "123456789012", true},
           {"[0-9]{12}", "12345678901", false},
           {"[0-9]{2,3}", "1234", false},
           {"[0-9]{2,}", "1234", true},
           {"^[^\\$]+$", "ab", true},
           {"^[^\\$]+$", "a$", false},
           {"(\\d{12}|\\*)", "*", true},
           {"(\\d{12}|\\*)", "12", false},
           {"a|b|cd", "cd", true},
           {"a|b|cd", "bd", false},
           {"(a|b)*c", "abbac", true},
           {"(ab?)+", "aab", true},
           {"(ab?)+", "abb", false},
           {"arn:[^:]+:(s3|s3express):.*", "arn:aws:s3:x", true},
           {"arn:[^:]+:(s3|s3express):.*", "arn::s3:x", false},
           {"\\/?.+\\/.+", "bucket/key", true},
           {"\\/?.+\\/.+", "bucket", false},
           {"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", "Grüße 1", true},
           {"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", "a;b", false},
           {"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", "a\n\xc3\xbf", true},
           {"[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
            "\xF0\x9F\x8E\xAC", true},
           {"[\\s\\S]*\\S[\\s\\S]*", "  x ", true},
           {"[\\s\\S]*\\S[\\s\\S]*", "   ", false},
           {"(^[1-9][0-9]*$)", "10", true},
           {"(^[1-9][0-9]*$)", "01", false},
           {"(a*)*b", "aaab", true},
           {"[]a]+", "a]", true},
           {"()|a", "", true},
       })
    EXPECT_EQ(Pattern::of(pattern).matches(text), matches) << pattern << " with " << text;
}

TEST(Pattern, what_is_beyond_the_syntax_matches_everything) {
  for (const std::string_view pattern :
       {"(?!^\\d+$)x", "\\bx\\b", "(?i)all", "(a", "a)", "[a", "a{2", "a{3,1}", "\\p{Foo}", "[b-a]",
        "a{99999}b{99999}", "\\"}) {
    EXPECT_FALSE(Pattern::of(pattern).is_supported()) << pattern;
    EXPECT_TRUE(Pattern::of(pattern).matches("anything"));
  }
}

TEST(Pattern, an_evil_text_takes_no_longer_than_its_length) {
  const std::string text(200'000, 'a');
  EXPECT_FALSE(Pattern::of("(a*)*b").matches(text));
  EXPECT_FALSE(Pattern::of("(a|aa)+$b").matches(text));
}

}  // namespace
}  // namespace matinee::protocol
