#include "services/cloudformation/running/graph_walk.h"

#include <gmock/gmock.h>

#include "runtime/channel.h"

namespace matinee::cloudformation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Begins nodes, and ends them when the test says so.
class Works {
 public:
  std::vector<std::string> begun;
  std::optional<WalkEnd> end;
  bool stops = false;

  explicit Works(WaitsFor graph) {
    runtime::start(
        walk(
            std::move(graph), [this](const std::string& node) { return work(node); },
            [this] { return stops; }),
        [this](std::optional<WalkEnd> result, std::exception_ptr) { end = std::move(result); });
  }

  void finish(const std::string& node, bool well = true) { ends_[node].set(well); }

 private:
  std::map<std::string, runtime::Promised<bool>> ends_;

  runtime::Task<bool> work(std::string node) {
    begun.push_back(node);
    co_return co_await ends_[node];
  }
};

TEST(GraphWalk, begins_what_waits_for_nothing_more) {
  Works works({{"a", {}}, {"b", {"a"}}, {"c", {"a", "b", "elsewhere"}}, {"d", {}}});
  EXPECT_THAT(works.begun, ElementsAre("a", "d"));
  works.finish("a");
  EXPECT_THAT(works.begun, ElementsAre("a", "d", "b"));
  works.finish("b");
  works.finish("c");
  EXPECT_FALSE(works.end.has_value());
  works.finish("d");
  ASSERT_TRUE(works.end.has_value());
  EXPECT_THAT(works.end->failed, IsEmpty());
  EXPECT_THAT(works.end->not_begun, IsEmpty());
}

TEST(GraphWalk, leaves_what_stands_behind_a_failure) {
  Works works({{"a", {}}, {"b", {"a"}}, {"c", {}}});
  works.finish("a", false);
  works.finish("c");
  ASSERT_TRUE(works.end.has_value());
  EXPECT_THAT(works.end->failed, ElementsAre("a"));
  EXPECT_THAT(works.end->not_begun, ElementsAre("b"));
}

TEST(GraphWalk, waits_for_what_is_under_way_when_it_stops) {
  Works works({{"a", {}}, {"b", {"a"}}, {"c", {}}});
  works.stops = true;
  works.finish("a");
  EXPECT_FALSE(works.end.has_value());
  works.finish("c");
  ASSERT_TRUE(works.end.has_value());
  EXPECT_THAT(works.end->not_begun, ElementsAre("b"));
}

TEST(GraphWalk, turns_a_graph_around) {
  const WaitsFor turned = reversed({{"a", {}}, {"b", {"a"}}});
  EXPECT_THAT(turned.at("a"), ElementsAre("b"));
  EXPECT_THAT(turned.at("b"), IsEmpty());
}

}  // namespace
}  // namespace matinee::cloudformation
