#include "patterns/pattern_set.h"

#include <fmt/format.h>

#include <map>
#include <random>

namespace matinee::patterns {
namespace {

using Ids = std::vector<PatternSet::Id>;

Pattern pattern_of(std::string_view json) {
  auto pattern = Pattern::compile(Dialect::event_bus, json);
  if (!pattern) throw std::runtime_error(pattern.error().message);
  return *std::move(pattern);
}

Ids found(const PatternSet& set, std::string_view json) {
  Event event;
  EXPECT_TRUE(event.parse(json)) << json;
  return set.match(event);
}

TEST(PatternSet, it_finds_all_that_match_in_order) {
  PatternSet set;
  set.add(7, pattern_of(R"({"source":["app"]})"));
  set.add(3, pattern_of(R"({"source":[{"prefix":"a"}]})"));
  set.add(5, pattern_of(R"({"source":["other"]})"));
  set.add(9, pattern_of(R"({"$or":[{"source":["app"]},{"n":[{"numeric":[">",1]}]}]})"));
  EXPECT_EQ(found(set, R"({"source":"app","n":2})"), (Ids{3, 7, 9}));
  EXPECT_EQ(found(set, R"({"n":2})"), (Ids{9}));
  EXPECT_EQ(found(set, "{}"), Ids());
  EXPECT_EQ(set.size(), 4U);
  EXPECT_TRUE(set.find(7)->matches([] {
    Event event;
    event.parse(R"({"source":"app"})");
    return event;
  }()));
  EXPECT_EQ(set.find(8), nullptr);
}

TEST(PatternSet, a_pattern_of_the_same_id_is_replaced) {
  PatternSet set;
  set.add(1, pattern_of(R"({"a":["x"]})"));
  set.add(1, pattern_of(R"({"a":["y"]})"));
  EXPECT_EQ(found(set, R"({"a":["x"]})"), Ids());
  EXPECT_EQ(found(set, R"({"a":["y"]})"), Ids{1});
  EXPECT_TRUE(set.remove(1));
  EXPECT_FALSE(set.remove(1));
  EXPECT_EQ(found(set, R"({"a":["y"]})"), Ids());
  EXPECT_EQ(set.size(), 0U);
}

TEST(PatternSet, absence_counts_within_elements_of_arrays_too) {
  PatternSet set;
  set.add(1, pattern_of(R"({"a":{"b":["x"],"c":[{"exists":false}]}})"));
  set.add(2, pattern_of(R"({"a":{"c":[{"exists":false}]}})"));
  EXPECT_EQ(found(set, R"({"a":[{"b":"x"},{"c":1}]})"), Ids{1});
  EXPECT_EQ(found(set, R"({"a":[{"b":"x","c":1}]})"), Ids());
  EXPECT_EQ(found(set, R"({"a":1})"), Ids{2});
}

TEST(PatternSet, a_policy_without_keys_matches_everything) {
  PatternSet set;
  set.add(4, *Pattern::compile(Dialect::sns_attributes, "{}"));
  EXPECT_EQ(set.match(Event()), Ids{4});
  set.remove(4);
  EXPECT_EQ(set.match(Event()), Ids());
}

/// Patterns and events from few names and values, so that many match.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t number(std::size_t below) { return random_() % below; }

  std::string pattern() {
    if (number(4) == 0)
      return fmt::format(R"({{"$or":[{},{}],"e":{}}})", object(), object(), values());
    return object();
  }

  std::string event(int depth = 2) {
    std::string members;
    const std::size_t count = 1 + number(4);
    for (std::size_t i = 0; i < count; ++i)
      members += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", name(), event_value(depth));
    return "{" + members + "}";
  }

