// Patterns and events as AWS answered them.
#include "patterns/pattern.h"

#include <fmt/format.h>

namespace matinee::patterns {
namespace {

Event event_of(std::string_view json) {
  Event event;
  EXPECT_TRUE(event.parse(json)) << json;
  return event;
}

Pattern pattern_of(std::string_view json, Dialect dialect = Dialect::event_bus) {
  auto pattern = Pattern::compile(dialect, json);
  if (!pattern) throw std::runtime_error(pattern.error().message);
  return *std::move(pattern);
}

bool matches(std::string_view pattern, std::string_view event) {
  return pattern_of(pattern).matches(event_of(event));
}

std::string error(std::string_view pattern, Dialect dialect = Dialect::event_bus) {
  const auto compiled = Pattern::compile(dialect, pattern);
  return compiled ? "none" : compiled.error().message;
}

/// The message without what stands around it for every pattern of an event bus.
std::string reason(const std::string& pattern) {
  std::string text = error(pattern);
  const std::string begin = "Event pattern is not valid. Reason: ";
  EXPECT_TRUE(text.starts_with(begin)) << text;
  text.erase(0, begin.size());
  const std::string source = "\n at [Source: (String)\"" + pattern + "\"; line: 1, column: ";
  for (std::size_t at = text.find(source); at != std::string::npos; at = text.find(source)) {
    text.replace(at, source.size(), " @");
    text.erase(text.find(']', at), 1);
  }
  return text;
}

TEST(Pattern, values_are_compared_exactly) {
  EXPECT_TRUE(matches(R"({"boolean":[false]})", R"({"boolean":false})"));
  EXPECT_FALSE(matches(R"({"boolean":[false]})", R"({"boolean":true})"));
  EXPECT_TRUE(matches(R"({"a":[null]})", R"({"a":null})"));
  EXPECT_FALSE(matches(R"({"a":[null]})", R"({"a":"null"})"));
  EXPECT_FALSE(matches(R"({"resources":[null]})", R"({"resources":[]})"));
  EXPECT_FALSE(matches(R"({"a":["x"]})", R"({"a":"X"})"));
  EXPECT_TRUE(matches(R"({"a":[""]})", R"({"a":"","b":[],"c":null})"));
  EXPECT_TRUE(matches(R"({"a":["*","\\"]})", R"({"a":"\\"})"));
  EXPECT_FALSE(matches(R"({"detail":{"k":["v"]}})", R"({"detail":"{\"k\":\"v\"}"})"));
}

TEST(Pattern, numbers_are_equal_however_they_are_written) {
  for (const char* event : {R"({"a":300})", R"({"a":300.0})", R"({"a":3.0e2})"})
    EXPECT_TRUE(matches(R"({"a":[300]})", event)) << event;
  EXPECT_FALSE(matches(R"({"a":[300]})", R"({"a":"300"})"));
  EXPECT_TRUE(matches(R"({"a":[0]})", R"({"a":-0.0})"));
  EXPECT_TRUE(matches(R"({"a":[30000000000000000001]})", R"({"a":30000000000000000001})"));
  EXPECT_FALSE(matches(R"({"a":[30000000000000000001]})", R"({"a":30000000000000000000})"));
}

TEST(Pattern, dots_in_names_and_nesting_are_the_same_path) {
  EXPECT_TRUE(matches(R"({"detail":{"state":{"status":["running"]}}})",
                      R"({"detail":{"state.status":"running"}})"));
  EXPECT_TRUE(matches(R"({"detail":{"state.status":["running"]}})",
                      R"({"detail":{"state":{"status":"running"}}})"));
  EXPECT_FALSE(matches(R"({"state":{"status":["r"]}})", R"({"state.status":{"status":"r"}})"));
  EXPECT_FALSE(matches(R"({"state.status":{"status":["r"]}})", R"({"state":{"status":"r"}})"));
}

TEST(Pattern, existence_is_asked_of_values_only) {
  const std::string exists = R"({"a":{"b":[{"exists":true}]}})";
  EXPECT_TRUE(matches(exists, R"({"a":{"b":null}})"));
  EXPECT_FALSE(matches(exists, R"({"a":{"b":[]}})"));
  EXPECT_FALSE(matches(exists, R"({"a":{"b":{"c":1}}})"));
  EXPECT_FALSE(matches(exists, R"({"a":1})"));
  const std::string absent = R"({"a":{"b":[{"anything-but":["roses"]},{"exists":false}]}})";
  EXPECT_TRUE(matches(absent, R"({"a":{"b":"ABCD"}})"));
  EXPECT_TRUE(matches(absent, R"({"a":{"c":1}})"));
  EXPECT_TRUE(matches(absent, R"({"c":1})"));
  EXPECT_FALSE(matches(absent, R"({"a":{"b":"roses"}})"));
}

TEST(Pattern, texts_are_compared_by_their_ends_and_without_case) {
  EXPECT_TRUE(matches(R"({"a":[{"prefix":""}]})", R"({"a":"x"})"));
  EXPECT_FALSE(matches(R"({"a":[{"prefix":"1"}]})", R"({"a":12})"));
  EXPECT_TRUE(matches(R"({"a":[{"suffix":".png"}]})", R"({"a":"image.png"})"));
  EXPECT_FALSE(matches(R"({"a":[{"suffix":".PNG"}]})", R"({"a":"image.png"})"));
  EXPECT_TRUE(
      matches(R"({"a":[{"prefix":{"equals-ignore-case":"EventB"}}]})", R"({"a":"EvEnTb"})"));
  EXPECT_TRUE(
      matches(R"({"a":[{"suffix":{"equals-ignore-case":".png"}}]})", R"({"a":"image.PNG"})"));
  EXPECT_FALSE(
      matches(R"({"a":[{"suffix":{"equals-ignore-case":".png"}}]})", R"({"a":"image.jpg"})"));
  EXPECT_TRUE(matches(R"({"a":[{"equals-ignore-case":""}]})", R"({"a":""})"));
  EXPECT_TRUE(matches(R"({"a":[{"equals-ignore-case":"straße É"}]})", R"({"a":"STRASSE é"})"));
  EXPECT_TRUE(matches(R"({"a":[{"suffix":{"equals-ignore-case":"ÄΩ"}}]})", R"({"a":"die äω"})"));
}

TEST(Pattern, anything_but_needs_a_value_of_whatever_type) {
  const std::string event_null = R"({"a":null})";
  for (const char* excluded :
       {R"("x")", R"(["x","y"])", R"({"prefix":"x"})", R"({"suffix":["x","y"]})",
        R"({"equals-ignore-case":"X"})", R"({"wildcard":["*x*"]})", "1", "[1,2]"}) {
    const std::string pattern = std::string(R"({"a":[{"anything-but":)") + excluded + "}]}";
    EXPECT_TRUE(matches(pattern, event_null)) << pattern;
    EXPECT_TRUE(matches(pattern, R"({"a":12})")) << pattern;
    EXPECT_FALSE(matches(pattern, R"({"b":1})")) << pattern;
    EXPECT_FALSE(matches(pattern, R"({"a":[]})")) << pattern;
    EXPECT_EQ(matches(pattern, R"({"a":"x"})"),
              pattern.find('x') == std::string::npos && pattern.find('X') == std::string::npos)
        << pattern;
  }
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":["x"]}]})", R"({"a":["x","z"]})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":1}]})", R"({"a":1.0})"));
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":{"wildcard":""}}]})", R"({"a":"dir"})"));
}

