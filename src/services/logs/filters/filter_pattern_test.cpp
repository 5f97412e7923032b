#include "services/logs/filters/filter_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::logs::filters {

using testing::ElementsAre;
using testing::Pair;

namespace {

bool fits(std::string_view pattern, std::string_view message) {
  return FilterPattern(pattern).matches(message);
}

std::string fault_of(std::string_view pattern) {
  try {
    FilterPattern parsed(pattern);
  } catch (const PatternFault& fault) {
    return fault.what();
  }
  return "none";
}

constexpr std::string_view trail = R"({
  "eventType": "UpdateTrail",
  "sourceIPAddress": "111.111.111.111",
  "arrayKey": ["value", "another value"],
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
  "SomeObject": null,
  "cluster.name": "c"
})";

constexpr std::string_view user = R"({
  "user": {"id": 1, "email": "John.Stiles@example.com"},
  "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane@example.com"}],
  "actions": ["GET", "PUT", "DELETE"],
  "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
  "bandwidth": 50.5, "errorCode": 400, "match": true, "done": false
})";

constexpr std::string_view access =
    "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 1534";

}  // namespace

TEST(FilterPatterns, nothing_fits_everything) {
  EXPECT_TRUE(fits("", "anything"));
  EXPECT_TRUE(fits(" ", "anything"));
  EXPECT_TRUE(FilterPattern(" ").matches_all());
}

