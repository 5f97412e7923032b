#include "services/events/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

#include "protocol/error.h"

namespace matinee::events {
namespace {

const std::string event =
    R"({"version":"0","id":"7bf73129","detail-type":"State Change","source":"aws.ec2",)"
    R"("account":"123456789012","time":"2015-11-11T21:29:54Z","region":"us-east-1",)"
    R"("resources":["arn:a","arn:b"],"detail":{"instance-id":"i-0123","state":"RUN\"NING",)"
    R"("count": 3,"none":null,"yes":true,"nested":{"list":[{"id":"x"},{"id":"y"},{"no":1}]},)"
    R"("brackets":"]}{[","same":1,"same":2,"a.b":"dot","caf\u00e9":"code"}})";

constexpr InputContext context{.rule_arn = "arn:aws:events:us-east-1:123456789012:rule/r",
                               .rule_name = "r",
                               .ingestion_time = "2026-01-02T03:04:05Z"};

using Paths = std::map<std::string, std::string>;

std::string applied(const Target& target) {
  return TargetInput::compile(target).apply(event, context);
}
std::string by_path(const std::string& path) {
  return applied({.id = "t", .arn = "a", .input_path = path});
}
Target transformer(const std::string& text, const Paths& paths = {}) {
  return {.id = "t",
          .arn = "a",
          .input_transformer = InputTransformer{.input_paths_map = paths, .input_template = text}};
}
std::string transformed(const std::string& text, const Paths& paths = {}) {
  return applied(transformer(text, paths));
}
std::string error_of(const Target& target) {
  try {
    TargetInput::compile(target);
  } catch (const protocol::ServiceError& error) {
    return error.code() + ": " + error.message();
  }
  return "";
}

TEST(Inputs, a_target_without_settings_gets_the_event) {
  EXPECT_EQ(applied({.id = "t", .arn = "a"}), event);
  EXPECT_TRUE(TargetInput::compile({.id = "t", .arn = "a"}).is_whole());
}

TEST(Inputs, a_constant_must_be_json) {
  EXPECT_EQ(applied({.id = "t", .arn = "a", .input = R"({"a": 1})"}), R"({"a": 1})");
  EXPECT_EQ(error_of({.id = "t", .arn = "a", .input = "{a}"}),
            "ValidationException: JSON syntax error in input for target t.");
}

TEST(Inputs, a_path_gives_the_json_of_a_part) {
  EXPECT_EQ(by_path("$"), event);
  EXPECT_EQ(by_path("$.source"), R"("aws.ec2")");
  EXPECT_EQ(by_path("$.detail.state"), R"("RUN\"NING")");
  EXPECT_EQ(by_path("$.detail.count"), "3");
  EXPECT_EQ(by_path("$.detail.none"), "null");
  EXPECT_EQ(by_path("$.detail.brackets"), R"("]}{[")");
  EXPECT_EQ(by_path("$.detail.nested.list[1]"), R"({"id":"y"})");
  EXPECT_EQ(by_path("$['detail']['a.b']"), R"("dot")");
  EXPECT_EQ(by_path("$.detail-type"), R"("State Change")");
  EXPECT_EQ(by_path("$.detail.caf\u00e9"), R"("code")");
  EXPECT_EQ(by_path(""), event);
}

TEST(Inputs, of_equal_names_the_last_one_counts) {
  EXPECT_EQ(by_path("$.detail.same"), "2");
}

TEST(Inputs, a_star_gives_a_list) {
  EXPECT_EQ(by_path("$.resources[*]"), R"(["arn:a","arn:b"])");
  EXPECT_EQ(by_path("$.detail.nested.list[*].id"), R"(["x","y"])");
  EXPECT_EQ(by_path("$.detail.nested.*[0].id"), R"(["x"])");
  EXPECT_EQ(by_path("$.detail.nowhere[*]"), "[]");
}

TEST(Inputs, a_path_that_finds_nothing_gives_the_empty_text) {
  EXPECT_EQ(by_path("$.notexisting"), R"("")");
  EXPECT_EQ(by_path("$.resources[2]"), R"("")");
  EXPECT_EQ(by_path("$.source.deeper"), R"("")");
}

TEST(Inputs, what_is_no_path_is_refused) {
  for (const char* path : {"detail", "$detail", "$..x", "$.a[", "$.a[x]", "$.a b", "$.a[-1]"})
    EXPECT_EQ(error_of({.id = "t", .arn = "a", .input_path = path}),
              "ValidationException: Invalid InputPath for target t.")
        << path;
}

TEST(Inputs, a_text_template_keeps_its_quotes) {
  EXPECT_EQ(
      transformed(R"("Event of <type> type, at time <when>, {[/ of <count>")",
                  {{"type", "$.detail-type"}, {"when", "$.time"}, {"count", "$.detail.count"}}),
      R"("Event of State Change type, at time 2015-11-11T21:29:54Z, {[/ of 3")");
  EXPECT_EQ(transformed("\"one <a>\"\n\"two <b>\"", {{"a", "$.source"}, {"b", "$.region"}}),
            "\"one aws.ec2\"\n\"two us-east-1\"");
  EXPECT_EQ(transformed(R"("instance \"<i>\" is")", {{"i", "$.detail.instance-id"}}),
            R"("instance \"i-0123\" is")");
}

TEST(Inputs, a_json_template_quotes_texts_where_they_stand_bare) {
  EXPECT_EQ(transformed(R"({"i" : <i>, "n": <n>, "o": <o>, "l": [<l>], "s": "is <s>, <n>"})",
                        {{"i", "$.detail.instance-id"},
                         {"n", "$.detail.count"},
                         {"o", "$.detail.nested.list[0]"},
                         {"l", "$.resources"},
                         {"s", "$.detail.state"}}),
            R"({"i" : "i-0123", "n": 3, "o": {"id":"x"}, "l": [["arn:a","arn:b"]],)"
            R"( "s": "is RUN\"NING, 3"})");
  EXPECT_EQ(transformed("<d>", {{"d", "$.resources"}}), R"(["arn:a","arn:b"])");
}

TEST(Inputs, objects_lose_their_quotes_within_a_text) {
  EXPECT_EQ(
      transformed(R"("is <o> <l>")", {{"o", "$.detail.nested.list[0]"}, {"l", "$.resources"}}),
      R"("is {id:x} [arn:a,arn:b]")");
}

TEST(Inputs, what_is_missing_is_empty) {
  EXPECT_EQ(transformed(R"({"a": <m>, "b": "x<m>y"})", {{"m", "$.detail.missing"}}),
            R"({"a": "", "b": "xy"})");
}

TEST(Inputs, reserved_variables_need_no_path) {
  EXPECT_EQ(transformed(R"({"a":<aws.events.rule-arn>,"n":"<aws.events.rule-name>",)"
                        R"("t":<aws.events.event.ingestion-time>})"),
            R"({"a":"arn:aws:events:us-east-1:123456789012:rule/r","n":"r",)"
            R"("t":"2026-01-02T03:04:05Z"})");
  EXPECT_EQ(transformed(R"({"e":<aws.events.event.json>})"), R"({"e":)" + event + "}");
  EXPECT_EQ(transformed("<aws.events.event>"), event.substr(0, event.find(R"(,"detail":)")) + "}");
}

TEST(Inputs, brackets_can_be_escaped) {
  EXPECT_EQ(transformed(R"("\<source\> is <source>, 1 < 2")", {{"source", "$.source"}}),
            R"("<source> is aws.ec2, 1 < 2")");
}

TEST(Inputs, an_unknown_variable_is_refused) {
  EXPECT_EQ(error_of(transformer(R"("<a> and <b>")", {{"a", "$.source"}})),
            "ValidationException: InputTemplate for target t contains invalid placeholder b.");
  EXPECT_EQ(error_of(transformer("<aws.events.other>")),
            "ValidationException: InputTemplate for target t contains invalid placeholder "
            "aws.events.other.");
}

TEST(Inputs, a_template_must_be_json) {
  for (const char* text :
       {"plain <a>", "{<a>: 1}", R"({"a": <a><a>})", R"({"a": )", R"("open)", " "})
    EXPECT_THAT(error_of(transformer(text, {{"a", "$.source"}})),
                testing::StartsWith("ValidationException: Invalid InputTemplate for target t : "
                                    "[Source: (String)\""))
        << text;
}

TEST(Inputs, only_one_setting_may_be_given) {
  Target target = transformer("<aws.events.event>");
  target.input = "1";
  EXPECT_EQ(error_of(target),
            "ValidationException: Only one of Input, InputPath, or InputTransformer must be "
            "provided for target t.");
}

/// A random JSON value with variables, bare and in texts.
std::string random_template(std::mt19937& random, int depth) {
  const char* variables[] = {"<a>", "<b>", "<c>", "<d>", "<aws.events.rule-name>"};
  const auto pick = [&](unsigned most) { return random() % most; };
  switch (pick(depth > 0 ? 5 : 3)) {
    case 0:
      return variables[pick(5)];
    case 1:
      return std::string("\"x ") + variables[pick(5)] + R"( \" \\)" + variables[pick(5)] + "\"";
    case 2:
      return pick(2) ? "17" : "null";
    case 3:
      return "[" + random_template(random, depth - 1) + ", " + random_template(random, depth - 1) +
             "]";
    default:
      return R"({"k": )" + random_template(random, depth - 1) + R"(, "l":)" +
             random_template(random, depth - 1) + "}";
  }
}

TEST(Inputs, templates_of_json_give_json) {
  const char* paths[] = {"$.detail",          "$.detail.state", "$.detail.missing",
                         "$.resources[*]",    "$.detail.count", "$",
                         "$.detail.nested.*", "$['source']",    "$.detail.brackets"};
  std::mt19937 random(7);
  simdjson::dom::parser parser;
  for (int round = 0; round < 3000; ++round) {
    Paths map;
    for (const char* name : {"a", "b", "c", "d"}) map[name] = paths[random() % std::size(paths)];
    const std::string text = random_template(random, 4);
    const std::string result = transformed(text, map);
    simdjson::dom::element root;
    ASSERT_FALSE(parser.parse(result).get(root)) << text << '\n' << result;
  }
}

}  // namespace
}  // namespace matinee::events