TEST(Pattern, numbers_are_compared_in_ranges) {
  EXPECT_TRUE(matches(R"({"a":[{"numeric":[">",100]}]})", R"({"a":101.0})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":[">",100]}]})", R"({"a":"300"})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":[">=",200,"<=",500]}]})", R"({"a":500})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":[">=",200,"<",500]}]})", R"({"a":500})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":["=",3.018e2]}]})", R"({"a":301.8})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":[">",0,"<=",5]}],"b":[{"numeric":["<",10]}]})",
                       R"({"a":42,"b":9})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":[">",100]},{"anything-but":"101"}]})", R"({"a":"42"})"));
}

TEST(Pattern, wildcards_cross_everything) {
  const std::string event = R"({"a":"/Users/ls_user/dir/dir/dir/dir/dir/doc.txt"})";
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"/Users/*/doc.txt"}]})", event));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"/Users/*/dir/dir/dir/dir/dir/doc.txt"}]})", event));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"/Users/*/other/doc.txt"}]})", event));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":""}]})", event));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"a\\**"}]})", R"({"a":"a*b"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"x*x"}]})", R"({"a":"x"})"));
}

TEST(Pattern, addresses_are_compared_by_their_bits) {
  EXPECT_TRUE(matches(R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.0.255"})"));
  EXPECT_FALSE(matches(R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.0.256"})"));
  EXPECT_FALSE(matches(R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":123})"));
  EXPECT_TRUE(matches(R"({"a":[{"cidr":"2001:db8:1234:1a00::/64"}]})",
                      R"({"a":"2001:0db8:1234:1a00:0000:0000:0000:0000"})"));
  EXPECT_FALSE(matches(R"({"a":[{"cidr":"2001:db8:1234:1a00::/64"}]})",
                       R"({"a":"2001:0db8:123f:1a01:0000:0000:0000:0000"})"));
  EXPECT_TRUE(matches(R"({"a":["::1"]})", R"({"a":"0:0:0:0:0:0:0:1"})"));
}

