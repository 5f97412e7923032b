// Batches of changes, and the ends of windows: called, repeated, split and given up.
#include <algorithm>
#include <utility>

#include "runtime/timer_purpose.h"
#include "services/lambda/running/change_poller.h"
#include "services/lambda/running/change_poller_state.h"

namespace matinee::lambda {

namespace {

constexpr std::string_view too_old = "RecordAgeExceeded";
constexpr std::string_view tried_enough = "RetryAttemptsExhausted";

constexpr runtime::TimerPurpose going_on{.what = "an event source of Lambda goes on after a pause",
                                         .is_on_the_way = true};

ChangeSpan span_of(const Changes& changes) {
  return {.shard = changes.front().shard,
          .first = changes.front().sequence,
          .last = changes.back().sequence,
          .first_at = changes.front().at,
          .last_at = changes.back().at,
          .count = changes.size()};
}

ChangeSpan span_of(const ChangeWindow& window) {
  return {.shard = window.shard,
          .first = window.first,
          .last = window.last,
          .first_at = window.first_at,
          .last_at = window.last_at,
          .count = window.count};
}

std::string words_of(const Result& result) {
  if (result.function_error.empty()) return "its answer reports it as failed";
  return result.error_message.empty() ? "it failed" : "it failed: " + result.error_message;
}

}  // namespace

runtime::Task<> ChangePoller::pause(std::shared_ptr<State> state, runtime::Duration duration,
                                    bool ends_when_woken) {
  bool is_over = false;
  const std::uint64_t wakes = state->wakes;
  const runtime::Time end = state->now() + duration;
  const runtime::TimerId timer =
      runtime::call_for(state->host.runtime.clock, going_on, end, [state, &is_over] {
        is_over = true;
        state->changed.notify();
      });
  while (!is_over && !state->is_stopped && !(ends_when_woken && state->wakes != wakes))
    co_await state->changed.wait();
  if (!is_over) state->host.runtime.clock.cancel(timer);
}

/// `calls` have been made before, with these changes among others.
runtime::Task<> ChangePoller::run_batch(std::shared_ptr<State> state, Changes batch,
                                        std::uint32_t calls) {
  const ChangePollerSettings& settings = state->settings;
  std::optional<ChangeWindow>& window = state->progress.window;
  const auto event_with = [&](const Changes& changes) {
    return window ? event_of(changes, *window, WindowCall::part, settings.reader.stream)
                  : event_of(changes);
  };
  Result last;
  while (!batch.empty() && !state->is_stopped) {
    const std::int64_t oldest = runtime::to_seconds(state->now()) - settings.oldest.count();
    const auto young = std::ranges::find_if(
        batch, [&](const services::Change& change) { return change.at >= oldest; });
    if (young != batch.begin()) {
      const Changes old(batch.begin(), young);
      batch.erase(batch.begin(), young);
      state->count(&MappingCounts::dropped, old.size());
      state->host.give_up(
          {span_of(old), too_old, std::max(calls, 1U), nullptr, event_with(old), old});
      continue;
    }
    last = co_await call(state, event_with(batch), batch);
    if (state->is_stopped) co_return;
    ++calls;
    state->count(&MappingCounts::invoked, batch.size());
    std::size_t done = 0;
    if (last.function_error.empty()) {
      ChangeAnswer answer = read_answer(
          last.payload, batch,
          {.reports_failures = settings.reports_failures, .has_state = window.has_value()});
      done = answer.done;
      for (std::size_t i = 0; window && i < done; ++i) window->add(batch[i]);
      if (window && done > 0) window->state = std::move(answer.state);
    }
    batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(done));
    if (window && window->state.size() > most_state_bytes)
      co_await call_window(state, WindowCall::cut_short);
    if (done > 0 || batch.empty()) state->failures = 0;
    if (batch.empty() || state->is_stopped) co_return;
    state->count(&MappingCounts::failed, batch.size());
    if (done > 0) {
      calls = 0;  // what is left is a batch of its own
      continue;
    }
    state->failures = calls;
    state->failing_from = batch.front().sequence;
    state->last_failure = words_of(last);
    if (settings.most_retries && calls > *settings.most_retries) {
      state->failures = 0;
      state->count(&MappingCounts::dropped, batch.size());
      state->host.give_up({span_of(batch), tried_enough, calls, &last, event_with(batch), batch});
      co_return;
    }
    co_await pause(state, wait_after(calls));
    if (!settings.bisects || batch.size() < 2) continue;
    // To split a batch is not to retry it.
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Changes first(std::make_move_iterator(batch.begin()), std::make_move_iterator(middle));
    Changes second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
    batch.clear();
    co_await run_batch(state, std::move(first), calls - 1);
    co_await run_batch(state, std::move(second), calls - 1);
    co_return;
  }
}

/// A call without changes, repeated like a batch. What it answers beside an error is not asked for:
/// the state ends with it. How far the stream was read is as it was, and kept without that state;
/// where the window is cut short, by whoever has the changes under way.
runtime::Task<> ChangePoller::call_window(std::shared_ptr<State> state, WindowCall kind) {
  const ChangePollerSettings& settings = state->settings;
  std::optional<ChangeWindow>& window = state->progress.window;
  const Changes none;
  std::uint32_t calls = 0;
  while (!state->is_stopped) {
    const std::string event = event_of(none, *window, kind, settings.reader.stream);
    if (window->last_at < runtime::to_seconds(state->now()) - settings.oldest.count()) {
      state->host.give_up({span_of(*window), too_old, std::max(calls, 1U), nullptr, event, none});
      break;
    }
    const Result result = co_await call(state, event, none);
    if (state->is_stopped) co_return;
    ++calls;
    if (result.function_error.empty()) break;
    state->failures = calls;
    state->failing_from = window->last;
    state->last_failure = words_of(result);
    if (settings.most_retries && calls > *settings.most_retries) {
      state->host.give_up({span_of(*window), tried_enough, calls, &result, event, none});
      break;
    }
    co_await pause(state, wait_after(calls));
  }
  if (state->is_stopped) co_return;
  state->failures = 0;
  if (kind == WindowCall::end) {
    window.reset();
    state->keep(state->progress.after);
    co_return;
  }
  window->state = "{}";
  window->count = 0;
}

runtime::Task<Result> ChangePoller::call(std::shared_ptr<State> state, std::string event,
                                         const Changes& batch) {
  const auto result = std::make_shared<std::optional<Result>>();
  std::uint32_t tries = 0;
  while (!state->is_stopped) {
    const bool is_called = state->host.call(event, batch, [state, result](Result given) {
      *result = std::move(given);
      state->changed.notify();
    });
    state->is_held_up = !is_called;
    if (is_called) break;
    co_await pause(state, wait_after(++tries), true);
  }
  std::string().swap(event);
  while (!*result && !state->is_stopped) co_await state->changed.wait();
  co_return result->value_or(Result{});
}

}  // namespace matinee::lambda