TEST(FilterPatterns, words_are_looked_for_anywhere_and_all_must_occur) {
  EXPECT_TRUE(fits("ERROR", "[ERROR 400] BAD REQUEST"));
  EXPECT_TRUE(fits("ERROR", "ERRORCODE"));
  EXPECT_FALSE(fits("ERROR", "an error"));
  EXPECT_TRUE(fits("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
  EXPECT_TRUE(fits("ARGUMENTS ERROR", "[ERROR 419] MISSING ARGUMENTS"));
  EXPECT_FALSE(fits("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
}

TEST(FilterPatterns, a_phrase_is_found_as_it_is) {
  EXPECT_TRUE(fits("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR"));
  EXPECT_FALSE(fits("\"INTERNAL SERVER ERROR\"", "INTERNAL  SERVER ERROR"));
  EXPECT_TRUE(fits("\"say \\\"hello\\\"\"", "they say \"hello\""));
}

TEST(FilterPatterns, a_minus_excludes_and_a_question_mark_offers) {
  EXPECT_TRUE(fits("ERROR -ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
  EXPECT_FALSE(fits("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
  EXPECT_TRUE(fits("-Exiting", "ERROR"));
  EXPECT_FALSE(fits("-\"is Exiting\"", "it is Exiting"));
  EXPECT_TRUE(fits("?ERROR ?ARGUMENTS", "MISSING ARGUMENTS"));
  EXPECT_TRUE(fits("?ERROR ?ARGUMENTS", "[ERROR 401]"));
  EXPECT_FALSE(fits("?ERROR ?ARGUMENTS", "nothing"));
}

TEST(FilterPatterns, question_marks_beside_other_terms_are_ignored) {
  EXPECT_TRUE(fits("?ERROR REQUEST", "BAD REQUEST"));
  EXPECT_FALSE(fits("?ERROR REQUEST", "ERROR"));
  EXPECT_TRUE(fits("?ERROR -DEBUG", "INFO"));
}

TEST(FilterPatterns, words_of_other_characters_are_refused) {
  EXPECT_EQ(fault_of("user-name:x"), "Invalid character(s) in term 'user-name:x'");
  EXPECT_EQ(fault_of("\"\""), "Invalid character(s) in term '\"\"'");
  EXPECT_EQ(fault_of("\"open"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("-"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("snake_case 404"), "none");
}

TEST(FilterPatterns, an_expression_is_looked_for_anywhere) {
  EXPECT_TRUE(fits("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"));
  EXPECT_TRUE(fits("%AUTHORIZED%", "[SUCCESS 200] AUTHORIZED REQUEST"));
  EXPECT_TRUE(fits("%^[hc]at%", "hat"));
  EXPECT_FALSE(fits("%^[hc]at%", "a hat"));
  EXPECT_TRUE(fits("%[hc]at$%", "a cat"));
  EXPECT_FALSE(fits("%[hc]at$%", "cats"));
  EXPECT_TRUE(fits("%colou?r%", "color"));
  EXPECT_TRUE(fits("%colou?r%", "colour"));
  EXPECT_TRUE(fits("%[abcx-z]%", "--y--"));
  EXPECT_FALSE(fits("%[abcx-z]%", "d"));
  EXPECT_TRUE(fits("%gra|ey%", "gra"));
  EXPECT_TRUE(fits("%10\\.10\\.0\\.1%", "at 10.10.0.1"));
  EXPECT_FALSE(fits("%10\\.10\\.0\\.1%", "at 10a10.0.1"));
  EXPECT_TRUE(fits("%ab*c%", "ac"));
  EXPECT_TRUE(fits("%ab*c%", "abbbc"));
  EXPECT_FALSE(fits("%ab+c%", "ac"));
  EXPECT_TRUE(fits("%.at%", "hat"));
  EXPECT_FALSE(fits("%^.at%", "at"));
  EXPECT_TRUE(fits("%\\d{3}-\\d{2,4}%", "123-45"));
  EXPECT_FALSE(fits("%^\\d{3}-\\d{2,4}$%", "123-45678"));
  EXPECT_TRUE(fits("%^a{3,5}$%", "aaaa"));
  EXPECT_FALSE(fits("%^a{3,5}$%", "aa"));
  EXPECT_FALSE(fits("%^a{3,5}$%", "aaaaaa"));
  EXPECT_TRUE(fits("%\\w\\s\\w%", "a b"));
  EXPECT_TRUE(fits("%\\D\\S\\W%", "a1-"));
  EXPECT_TRUE(fits("%\\x28x\\x29%", "f(x)"));
  EXPECT_TRUE(fits("%^a.b$%",
                   "a\xC3\xA9"
                   "b"));
  EXPECT_TRUE(fits("%^a|b$%", "cb"));
  EXPECT_FALSE(fits("%^a|b$%", "cbc"));
  EXPECT_TRUE(fits("%^$%", ""));
  EXPECT_TRUE(fits("%[^a-z]%", "abcD"));
}

TEST(FilterPatterns, expressions_that_aws_does_not_take) {
  EXPECT_EQ(fault_of("%something!%"), "Invalid character(s) in term '%something!%'");
  EXPECT_EQ(fault_of("%(a|b)%"), "Invalid character(s) in term '%(a|b)%'");
  EXPECT_EQ(fault_of("%a{2}{3}%"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("%*a%"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("%[b-a]%"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("%.{1,9999}%"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("%a% %b%"), "none");
  EXPECT_EQ(fault_of("%a% %b% %c%"), "Invalid filter pattern");
}

TEST(FilterPatterns, a_hostile_expression_takes_linear_time) {
  const std::string text(100'000, 'a');
  EXPECT_FALSE(fits("%a{0,300}a{0,300}a{0,300}b%", text));
}

TEST(FilterPatterns, selectors_of_json) {
  EXPECT_TRUE(fits("{ $.eventType = \"UpdateTrail\" }", trail));
  EXPECT_TRUE(fits("{$.eventType=UpdateTrail}", trail));
  EXPECT_FALSE(fits("{ $.eventType = \"Update\" }", trail));
  EXPECT_TRUE(fits("{ $.sourceIPAddress != 123.123.* }", trail));
  EXPECT_FALSE(fits("{ $.sourceIPAddress != 111.111.* }", trail));
  EXPECT_TRUE(fits("{ $.arrayKey[0] = \"value\" }", trail));
  EXPECT_TRUE(fits("{ $.arrayKey[1] = \"*value\" }", trail));
  EXPECT_TRUE(fits("{ $.objectList[1].id = 2 }", trail));
  EXPECT_TRUE(fits("{ $.['cluster.name'] = \"c\" }", trail));
  EXPECT_TRUE(fits("{ $.objectList[*].name = b }", trail));
  EXPECT_FALSE(fits("{ $.objectList[*].name = x }", trail));
  EXPECT_TRUE(fits("{ $.eventType = %Trail% }", trail));
  EXPECT_TRUE(fits("{ $.arrayKey[0] = %val.{2}% }", trail));
  EXPECT_FALSE(fits("{ $.eventType = \"UpdateTrail\" }", "eventType UpdateTrail"));
}

TEST(FilterPatterns, what_a_selector_does_not_lead_to_is_neither_equal_nor_unequal) {
  EXPECT_FALSE(fits("{ $.missing = x }", trail));
  EXPECT_FALSE(fits("{ $.missing != x }", trail));
  EXPECT_FALSE(fits("{ $.objectList = x }", trail));
  EXPECT_FALSE(fits("{ $.objectList != x }", trail));
  EXPECT_FALSE(fits("{ $.objectList = * }", trail));
  EXPECT_TRUE(fits("{ $.eventType = * }", trail));
}

TEST(FilterPatterns, numbers_of_json) {
  EXPECT_TRUE(fits("{ $.bandwidth > 50 }", user));
  EXPECT_FALSE(fits("{ $.bandwidth > 75 }", user));
  EXPECT_TRUE(fits("{ $.bandwidth < 75 }", user));
  EXPECT_TRUE(fits("{ $.bandwidth >= 5.05e1 }", user));
  EXPECT_TRUE(fits("{ $.errorCode = 400 }", user));
  EXPECT_TRUE(fits("{ $.errorCode = +400.0 }", user));
  EXPECT_TRUE(fits("{ $.errorCode != 200 }", user));
  EXPECT_TRUE(fits("{ $.errorCode = 4* }", user));
  EXPECT_FALSE(fits("{ $.user.email > 5 }", user));
  EXPECT_EQ(fault_of("{ $.size > many }"), "Invalid filter pattern");
}

TEST(FilterPatterns, null_true_false_and_existence) {
  EXPECT_TRUE(fits("{ $.SomeObject IS NULL }", trail));
  EXPECT_FALSE(fits("{ $.eventType IS NULL }", trail));
  EXPECT_TRUE(fits("{ $.SomeOtherObject NOT EXISTS }", trail));
  EXPECT_FALSE(fits("{ $.SomeObject NOT EXISTS }", trail));
  EXPECT_TRUE(fits("{ $.match IS TRUE }", user));
  EXPECT_TRUE(fits("{ $.done IS FALSE }", user));
  EXPECT_FALSE(fits("{ $.match IS FALSE }", user));
}

TEST(FilterPatterns, compound_conditions_of_json) {
  EXPECT_TRUE(fits("{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }", user));
  EXPECT_FALSE(fits(
      "{ ($.user.id = 2 && $.users[0].email = \"nonmatch\") || $.actions[2] = \"GET\" }", user));
  EXPECT_TRUE(
      fits("{ $.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\" && "
           "$.actions[2] = \"nonmatch\" }",
           user));
  EXPECT_FALSE(
      fits("{ ($.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\") "
           "&& $.actions[2] = \"nonmatch\" }",
           user));
  EXPECT_TRUE(fits("{ $.coordinates[1][2] = 6 }", user));
}

TEST(FilterPatterns, json_patterns_that_are_none) {
  EXPECT_EQ(fault_of("{ $.a = 1"), "If a filter pattern starts with '{' it must end with '}'");
  for (const std::string_view pattern :
       {"{}", "{ $.a }", "{ a = 1 }", "{ $.a = 1 && }", "{ ($.a = 1 }", "{ $.a == }", "{ $ = 1 }",
        "{ $.a[ = 1 }", "{ $.a[*][*] = 1 }", "{ $.a = \"x }", "{ $.a = 1 $.b = 2 }",
        "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }"})
    EXPECT_EQ(fault_of(pattern), "Invalid filter pattern") << pattern;
}

TEST(FilterPatterns, fields_between_spaces) {
  EXPECT_TRUE(fits("[ip, user, username, timestamp, request, status_code, bytes]", access));
  EXPECT_FALSE(fits("[ip, user, username, timestamp, request, status_code]", access));
  EXPECT_TRUE(fits(
      "[ip, user, username, timestamp, request = *.gif*, status_code = 2*, bytes > 1000]", access));
  EXPECT_FALSE(
      fits("[ip, user, username, timestamp, request = *.html*, status_code = 4*, bytes]", access));
  EXPECT_TRUE(fits("[..., status_code = 2*, bytes]", access));
  EXPECT_TRUE(fits("[ip, ..., bytes < 2000]", access));
  EXPECT_FALSE(fits("[ip, ..., bytes > 2000]", access));
  EXPECT_TRUE(fits("[..., request = *.gif*, status_code = 2*,]", access));
  EXPECT_TRUE(
      fits("[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.gif*, "
           "status_code = 200, bytes]",
           access));
  EXPECT_TRUE(fits("[..., user = frank, ...]", access));
  EXPECT_FALSE(fits("[..., user = jane, ...]", access));
  EXPECT_TRUE(fits("[]", access));
}

TEST(FilterPatterns, conditions_of_one_field) {
  EXPECT_TRUE(fits("[w1=ERROR, w2]", "ERROR code"));
  EXPECT_TRUE(fits("[w1=ERROR || w1=%WARN%, w2]", "WARNING code"));
  EXPECT_TRUE(fits("[w1!=ERROR&&w1!=WARN, w2]", "INFO code"));
  EXPECT_FALSE(fits("[w1!=ERROR&&w1!=WARN, w2]", "WARN code"));
  EXPECT_TRUE(fits("[w1=\"two words\", w2]", "\"two words\" code"));
  EXPECT_EQ(fault_of("[status_code = 4* && bytes > 1000]"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("[status_code > many]"), "Invalid filter pattern");
  EXPECT_EQ(fault_of("[a, b"), "If a filter pattern starts with '[' it must end with ']'");
}

TEST(FilterPatterns, values_are_extracted) {
  EXPECT_THAT(
      FilterPattern("[ip, , user, timestamp, ..., size]").extract(access),
      ElementsAre(Pair("$2", "-"), Pair("$5", "GET /apache_pb.gif HTTP/1.0"), Pair("$6", "200"),
                  Pair("$ip", "127.0.0.1"), Pair("$size", "1534"),
                  Pair("$timestamp", "10/Oct/2000:13:25:15 -0700"), Pair("$user", "frank")));
  EXPECT_THAT(FilterPattern("{ $.user.id = 1 || $.missing = 2 }").extract(user),
              ElementsAre(Pair("$.user.id", "1")));
  EXPECT_EQ(FilterPattern("[..., size]").find("$size", access), "1534");
  EXPECT_EQ(FilterPattern("{ $.user.id = 1 }").find("$.bandwidth", user), "50.5");
  EXPECT_EQ(FilterPattern("{ $.user.id = 1 }").find("$.nothing", user), std::nullopt);
}

}  // namespace matinee::logs::filters