TEST(Pattern, alternatives_stand_beside_what_must_hold_too) {
  const std::string pattern =
      R"({"source":["s"],"$or":[{"a":[1]},{"b":[1],"$or":[{"c":[1]},{"d":[1]}]}]})";
  EXPECT_TRUE(matches(pattern, R"({"source":"s","a":1})"));
  EXPECT_TRUE(matches(pattern, R"({"source":"s","b":1,"d":1})"));
  EXPECT_FALSE(matches(pattern, R"({"source":"s","b":1})"));
  EXPECT_FALSE(matches(pattern, R"({"source":"t","a":1})"));
}

TEST(Pattern, values_from_different_elements_of_an_array_do_not_match_together) {
  const std::string pattern = R"({"a":{"b":["x"],"c":["y"]}})";
  EXPECT_FALSE(matches(pattern, R"({"a":[{"b":"x"},{"c":"y"}]})"));
  EXPECT_TRUE(matches(pattern, R"({"a":[{"b":"z"},{"b":"x","c":["z","y"]}]})"));
  EXPECT_FALSE(matches(pattern, R"({"a":[[{"b":"x"}],[{"c":"y"}]]})"));
  EXPECT_TRUE(matches(pattern, R"({"a":{"b":["x"],"c":["z","y"]}})"));
  const std::string absent = R"({"a":{"b":["x"],"c":[{"exists":false}]}})";
  EXPECT_TRUE(matches(absent, R"({"a":[{"b":"x"},{"c":1}]})"));
  EXPECT_FALSE(matches(absent, R"({"a":[{"b":"x","c":1},{"c":1}]})"));
}

TEST(Pattern, a_choice_that_had_no_part_in_a_failure_is_not_tried_again) {
  std::string event = "{";
  std::string pattern = "{";
  for (char name = 'a'; name <= 'j'; ++name) {
    event += fmt::format(R"("{}":[)", name);
    for (int i = 0; i < 1000; ++i) event += i == 0 ? R"({"v":1,"w":2})" : R"(,{"v":1,"w":2})";
    event += "],";
    pattern += fmt::format(R"("{}":{{"v":[1]}},)", name);
  }
  pattern += R"("z":{"v":[1],"w":[2]}})";
  event += R"("z":[{"v":1},{"w":2}]})";
  EXPECT_FALSE(matches(pattern, event));
}

TEST(Pattern, what_is_no_json_is_refused_as_by_jackson) {
  constexpr std::string_view kExpected =
      ": was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  EXPECT_EQ(reason("this is valid json but not a dict"),
            fmt::format("Unrecognized token 'this'{} @5", kExpected));
  EXPECT_EQ(reason(R"({"not": closed mark")"),
            fmt::format("Unrecognized token 'closed'{} @15", kExpected));
  EXPECT_EQ(reason("{'bad': 'quotation'}"),
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name "
            "@2");
  EXPECT_EQ(reason(R"(["not", "a"])"), "Filter is not an object @2");
  EXPECT_EQ(error("{\n  \"a\": \"ü\"\n}"),
            "Event pattern is not valid. Reason: \"a\" must be an object or an array\n"
            " at [Source: (String)\"{\n  \"a\": \"ü\"\n}\"; line: 2, column: 9]");
}

