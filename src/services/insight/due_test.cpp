// What is due, as one list of what services tell of and of the timers of the clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "insight/operations.h"
#include "runtime/real/real_loop.h"
#include "runtime/timer_purpose.h"
#include "services/insight/no_activity.h"
#include "services/insight/service.h"

namespace matinee::insight {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr runtime::TimerPurpose firing{.what = "schedules are fired", .is_told = true};
constexpr runtime::TimerPurpose measuring{.what = "measures are stored"};
constexpr runtime::TimerPurpose moving{.what = "messages are moved", .is_on_the_way = true};

class FakeSource final : public services::DueSource {
 public:
  std::vector<services::DueThing> things;
  std::function<void()> meanwhile;

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override {
    if (meanwhile) {
      co_await turns.next();
      meanwhile();
    }
    std::vector<services::DueThing> found = things;
    services::keep_earliest(found, query.most);
    co_return found;
  }
};

class WhatIsDue : public testing::Test {
 protected:
  WhatIsDue() {
    loop.pause();
    start = loop.now();
    service.add(source);
  }

  /// A service that tells what its timer is for.
  void tell(runtime::Duration in, const std::string& resource) {
    source.things.push_back({.at = start + in, .what = "it fires", .resource = resource});
  }
  void set(const runtime::TimerPurpose& purpose, runtime::Duration in) {
    runtime::call_for(loop, purpose, start + in, [] {});
  }
  ListDueResponse list(std::int32_t most = 50) {
    std::optional<ListDueResponse> response;
    loop.post([&] {
      runtime::start(service.list_due(context, {.max_items = most}),
                     [&](std::optional<ListDueResponse> listed, const std::exception_ptr&) {
                       response = std::move(listed);
                       loop.stop();
                     });
    });
    loop.run();
    return response.value();
  }
  /// "in 60: it fires arn"
  std::vector<std::string> lines(std::int32_t most = 50) {
    std::vector<std::string> found;
    for (const DueThing& due : *list(most).due) {
      const auto in = std::chrono::duration_cast<seconds>(*due.at - start).count();
      found.push_back(std::to_string(in) + ": " + *due.what);
      if (due.resource) found.back() += " " + *due.resource;
    }
    return found;
  }

  runtime::RealLoop loop;
  runtime::Time start;
  NoActivity activity;
  services::Context context;
  FakeSource source;
  Service service{{.activity = activity, .directory = nullptr, .clock = loop, .loop = &loop}};
};

TEST_F(WhatIsDue, is_what_services_tell_of_with_the_timers_among_it) {
  set(measuring, seconds(60));
  set(firing, seconds(30));
  tell(seconds(30), "a");
  tell(seconds(90), "b");
  set(moving, seconds(10));
  EXPECT_THAT(lines(), ElementsAre("10: messages are moved", "30: it fires a",
                                   "60: measures are stored", "90: it fires b"));
  const ListDueResponse listed = list();
  EXPECT_EQ(listed.next_timer, start + seconds(10));
  EXPECT_EQ(listed.complete, true);
}

TEST_F(WhatIsDue, says_nothing_twice) {
  for (const char* name : {"a", "b"}) tell(seconds(30), name);
  set(firing, seconds(30));
  set(measuring, seconds(30));
  set(measuring, seconds(30));
  EXPECT_THAT(lines(), ElementsAre("30: measures are stored", "30: it fires a", "30: it fires b"));
}

TEST_F(WhatIsDue, tells_of_what_others_have_that_the_clock_stops_there_and_no_more) {
  for (int i = 1; i <= 1000; ++i) set(firing, seconds(i));
  set(measuring, seconds(1000));
  EXPECT_THAT(lines(), ElementsAre("1: schedules are fired", "1000: measures are stored"));
  // Between own ones others' are told of again.
  tell(seconds(500), "mine");
  EXPECT_THAT(lines(), ElementsAre("1: schedules are fired", "500: it fires mine",
                                   "501: schedules are fired", "1000: measures are stored"));
}

TEST_F(WhatIsDue, ends_where_the_caller_wants_no_more) {
  for (int i = 1; i <= 200; ++i) {
    tell(minutes(i), "a");
    set(measuring, minutes(i) + seconds(1));
  }
  EXPECT_THAT(lines(3),
              ElementsAre("60: it fires a", "61: measures are stored", "120: it fires a"));
  EXPECT_EQ(list(3).complete, false);
  EXPECT_EQ(list(400).complete, true);
  EXPECT_EQ(list(399).complete, false);
}

TEST_F(WhatIsDue, also_names_no_name) {
  loop.call_at(start + hours(1), [] {});
  EXPECT_THAT(lines(), ElementsAre("3600: a service goes on with its work"));
}

TEST_F(WhatIsDue, is_not_over_when_it_is_told) {
  loop.resume();
  tell(seconds(0), "over");
  source.meanwhile = [&] { set(measuring, hours(1)); };
  EXPECT_THAT(lines(), ElementsAre("3600: measures are stored"));
}

TEST_F(WhatIsDue, is_nothing_where_nothing_is) {
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_FALSE(list().next_timer);
}

TEST_F(WhatIsDue, and_on_the_way_is_waited_for_until_the_clock_is_idle) {
  set(measuring, hours(2));
  set(moving, hours(1));
  loop.move({.kind = runtime::ClockGoal::Kind::idle},
            [&](const runtime::ClockMoved&) { loop.stop(); });
  loop.run();
  EXPECT_EQ(loop.now(), start + hours(1));
}

}  // namespace
}  // namespace matinee::insight
