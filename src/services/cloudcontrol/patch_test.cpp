#include "services/cloudcontrol/patch.h"

#include <gtest/gtest.h>

#include "templates/text_readers.h"

namespace matinee::cloudcontrol {
namespace {

std::string patched(std::string_view document, std::string_view patch) {
  try {
    return to_json(apply_patch(templates::read_json(document), templates::read_json(patch)));
  } catch (const PatchError& error) {
    return error.what();
  }
}

TEST(JsonPatch, adds_replaces_and_removes) {
  EXPECT_EQ(patched(R"({"a":1,"l":[1,2]})", R"([{"op":"add","path":"/b","value":{"c":1}},
      {"op":"replace","path":"/a","value":2},{"op":"add","path":"/l/1","value":9},
      {"op":"add","path":"/l/-","value":3},{"op":"remove","path":"/l/0"}])"),
            R"({"a":2,"l":[9,2,3],"b":{"c":1}})");
  EXPECT_EQ(patched(R"({"a/b":1,"m~n":2})", R"([{"op":"remove","path":"/a~1b"},
      {"op":"replace","path":"/m~0n","value":3}])"),
            R"({"m~n":3})");
}

TEST(JsonPatch, moves_copies_and_tests) {
  EXPECT_EQ(patched(R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"},
      {"op":"move","from":"/a/b","path":"/d"},{"op":"test","path":"/d","value":1}])"),
            R"({"a":{},"c":{"b":1},"d":1})");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])"),
            "value differs from expectations: /a");
}

TEST(JsonPatch, refuses_what_is_not_there_or_no_patch) {
  EXPECT_EQ(patched("{}", R"([{"op":"remove","path":"/a"}])"),
            "no such path in target JSON document: /a");
  EXPECT_EQ(patched(R"({"l":[1]})", R"([{"op":"add","path":"/l/5","value":1}])"),
            "no such path in target JSON document: /l/5");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"add","path":"/a/b","value":1}])"),
            "no such path in target JSON document: /a/b");
  EXPECT_EQ(patched("{}", R"([{"op":"swap","path":"/a"}])"), "there is no operation swap");
  EXPECT_EQ(patched("{}", R"([{"op":"add","path":"a","value":1}])"), "a is no JSON Pointer");
  EXPECT_EQ(patched("{}", R"([{"op":"add","path":"/a"}])"), "an operation without value");
  EXPECT_EQ(patched("{}", R"({"op":"add"})"), "a patch is a list of operations");
  EXPECT_EQ(patched("{}", R"([{"op":"replace","path":"","value":{}}])"), "{}");
}

}  // namespace
}  // namespace matinee::cloudcontrol