TEST(Pattern, operators_are_refused_with_their_place) {
  EXPECT_EQ(reason(R"({"string": "my-value"})"), "\"string\" must be an object or an array @13");
  EXPECT_EQ(reason(R"({"a": [{"EXISTS": true}]})"), "Unrecognized match type EXISTS @23");
  EXPECT_EQ(reason(R"({"a": [{"NUMERIC": ["=", 5]}]})"), "Unrecognized match type NUMERIC @21");
  EXPECT_EQ(reason(R"({"a":[{"prefix":123}]})"), "prefix match pattern must be a string @20");
  EXPECT_EQ(reason(R"({"a":[{"wildcard":["x"]}]})"), "wildcard match pattern must be a string @20");
  EXPECT_EQ(reason(R"({"a":[{"numeric":[">",0,">",0]}]})"), "Bad numeric range operator: > @28");
  EXPECT_EQ(reason(R"({"a":[{"numeric":[">",0,"<"]}]})"), "Value of < must be numeric @29");
  EXPECT_EQ(reason(R"({"a":[{"numeric":10}]})"), "Value of numeric must be an array. @20");
  EXPECT_EQ(reason(R"({"a":[{"cidr":"bad-filter"}]})"), "Malformed CIDR, one '/' required");
  EXPECT_EQ(reason(R"({"a":[{"cidr":"xx.11.xx/8"}]})"), "Nonstandard IP address: xx.11.xx");
  EXPECT_EQ(reason(R"({"a":[{"cidr":"bad-/64filter"}]})"),
            "Malformed CIDR, mask bits must be an integer");
  EXPECT_EQ(reason(R"({"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]})"),
            "Rule is too complex - try using fewer wildcard characters or fewer repeating "
            "character sequences after a wildcard character");
}

TEST(Pattern, anything_but_is_refused_with_its_place_within_lists_twice) {
  const std::string value = "Value of anything-but must be an array or single string/number value.";
  EXPECT_EQ(reason(R"({"a":[{"anything-but":null}]})"), value + " @27");
  EXPECT_EQ(reason(R"({"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]})"),
            value + " @34");
  EXPECT_EQ(reason(R"({"detail": {"FileName": [{"anything-but": {"prefix": ""}}]}})"),
            "Null prefix/suffix not allowed @56");
  EXPECT_EQ(reason(R"({"a":[{"anything-but":{"suffix":[123,".txt"]}}]})"),
            "prefix/suffix match pattern must be a string @37 @37");
  EXPECT_EQ(reason(R"({"a":[{"anything-but":{"suffix":123}}]})"),
            "prefix/suffix match pattern must be a string @36");
  EXPECT_EQ(reason(R"({"a":[{"anything-but":{"wildcard":[123,"x"]}}]})"),
            "wildcard match pattern must be a string @39 @39");
  EXPECT_EQ(reason(R"({"a":[{"anything-but":{"equals-ignore-case":123}}]})"),
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not "
            "supported. @48");
}

TEST(Pattern, the_alternatives_of_a_pattern_have_a_limit) {
  std::string pattern = "{";
  for (int i = 0; i < 20; ++i)
    pattern +=
        fmt::format(R"({0}"n{1}":{{"$or":[{{"a":[1]}},{{"b":[1]}}]}})", i == 0 ? "" : ",", i);
  EXPECT_NE(error(pattern + "}"), "none");
}

