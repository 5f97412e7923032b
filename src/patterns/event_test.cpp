#include "patterns/event.h"

namespace matinee::patterns {
namespace {

/// "path=value" of all values, in the order of their paths' first values.
std::string shown(const Event& event) {
  std::string text;
  for (const Event::Group& group : event.groups())
    for (std::uint32_t i = group.first; i != Event::kNone; i = event.value(i).next) {
      if (!text.empty()) text += ' ';
      text += event.path_of(event.value(i)) + "=";
      text += event.value(i).text;
    }
  return text;
}

std::string read(std::string_view json) {
  Event event;
  return event.parse(json) ? shown(event) : "refused";
}

TEST(Event, values_stand_at_paths) {
  EXPECT_EQ(read(R"({"a":{"b":1,"c":["x",{"d":null}]},"a.b":true,"e":[],"f":{}})"),
            "a.b=1 a.b=true a.c=x a.c.d=null");
  EXPECT_EQ(read(" { } "), "");
  EXPECT_EQ(read(R"({"a":[[1,[2]],3]})"), "a=1 a=2 a=3");
  EXPECT_EQ(read(R"({"a":1,"a":2})"), "a=1 a=2");
}

TEST(Event, escapes_are_read) {
  EXPECT_EQ(read(R"({"a\n\"":"\u00e9\ud83d\ude00\\\/\t"})"), "a\n\"=é😀\\/\t");
  EXPECT_EQ(read(R"({"a":"\ud83d"})"), "a=?");
  EXPECT_EQ(read(R"({"a":"\ud83dx\ude00"})"), "a=?x?");
}

TEST(Event, what_is_no_json_object_is_refused) {
  for (const char* json : {"",
                           " ",
                           "[]",
                           "1",
                           R"("a")",
                           "{",
                           "{}x",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({"a":[1,]})",
                           R"({"a":01})",
                           R"({"a":1.})",
                           R"({"a":-})",
                           R"({"a":1e})",
                           R"({"a":+1})",
                           R"({"a":tru})",
                           R"({"a":nul})",
                           R"({"a":"\x"})",
                           R"({"a":"\u12"})",
                           R"({"a":"x)",
                           R"({"a":"x\)",
                           R"({"a":1]})",
                           R"({"a":[1})",
                           R"({a:1})",
                           "{\"a\":\"\n\"}",
                           "{}{}",
                           R"({"a":"\ud83d\u12"})",
                           R"({"a" 1})",
                           R"({,})"})
    EXPECT_EQ(read(json), "refused") << json;
}

TEST(Event, deep_nesting_is_refused_and_not_too_deep_one_is_not) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(read(nested(999)), "");
  EXPECT_EQ(read(nested(1000)), "refused");
  EXPECT_EQ(read(nested(1'000'000)), "refused");
}

TEST(Event, members_are_known_also_without_values) {
  Event event;
  ASSERT_TRUE(event.parse(R"({"id":"x","detail":{"inner":1},"list":[],"text":"{\"no\":1}"})"));
  for (const char* name : {"id", "detail", "list", "text"}) EXPECT_TRUE(event.has_member(name));
  for (const char* name : {"inner", "no", "detail.inner", ""})
    EXPECT_FALSE(event.has_member(name)) << name;
}

TEST(Event, it_can_be_read_anew) {
  Event event;
  ASSERT_TRUE(event.parse(R"({"a":"\u0041","b":[{"c":1}]})"));
  ASSERT_TRUE(event.parse(R"({"d":"\u0042"})"));
  EXPECT_EQ(shown(event), "d=B");
  EXPECT_FALSE(event.parse("no"));
  EXPECT_TRUE(event.empty());
}

TEST(Event, elements_of_different_arrays_are_seen_together) {
  Event event;
  ASSERT_TRUE(event.parse(R"({"a":[{"x":1},{"x":2}],"b":[{"y":[{"z":1},{"z":2}]},{"y":3}]})"));
  const auto element = [&](std::string_view path, int position) {
    std::uint32_t i = event.find(hash_path(path), path)->first;
    while (position-- > 0) i = event.value(i).next;
    return event.value(i).element;
  };
  EXPECT_FALSE(event.are_consistent(element("a.x", 0), element("a.x", 1)));
  EXPECT_TRUE(event.are_consistent(element("a.x", 0), element("b.y", 0)));
  EXPECT_FALSE(event.are_consistent(element("b.y.z", 0), element("b.y.z", 1)));
  EXPECT_FALSE(event.are_consistent(element("b.y.z", 0), element("b.y", 0)));
  EXPECT_TRUE(event.are_consistent(element("b.y.z", 0), element("b.y.z", 0)));
  EXPECT_TRUE(event.are_consistent(Event::kNone, element("b.y.z", 0)));
}

}  // namespace
}  // namespace matinee::patterns