 private:
  const char* pick(std::initializer_list<const char*> items) {
    return *(items.begin() + number(items.size()));
  }
  const char* name() { return pick({"a", "b", "c", "e", "a.b"}); }
  const char* scalar() {
    return pick({R"("x")", R"("xy")", R"("Xyz")", R"("")", "1", "2.0", "30", "true", "null",
                 R"("10.0.0.1")", R"("10.0.1.9")", R"("::1")", R"("é")", "1e400"});
  }
  const char* test() {
    return pick({R"("x")",
                 R"("xy")",
                 "1",
                 "2",
                 "30",
                 "true",
                 "null",
                 "1e400",
                 R"("10.0.0.1")",
                 R"({"prefix":"x"})",
                 R"({"prefix":"xy"})",
                 R"({"prefix":""})",
                 R"({"suffix":"y"})",
                 R"({"suffix":"yz"})",
                 R"({"prefix":{"equals-ignore-case":"xY"}})",
                 R"({"suffix":{"equals-ignore-case":"YZ"}})",
                 R"({"equals-ignore-case":"xyZ"})",
                 R"({"equals-ignore-case":"É"})",
                 R"({"wildcard":"x*"})",
                 R"({"wildcard":"*y"})",
                 R"({"wildcard":"*"})",
                 R"({"wildcard":"xy"})",
                 R"({"wildcard":"*y*"})",
                 R"({"numeric":[">",1]})",
                 R"({"numeric":["<",30]})",
                 R"({"numeric":[">=",2,"<",30]})",
                 R"({"numeric":["=",30]})",
                 R"({"exists":true})",
                 R"({"exists":false})",
                 R"({"anything-but":"x"})",
                 R"({"anything-but":[1,2]})",
                 R"({"anything-but":{"prefix":"x"}})",
                 R"({"cidr":"10.0.0.0/24"})",
                 R"({"cidr":"10.0.0.0/16"})",
                 R"({"cidr":"::/64"})"});
  }
  std::string values() {
    std::string list;
    const std::size_t count = 1 + number(2);
    for (std::size_t i = 0; i < count; ++i) list += fmt::format("{}{}", i == 0 ? "" : ",", test());
    return "[" + list + "]";
  }
  std::string object(int depth = 1) {
    std::string members;
    const std::size_t count = 1 + number(3);
    for (std::size_t i = 0; i < count; ++i)
      members += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", name(),
                             depth > 0 && number(3) == 0 ? object(depth - 1) : values());
    return "{" + members + "}";
  }
  std::string event_value(int depth) {
    if (depth > 0 && number(3) == 0) return event(depth - 1);
    if (depth > 0 && number(3) == 0)
      return fmt::format("[{},{}]", event_value(depth - 1), event_value(depth - 1));
    return scalar();
  }

  std::mt19937 random_;
};

TEST(PatternSet, random_patterns_that_come_and_go_are_found_as_one_by_one) {
  Maker make(1);
  PatternSet set;
  std::map<PatternSet::Id, Pattern> patterns;
  Event event;
  std::size_t matches = 0;
  for (int round = 0; round < 1500; ++round) {
    const PatternSet::Id id = make.number(150);
    if (make.number(3) == 0) {
      EXPECT_EQ(set.remove(id), patterns.erase(id) == 1);
    } else {
      const std::string text = make.pattern();
      set.add(id, pattern_of(text));
      patterns.insert_or_assign(id, pattern_of(text));
    }
    const std::string text = make.event();
    ASSERT_TRUE(event.parse(text)) << text;
    Ids expected;
    for (const auto& [other, pattern] : patterns)
      if (pattern.matches(event)) expected.push_back(other);
    ASSERT_EQ(set.match(event), expected) << text;
    ASSERT_EQ(set.size(), patterns.size());
    matches += expected.size();
  }
  EXPECT_GT(matches, 4'000U);
}

TEST(PatternSet, patterns_that_exclude_texts_are_found_for_all_other_values) {
  PatternSet set;
  set.add(1, pattern_of(R"({"a":[{"anything-but":["x"]}]})"));
  set.add(2, pattern_of(R"({"a":[{"anything-but":["x","y","x"]}]})"));
  set.add(3, pattern_of(R"({"a":[{"anything-but":["x"]},{"prefix":"x"}]})"));
  EXPECT_EQ(found(set, R"({"a":"z"})"), (Ids{1, 2, 3}));
  EXPECT_EQ(found(set, R"({"a":"y"})"), (Ids{1, 3}));
  EXPECT_EQ(found(set, R"({"a":"x"})"), Ids{3});
  EXPECT_EQ(found(set, R"({"a":["x","y"]})"), (Ids{1, 3}));
  EXPECT_EQ(found(set, R"({"a":1})"), (Ids{1, 2, 3}));
  EXPECT_EQ(found(set, "{}"), Ids());
  set.remove(3);
  EXPECT_EQ(found(set, R"({"a":"x"})"), Ids());
  set.remove(1);
  EXPECT_EQ(found(set, R"({"a":"y"})"), Ids());
  EXPECT_EQ(found(set, R"({"a":"z"})"), Ids{2});
}

TEST(PatternSet, many_ranges_are_told_apart) {
  PatternSet set;
  for (int i = 0; i < 1000; ++i)
    set.add(static_cast<PatternSet::Id>(i),
            pattern_of(fmt::format(R"({{"n":[{{"numeric":[">=",{},"<",{}]}}]}})", i, i + 2)));
  EXPECT_EQ(found(set, R"({"n":500.5})"), (Ids{499, 500}));
  for (PatternSet::Id i = 0; i < 1000; i += 2) set.remove(i);
  EXPECT_EQ(found(set, R"({"n":500.5})"), Ids{499});
  EXPECT_EQ(found(set, R"({"n":2000})"), Ids());
  EXPECT_EQ(found(set, R"({"n":"500"})"), Ids());
}

}  // namespace
}  // namespace matinee::patterns