TEST(Pattern, deep_nesting_is_refused_in_every_dialect) {
  std::string pattern;
  for (int i = 0; i < 100'000; ++i) pattern += R"({"a":)";
  for (const Dialect dialect :
       {Dialect::event_bus, Dialect::sns_attributes, Dialect::sns_body, Dialect::event_source})
    EXPECT_NE(error(pattern, dialect), "none");
  EXPECT_NE(error(pattern).find("Document nesting depth (1001) exceeds the maximum allowed (1000"),
            std::string::npos);
}

TEST(Pattern, wildcards_are_complex_by_their_stars_and_repetitions_not_by_their_number) {
  const auto is_complex = [](const std::string& wildcards) {
    return error(R"({"a":[)" + wildcards + "]}").find("too complex") != std::string::npos;
  };
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += fmt::format("{}{{\"wildcard\":\"image-{}-*.png\"}}", i == 0 ? "" : ",", i);
  EXPECT_FALSE(is_complex(many));
  EXPECT_FALSE(is_complex(R"({"wildcard":"*aaaaaaaa"})"));
  EXPECT_TRUE(is_complex(R"({"wildcard":"*aaaaaaaaaaaa"})"));
  EXPECT_TRUE(is_complex(R"({"anything-but":{"wildcard":"*:*:*:*:*:event-bus/*"}})"));
}

TEST(EventSourceFilter, whatever_is_wrong_is_said_in_one_sentence) {
  for (const char* pattern : {"null", "text", "[]", R"({"a":"b"})", R"({"a":[]})", "{"})
    EXPECT_EQ(error(pattern, Dialect::event_source), "Invalid filter pattern definition.");
  EXPECT_EQ(error(R"({"body":{"n":[{"numeric":[">",100]}]}})", Dialect::event_source), "none");
}

TEST(Explanation, it_says_what_is_wanted_and_what_is_there) {
  const Event event =
      event_of(R"({"source":"app","detail":{"state":"stopped","n":7,"ip":"10.1.0.1"}})");
  const auto text = [&](std::string_view pattern) {
    return pattern_of(pattern).explain(event).text;
  };
  EXPECT_EQ(text(R"({"source":["app"]})"), "The event matches.");
  EXPECT_EQ(text(R"({"detail":{"state":["running",{"prefix":"start"}]}})"),
            "The event does not match: detail.state is \"stopped\" and must be \"running\" or a "
            "text that begins with \"start\".");
  EXPECT_EQ(text(R"({"detail":{"n":[{"numeric":[">",0,"<=",5]},300],"m":[{"exists":true}]}})"),
            "The event does not match: detail.m is not in the event and must be any value; "
            "detail.n is 7 and must be a number above 0 and at most 5 or 300.");
  EXPECT_EQ(text(R"({"detail":{"ip":[{"cidr":"10.0.0.0/24"}]}})"),
            "The event does not match: detail.ip is \"10.1.0.1\" and must be an address in "
            "10.0.0.0/24.");
  EXPECT_EQ(text(R"({"$or":[{"source":["b"],"x":[1]},{"detail":{"state":["off"]}}]})"),
            "The event matches none of 2 alternatives; in the nearest detail.state is \"stopped\" "
            "and must be \"off\".");
}

TEST(Explanation, it_says_that_values_are_not_within_one_element) {
  const Explanation explanation = pattern_of(R"({"a":{"b":["x"],"c":["y"]}})")
                                      .explain(event_of(R"({"a":[{"b":"x"},{"c":"y"}]})"));
  ASSERT_EQ(explanation.failures.size(), 1U);
  EXPECT_EQ(explanation.failures[0].path, "a.c");
  EXPECT_EQ(explanation.text,
            "The event does not match: a.c would match, but not within the same element of an "
            "array as what else must match.");
}

TEST(Explanation, it_tells_each_leaf_of_a_pattern) {
  const Pattern pattern =
      pattern_of(R"({"$or":[{"n":[7]},{"n":[8]}],"state":["on"],"gone":[{"exists":false}]})");
  std::string told;
  for (const Leaf& leaf : pattern.leaves(event_of(R"({"n":7,"state":"off"})")))
    told += leaf.path + (leaf.holds ? " holds of " : " fails of ") +
            std::to_string(leaf.alternatives.size()) + ": " + leaf.found + "; ";
  EXPECT_EQ(told,
            "gone holds of 2: nothing; n holds of 1: 7; n fails of 1: 7; state fails of 2: "
            "\"off\"; ");
}

TEST(Explanation, a_leaf_that_others_leave_no_element_for_does_not_hold) {
  const std::vector<Leaf> leaves = pattern_of(R"({"a":{"b":["x"],"c":["y"]}})")
                                       .leaves(event_of(R"({"a":[{"b":"x"},{"c":"y"}]})"));
  ASSERT_EQ(leaves.size(), 2U);
  EXPECT_TRUE(leaves[0].holds);
  EXPECT_FALSE(leaves[1].holds);
  EXPECT_NE(leaves[1].sentence.find("not within the same element"), std::string::npos);
}

}  // namespace
}  // namespace matinee::patterns
