// Filter policies of SNS as AWS answered them.
#include <fmt/format.h>

#include "patterns/pattern.h"

namespace matinee::patterns {
namespace {

std::string error(std::string_view policy, Dialect dialect = Dialect::sns_attributes) {
  const auto compiled = Pattern::compile(dialect, policy);
  return compiled ? "none" : compiled.error().message;
}

/// With the place as "@column".
std::string reason(const std::string& policy, const std::string& echoed = "") {
  std::string text = error(policy, Dialect::sns_body);
  const std::string begin = "FilterPolicy: ";
  EXPECT_TRUE(text.starts_with(begin)) << text;
  text.erase(0, begin.size());
  const std::string source =
      "\n at [Source: (String)\"" + (echoed.empty() ? policy : echoed) + "\"; line: 1, column: ";
  if (const std::size_t at = text.find(source); at != std::string::npos) {
    text.replace(at, source.size(), " @");
    text.pop_back();
  }
  return text;
}

TEST(FilterPolicy, attributes_match_by_their_types) {
  const auto policy = Pattern::compile(
      Dialect::sns_attributes, R"({"store":["value1"],"price":[{"numeric":[">",0,"<=",100]}]})");
  Event message;
  message.add_array("store", R"(["value2", "value1", true, 5])");
  message.add_number("price", "99.12");
  EXPECT_TRUE(policy->matches(message));
  message.clear();
  message.add_text("store", "value1");
  message.add_text("price", "99.12");
  EXPECT_FALSE(policy->matches(message)) << "the price is a text";
  message.clear();
  message.add_text("store", "value1");
  message.add_number("price", "111");
  EXPECT_EQ(policy->explain(message).text,
            "The event does not match: price is 111 and must be a number above 0 and at most 100.");
}

TEST(FilterPolicy, only_arrays_of_scalars_are_arrays_of_texts) {
  Event message;
  for (const char* array : {"", "x", "{}", "[", "[1,]", "[[1]]", R"([{"a":1}])", "[1] 2"})
    EXPECT_FALSE(message.add_array("a", array)) << array;
  EXPECT_TRUE(message.empty());
  EXPECT_TRUE(message.add_array("a", " [ ] "));
  EXPECT_TRUE(message.empty());
}

TEST(FilterPolicy, an_empty_policy_matches_everything) {
  Event message;
  for (const char* policy : {"{}", " { } "})
    EXPECT_TRUE(Pattern::compile(Dialect::sns_attributes, policy)->matches(message));
}

TEST(FilterPolicy, a_body_matches_as_events_do) {
  const auto policy = Pattern::compile(
      Dialect::sns_body,
      R"({"object":{"key":[{"prefix":"auto-"},"hardcodedvalue"],"nested_key":[{"exists":false}]},)"
      R"("test":[{"exists":false}]})");
  const auto matches = [&](std::string_view body) {
    Event message;
    return message.parse(body) && policy->matches(message);
  };
  EXPECT_TRUE(matches(R"({"object":{"key":"auto-test"}})"));
  EXPECT_TRUE(matches(R"({"object":{"key":"hardcodedvalue"}})"));
  for (const char* body :
       {R"({"object":{"key":"test-auto"}})", R"({"object":{"key":"auto-test"},"test":1})",
        R"({"object":{"key":"auto-test","nested_key":1}})", R"({"object":{}})", R"({"test":1})",
        "text", R"("text")", "[]"})
    EXPECT_FALSE(matches(body)) << body;
}

TEST(FilterPolicy, operators_are_refused_with_the_place_in_the_compact_text) {
  EXPECT_EQ(reason(R"({"key":[["value"]]})"),
            "Match value must be String, number, true, false, or null @10");
  EXPECT_EQ(
      reason(R"({"key": [{"wrong-operator" : true}]})", R"({"key":[{"wrong-operator":true}]})"),
      "Unrecognized match type wrong-operator @31");
  EXPECT_EQ(reason(R"({"key":[{"suffix":"value","prefix":"value2"}]})"),
            "Only one key allowed in match expression @37");
  EXPECT_EQ(reason(R"({"key":[]})"), "Empty arrays are not allowed @10");
  EXPECT_EQ(reason(R"({"key":[{"suffix":100}]})"), "suffix match pattern must be a string @22");
  EXPECT_EQ(reason(R"({"key":[{"suffix":null}]})"), "suffix match pattern must be a string @23");
  EXPECT_EQ(reason(R"({"key":[{"suffix":[]}]})"), "suffix match pattern must be a string @20");
  EXPECT_EQ(reason(R"({"key":{"suffix":"value"}})"),
            "\"suffix\" must be an object or an array @19");
  EXPECT_EQ(reason(R"({"key":{"not-an-operator":"value"}})"),
            "\"not-an-operator\" must be an object or an array @28");
  EXPECT_EQ(reason(R"({"key":[{"cidr":["bad-filter"]}]})"),
            "prefix match pattern must be a string @18");
  EXPECT_EQ(reason(R"({"key":[{"cidr":"xxxx:db8:1234:1a00::/64"}]})"),
            "Nonstandard IP address: xxxx:db8:1234:1a00::");
  EXPECT_EQ(reason(R"({"key":[{"anything-but":{"wrong-operator":null}}]})"),
            "Unsupported anything-but pattern: wrong-operator @47");
  EXPECT_EQ(reason(R"({"key":[{"anything-but":{"suffix":"test"}}]})"),
            "Unsupported anything-but pattern: suffix @36");
  EXPECT_EQ(reason(R"({"key":[{"anything-but":{"exists":false}}]})"),
            "Unsupported anything-but pattern: exists @40");
  EXPECT_EQ(reason(R"({"key":[{"anything-but":{"prefix":false}}]})"),
            "prefix match pattern must be a string @40");
}

TEST(FilterPolicy, what_is_no_json_is_refused_without_its_text) {
  constexpr std::string_view kPlace =
      "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
      "line: 1, column: ";
  EXPECT_EQ(error("{invalidjson}"),
            fmt::format("FilterPolicy: failed to parse JSON. Unexpected character ('i' (code "
                        "105)): was expecting double-quote to start field name{}2]",
                        kPlace));
  EXPECT_EQ(error("invalid-json"),
            fmt::format("FilterPolicy: failed to parse JSON. Unrecognized token 'invalid': was "
                        "expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
                        "'false'){}8]",
                        kPlace));
}

TEST(FilterPolicy, nesting_needs_the_scope_of_the_body) {
  EXPECT_EQ(error(R"({"a":{"b":["x"]}})"),
            "Filter policy scope MessageAttributes does not support nested filter policy");
  EXPECT_EQ(error(R"({"key":{"suffix":"value"}})").substr(0, 22), "FilterPolicy: \"suffix\"");
  EXPECT_EQ(error(R"({"a":{"b":["x"]}})", Dialect::sns_body), "none");
}

std::string values(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += fmt::format("{}\"v{}\"", i == 0 ? "" : ",", i);
  return "[" + list + "]";
}

TEST(FilterPolicy, keys_and_combinations_are_limited) {
  EXPECT_EQ(error(R"({"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"]})"), "none");
  EXPECT_EQ(error(R"({"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]})"),
            "FilterPolicy: Filter policy can not have more than 5 keys");
  const std::string too_complex = "FilterPolicy: Filter policy is too complex";
  EXPECT_EQ(error(fmt::format(R"({{"a":{}}})", values(150))), "none");
  EXPECT_EQ(error(fmt::format(R"({{"a":{}}})", values(151))), too_complex);
  const auto choice = [](int sources) {
    return fmt::format(R"({{"source":{},"$or":[{{"metricName":{}}},)"
                       R"({{"metricType":{},"$or":[{{"metricId":{}}},{{"spaceId":{}}}]}}]}})",
                       values(sources), values(6), values(4), values(4), values(7));
  };
  EXPECT_EQ(error(choice(3)), "none") << "18 + 48 + 84";
  EXPECT_EQ(error(choice(4)), too_complex) << "24 + 64 + 64";
  EXPECT_EQ(error(fmt::format(R"({{"a":{{"b":{}}}}})", values(75)), Dialect::sns_body), "none");
  EXPECT_EQ(error(fmt::format(R"({{"a":{{"b":{}}}}})", values(76)), Dialect::sns_body), too_complex)
      << "the values count twice at the second level";
}

}  // namespace
}  // namespace matinee::patterns
