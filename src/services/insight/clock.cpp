// The clock that users may move.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "insight/errors.h"
#include "insight/operations.h"
#include "protocol/timestamps.h"
#include "services/insight/clock_words.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

using runtime::ClockGoal;

namespace {

GetClockResponse to_response(const runtime::ClockState& state) {
  return {.now = state.now,
          .real_time = state.real,
          .paused = state.paused,
          .next_timer = state.next,
          .timers = static_cast<std::int64_t>(state.timers)};
}

ClockGoal goal_of_advance(const std::string& text, runtime::Time now) {
  const std::optional<runtime::Duration> span = find_span(text);
  if (!span)
    throw unusable(fmt::format(
        "\"{}\" is no span of time: write 90s, 5m, 12h, 1d, 2w or several of them, as in 1d12h.",
        text));
  return {.kind = ClockGoal::Kind::time, .time = now + *span};
}

ClockGoal goal_of_set(const std::string& text, runtime::Time now) {
  const std::optional<runtime::Time> time = find_moment(text);
  if (!time)
    throw unusable(fmt::format("\"{}\" is no time: write 2026-12-01, or 2026-12-01T12:00Z.", text));
  if (*time < now)
    throw unusable(fmt::format("The clock does not go back, and it is {} already.", to_text(now)));
  if (*time - now > longest_span) throw unusable("The clock moves by a hundred years at most.");
  return {.kind = ClockGoal::Kind::time, .time = *time};
}

/// Of a request that moves it; nothing for those that pause and resume it.
std::optional<ClockGoal> goal_of(const MoveClockRequest& request, runtime::Time now) {
  if (request.advance.has_value() + request.set.has_value() + request.action.has_value() != 1)
    throw unusable("Give one of advance=SPAN, set=TIME and action=WORD.");
  if (request.advance) return goal_of_advance(*request.advance, now);
  if (request.set) return goal_of_set(*request.set, now);
  const std::string& action = *request.action;
  if (action == "next") return ClockGoal{.kind = ClockGoal::Kind::timer};
  if (action == "run-until-idle") return ClockGoal{.kind = ClockGoal::Kind::idle};
  if (action == "pause" || action == "resume") return std::nullopt;
  throw unusable(fmt::format("\"{}\" is none of pause, resume, next and run-until-idle.", action));
}

/// Of a move: by the clock, or because the caller has gone, for whom nobody waits any more.
struct Ending {
  runtime::Promised<runtime::ClockMoved> moved;
  bool has_ended = false;

  void end(runtime::ClockMoved how) {
    if (!std::exchange(has_ended, true)) moved.set(how);
  }
};

}  // namespace

runtime::MovableClock& Service::movable() const {
  auto* clock = dynamic_cast<runtime::MovableClock*>(&clock_);
  if (!clock) throw protocol::ServiceError("NotImplemented", 501, "This clock cannot be moved.");
  return *clock;
}

GetClockResponse Service::get_clock(const Context&, const GetClockRequest&) {
  return to_response(movable().state());
}

runtime::Task<MoveClockResponse> Service::move_clock(const Context& context,
                                                     const MoveClockRequest& request) {
  runtime::MovableClock& clock = movable();
  const std::optional<ClockGoal> goal = goal_of(request, clock_.now());
  if (!goal) {
    *request.action == "pause" ? clock.pause() : clock.resume();
    co_return to_response(clock.state());
  }
  const auto ending = std::make_shared<Ending>();
  const std::uint64_t move =
      clock.move(*goal, [ending](runtime::ClockMoved moved) { ending->end(moved); });
  runtime::Clock& real = clock.real_clock();
  const runtime::TimerId limit =
      real.call_at(real.now() + longest_move, [&clock, move] { clock.give_up(move); });
  if (context.cancellation)
    context.cancellation->on_cancel([&clock, move, ending] {
      clock.give_up(move);
      ending->end({.now = clock.state().now, .given_up = true});
    });
  const runtime::ClockMoved moved = co_await ending->moved;
  real.cancel(limit);
  if (context.cancellation) context.cancellation->on_cancel(nullptr);
  GetClockResponse response = to_response(clock.state());
  response.now = moved.now;
  response.fired = static_cast<std::int64_t>(moved.fired);
  if (goal->kind == ClockGoal::Kind::time) response.goal = goal->time;
  response.complete = !moved.given_up;
  co_return response;
}

}  // namespace matinee::insight
