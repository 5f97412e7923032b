// The clock, as users move it through the service.
#include <gtest/gtest.h>

#include "insight/operations.h"
#include "runtime/real/real_loop.h"
#include "runtime/simulated/simulation.h"
#include "services/insight/clock_words.h"
#include "services/insight/no_activity.h"
#include "services/insight/service.h"

namespace matinee::insight {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ClockWords, spans_are_numbers_with_units_from_the_longest_to_the_shortest) {
  EXPECT_EQ(find_span("90s"), seconds(90));
  EXPECT_EQ(find_span("1d12h"), hours(36));
  EXPECT_EQ(find_span("2w"), days(14));
  EXPECT_EQ(find_span("1w1d1h1m1s"), days(8) + hours(1) + minutes(1) + seconds(1));
  for (const char* wrong :
       {"", "1", "d", "1x", "-1d", "1h1d", "1d1d", "1.5d", " 1d", "4000000000w"})
    EXPECT_FALSE(find_span(wrong)) << wrong;
}

TEST(ClockWords, moments_are_dates_with_as_much_of_a_time_as_one_likes) {
  const runtime::Time noon =
      runtime::Time(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1)) + hours(12);
  EXPECT_EQ(find_moment("2026-12-01"), noon - hours(12));
  EXPECT_EQ(find_moment("2026-12-01T12:00Z"), noon);
  EXPECT_EQ(find_moment("2026-12-01T12:00"), noon);
  EXPECT_EQ(find_moment("2026-12-01T12:00:30Z"), noon + seconds(30));
  EXPECT_EQ(to_text(noon + seconds(30)), "2026-12-01T12:00:30Z");
  for (const char* wrong : {"", "tomorrow", "2026-13-01", "2026-12-01T25:00Z", "12:00"})
    EXPECT_FALSE(find_moment(wrong)) << wrong;
}

class AClockThatIsAskedFor : public testing::Test {
 protected:
  AClockThatIsAskedFor() { loop.pause(); }

  MoveClockResponse move(const MoveClockRequest& request) {
    std::optional<MoveClockResponse> response;
    std::string failure;
    loop.post([&] {
      runtime::start(service.move_clock(context, request),
                     [&](std::optional<MoveClockResponse> moved, std::exception_ptr error) {
                       response = std::move(moved);
                       try {
                         if (error) std::rethrow_exception(error);
                       } catch (const protocol::ServiceError& refusal) {
                         failure = refusal.message();
                       }
                       loop.stop();
                     });
    });
    loop.run();
    if (!response) throw protocol::ServiceError("ValidationException", 400, failure);
    return *response;
  }
  std::string refusal(const MoveClockRequest& request) {
    try {
      move(request);
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
    return "";
  }

  runtime::RealLoop loop;
  NoActivity activity;
  services::Context context;
  Service service{{.activity = activity, .directory = nullptr, .clock = loop}};
};

TEST_F(AClockThatIsAskedFor, is_advanced_and_tells_how_many_timers_ran) {
  const runtime::Time start = loop.now();
  loop.call_at(start + hours(1), [] {});
  loop.call_at(start + days(3), [] {});
  const MoveClockResponse moved = move({.advance = "1d"});
  EXPECT_EQ(moved.now, start + days(1));
  EXPECT_EQ(moved.fired, 1);
  EXPECT_EQ(moved.complete, true);
  EXPECT_EQ(moved.next_timer, start + days(3));
  EXPECT_EQ(moved.paused, true);
}

TEST_F(AClockThatIsAskedFor, does_not_go_back) {
  EXPECT_EQ(move({.set = "2100-01-01"}).now, find_moment("2100-01-01"));
  EXPECT_EQ(refusal({.set = "2099-12-31"}),
            "The clock does not go back, and it is 2100-01-01T00:00:00Z already.");
}

TEST_F(AClockThatIsAskedFor, is_paused_and_resumed) {
  EXPECT_EQ(move({.action = "resume"}).paused, false);
  EXPECT_EQ(service.get_clock(context, {}).paused, false);
  EXPECT_EQ(move({.action = "pause"}).paused, true);
}

TEST_F(AClockThatIsAskedFor, refuses_what_it_does_not_understand) {
  EXPECT_EQ(refusal({}), "Give one of advance=SPAN, set=TIME and action=WORD.");
  EXPECT_EQ(refusal({.advance = "1d", .set = "2100-01-01"}),
            "Give one of advance=SPAN, set=TIME and action=WORD.");
  EXPECT_EQ(refusal({.action = "stop"}),
            "\"stop\" is none of pause, resume, next and run-until-idle.");
  EXPECT_NE(refusal({.advance = "soon"}), "");
  EXPECT_NE(refusal({.set = "soon"}), "");
}

TEST_F(AClockThatIsAskedFor, stops_where_it_is_once_the_caller_has_gone) {
  const runtime::Time start = loop.now();
  context.cancellation = std::make_shared<services::Cancellation>();
  loop.call_at(start + hours(1), [&] { context.cancellation->cancel(); });
  loop.call_at(start + hours(2), [&] { ADD_FAILURE() << "it went on"; });
  const MoveClockResponse moved = move({.advance = "1d"});
  EXPECT_EQ(moved.complete, false);
  EXPECT_EQ(moved.now, start + hours(1));
  EXPECT_EQ(moved.goal, start + days(1));
}

TEST(AClock, that_cannot_be_moved_says_so) {
  runtime::Simulation machine;
  NoActivity activity;
  Service service{{.activity = activity, .directory = nullptr, .clock = machine.loop.clock()}};
  EXPECT_THROW(service.get_clock({}, {}), protocol::ServiceError);
}

}  // namespace
}  // namespace matinee::insight
