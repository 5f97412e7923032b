// What waits in lanes, as it is told to people who move the clock.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "delivery/outbox_fixture.h"

namespace matinee::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DueLanes : public OutboxTest {
 protected:
  /// A lane that waits: its target has refused.
  void refuse(const std::string& to) {
    target.refused_targets.insert({to, protocol::ServiceError("Busy", 503, "not now")});
    services::Delivery made = delivery("hello", to);
    made.retries.kind = services::RetryPolicy::Kind::topic;
    add(made);
    run();
  }
  std::vector<services::DueThing> due(const std::string& account, std::size_t most,
                                      const std::function<void()>& meanwhile = nullptr) {
    std::optional<std::vector<services::DueThing>> found;
    runtime::start(
        outbox->due(
            {.account = account, .region = "us-east-1", .now = simulation.loop.now(), .most = most},
            simulation.loop.turns()),
        [&](std::optional<std::vector<services::DueThing>> things, const std::exception_ptr&) {
          found = std::move(things);
        });
    EXPECT_EQ(!found.has_value(), meanwhile != nullptr) << "whether it gives way";
    if (meanwhile) meanwhile();
    run();
    return found.value();
  }
};

TEST_F(DueLanes, are_those_of_the_account_the_earliest_first_however_many_there_are) {
  refuse("test:first");
  simulation.loop.advance(std::chrono::milliseconds(1));
  for (int i = 0; i < 200; ++i) refuse(fmt::format("test:{}", i));
  const auto all = due("111111111111", 500);
  EXPECT_THAT(all, SizeIs(201));
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &services::DueThing::at));
  EXPECT_EQ(all[0].resource, "test:first");
  EXPECT_EQ(all[0].what, "a delivery from arn:aws:sns:us-east-1:111111111111:topic is tried again");
  const auto some = due("111111111111", 2);
  EXPECT_THAT(some, SizeIs(2));
  EXPECT_EQ(some[0].resource, "test:first");
  EXPECT_THAT(due("222222222222", 500), IsEmpty());
  // It is where the clock goes.
  simulation.loop.advance_to_next_timer();
  EXPECT_EQ(simulation.loop.now(), all[0].at);
}

TEST_F(DueLanes, that_are_read_in_turns_are_all_there_though_others_come_meanwhile) {
  for (int i = 0; i < 20; ++i) refuse(fmt::format("test:{}", i));
  simulation.loop.let_looking_take(runtime::Turns::length / 4);
  const auto more = [&] {
    for (int i = 20; i < 500; ++i) add(delivery("hello", fmt::format("test:more{}", i)));
  };
  std::set<std::string> told;
  const auto all = due("111111111111", 1000, more);
  for (const services::DueThing& thing : all) told.insert(thing.resource);
  EXPECT_EQ(told.size(), all.size()) << "nothing twice";
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(told.contains(fmt::format("test:{}", i))) << i;
}

}  // namespace
}  // namespace matinee::delivery
