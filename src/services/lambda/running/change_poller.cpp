#include "services/lambda/running/change_poller.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "patterns/event.h"
#include "protocol/error.h"
#include "runtime/channel.h"
#include "runtime/log.h"
#include "runtime/movable_clock.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_bytes = std::size_t{6} << 20;
constexpr int most_at_once = 1000;
constexpr runtime::Duration longest_wait = std::chrono::seconds(60);

std::string event_of(const Changes& batch) {
  std::string event = "{\"Records\":[";
  for (const services::Change& change : batch) {
    if (&change != &batch.front()) event += ',';
    event += change.record;
  }
  return event + "]}";
}

bool wants(const ChangePollerSettings& settings, const services::Change& change) {
  if (settings.filters.empty()) return true;
  patterns::Event event;
  event.parse(change.record);
  return std::ranges::any_of(
      settings.filters, [&](const patterns::Pattern& filter) { return filter.matches(event); });
}

/// Those from the front of `rest` that make one call.
Changes take_batch(Changes& rest, std::size_t most) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < rest.size() && count < most) {
    bytes += rest[count].record.size();
    if (count > 0 && bytes > most_bytes) break;
    ++count;
  }
  const auto end = rest.begin() + static_cast<std::ptrdiff_t>(count);
  Changes batch(std::make_move_iterator(rest.begin()), std::make_move_iterator(end));
  rest.erase(rest.begin(), end);
  return batch;
}

/// Doubles with each call, from a second.
runtime::Duration wait_after(std::uint32_t calls) {
  constexpr std::uint32_t most_doublings = 6;
  const runtime::Duration wait =
      std::chrono::seconds(1) * (1U << std::min(calls - 1, most_doublings));
  return std::min(longest_wait, wait);
}

}  // namespace

std::size_t first_failure(const std::string& answer, const Changes& batch) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (answer.empty()) return batch.size();
  if (parser.parse(answer).get(document) != simdjson::SUCCESS) return 0;
  simdjson::dom::element failures;
  if (document.is_null() || document.is_array() ||
      document["batchItemFailures"].get(failures) == simdjson::NO_SUCH_FIELD || failures.is_null())
    return batch.size();
  simdjson::dom::array reported;
  if (failures.get(reported) != simdjson::SUCCESS) return 0;
  std::size_t first = batch.size();
  for (const simdjson::dom::element failure : reported) {
    std::string_view id;
    if (failure["itemIdentifier"].get(id) != simdjson::SUCCESS) return 0;
    const auto found = std::ranges::find(batch, id, &services::Change::sequence);
    if (found == batch.end()) return 0;
    first = std::min(first, static_cast<std::size_t>(found - batch.begin()));
  }
  return first;
}

struct ChangePoller::State {
  State(ChangePollerHost the_host, ChangePollerSettings the_settings, std::string begin)
      : host(std::move(the_host)), settings(std::move(the_settings)), after(std::move(begin)) {}

  ChangePollerHost host;
  ChangePollerSettings settings;
  std::string after;
  bool is_stopped = false;
  runtime::Event changed;
  std::shared_ptr<void> watch;

  /// Nothing of a poller that was stopped: the service may be gone.
  void count(std::uint64_t MappingCounts::* what, std::size_t events) {
    if (is_stopped || events == 0) return;
    if (MappingCounts* counts = host.counts()) counts->*what += events;
  }
  void keep(const std::string& sequence) {
    if (is_stopped) return;
    host.keep(sequence);
    after = sequence;
  }
};

ChangePoller::ChangePoller(ChangePollerHost host, ChangePollerSettings settings, std::string after)
    : state_(std::make_shared<State>(std::move(host), std::move(settings), std::move(after))) {}

ChangePoller::~ChangePoller() {
  state_->is_stopped = true;
  state_->watch.reset();
  state_->changed.notify();
}

void ChangePoller::start() {
  state_->host.runtime.loop.post([weak = std::weak_ptr(state_)] {
    const auto state = weak.lock();
    if (!state || state->is_stopped) return;
    runtime::start(run(state), [state](const std::exception_ptr& error) {
      if (!error) return;
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& failure) {
        spdlog::error("{} is not read for a function any more: {}", state->settings.reader.stream,
                      failure.what());
      }
    });
  });
}

void ChangePoller::wake() {
  state_->changed.notify();
}

runtime::Task<> ChangePoller::pause(std::shared_ptr<State> state, runtime::Duration duration) {
  bool is_over = false;
  const runtime::Time end = state->host.runtime.clock.now() + duration;
  const runtime::TimerId timer =
      runtime::call_on_the_way(state->host.runtime.clock, end, [state, &is_over] {
        is_over = true;
        state->changed.notify();
      });
  while (!is_over && !state->is_stopped) co_await state->changed.wait();
  if (!is_over) state->host.runtime.clock.cancel(timer);
}

/// Reads a page, works it off, and so on; waits where there is nothing.
runtime::Task<> ChangePoller::run(std::shared_ptr<State> state) {
  const ChangePollerSettings& settings = state->settings;
  const int most =
      static_cast<int>(std::min<std::size_t>(most_at_once, settings.batch_size * settings.lanes));
  std::optional<runtime::Time> window_end;
  std::uint32_t troubles = 0;
  while (!state->is_stopped) {
    bool is_ready = false;
    state->watch = state->host.watches.watch(settings.reader.stream, [state, &is_ready] {
      is_ready = true;
      state->changed.notify();
    });
    std::optional<services::ChangePage> page;
    try {
      page = co_await state->host.source.read(settings.reader, state->after, most);
    } catch (const protocol::ServiceError& error) {
      spdlog::info("{} cannot be read for a function: {}: {}", settings.reader.stream, error.code(),
                   error.message());
    }
    if (state->is_stopped) co_return;
    if (!page) {
      co_await pause(state, wait_after(++troubles));
      continue;
    }
    troubles = 0;
    const runtime::Time now = state->host.runtime.clock.now();
    const bool is_full = page->changes.size() >= settings.batch_size;
    if (!page->changes.empty() && !is_full && settings.window > runtime::Duration::zero()) {
      if (!window_end) window_end = now + settings.window;
      if (now < *window_end) {
        co_await pause(state, *window_end - now);
        continue;  // with what has come meanwhile
      }
    }
    window_end.reset();
    if (page->changes.empty()) {
      while (!is_ready && !state->is_stopped) co_await state->changed.wait();
      continue;
    }
    state->count(&MappingCounts::polled, page->changes.size());
    co_await run_page(state, std::move(page->changes));
  }
}

runtime::Task<> ChangePoller::run_page(std::shared_ptr<State> state, Changes page) {
  const ChangePollerSettings& settings = state->settings;
  const std::string last = page.back().sequence;
  const std::size_t read = page.size();
  std::erase_if(page, [&](const services::Change& change) { return !wants(settings, change); });
  state->count(&MappingCounts::filtered_out, read - page.size());
  std::vector<Changes> lanes(settings.lanes);
  for (services::Change& change : page)
    lanes[change.item % settings.lanes].push_back(std::move(change));
  std::size_t working = 0;
  for (Changes& lane : lanes) {
    if (lane.empty()) continue;
    ++working;
    runtime::start(run_lane(state, std::move(lane), settings.lanes == 1),
                   [state, &working](const std::exception_ptr& error) {
                     --working;
                     if (error) spdlog::error("A batch of a stream has ended in an error.");
                     state->changed.notify();
                   });
  }
  while (working > 0) co_await state->changed.wait();
  state->keep(last);
}

runtime::Task<> ChangePoller::run_lane(std::shared_ptr<State> state, Changes lane, bool is_only) {
  while (!lane.empty() && !state->is_stopped) {
    Changes batch = take_batch(lane, state->settings.batch_size);
    const std::string last = batch.back().sequence;
    co_await run_batch(state, std::move(batch), 0);
    if (is_only) state->keep(last);
  }
}

/// `calls` have been made before, with these changes among others.
runtime::Task<> ChangePoller::run_batch(std::shared_ptr<State> state, Changes batch,
                                        std::uint32_t calls) {
  const ChangePollerSettings& settings = state->settings;
  Result last;
  while (!batch.empty() && !state->is_stopped) {
    const std::int64_t oldest =
        runtime::to_seconds(state->host.runtime.clock.now()) - settings.oldest.count();
    const auto young = std::ranges::find_if(
        batch, [&](const services::Change& change) { return change.at >= oldest; });
    if (young != batch.begin()) {
      const Changes old(batch.begin(), young);
      batch.erase(batch.begin(), young);
      state->host.give_up({old, "RecordAgeExceeded", std::max(calls, 1U), nullptr});
      continue;
    }
    last = co_await call(state, batch);
    if (state->is_stopped) co_return;
    ++calls;
    state->count(&MappingCounts::invoked, batch.size());
    std::size_t done = 0;
    if (last.function_error.empty())
      done = settings.reports_failures ? first_failure(last.payload, batch) : batch.size();
    batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(done));
    if (batch.empty()) co_return;
    state->count(&MappingCounts::failed, batch.size());
    if (done > 0) {
      calls = 0;  // what is left is a batch of its own
      continue;
    }
    if (settings.most_retries && calls > *settings.most_retries) {
      state->host.give_up({batch, "RetryAttemptsExhausted", calls, &last});
      co_return;
    }
    co_await pause(state, wait_after(calls));
    if (!settings.bisects || batch.size() < 2) continue;
    // To split a batch is not to retry it.
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Changes first(batch.begin(), middle);
    Changes second(middle, batch.end());
    co_await run_batch(state, std::move(first), calls - 1);
    co_await run_batch(state, std::move(second), calls - 1);
    co_return;
  }
}

runtime::Task<Result> ChangePoller::call(std::shared_ptr<State> state, const Changes& batch) {
  const auto result = std::make_shared<std::optional<Result>>();
  std::uint32_t tries = 0;
  while (!state->is_stopped) {
    const bool is_called = state->host.call(event_of(batch), batch, [state, result](Result given) {
      *result = std::move(given);
      state->changed.notify();
    });
    if (is_called) break;
    co_await pause(state, wait_after(++tries));
  }
  while (!*result && !state->is_stopped) co_await state->changed.wait();
  co_return result->value_or(Result{});
}

}  // namespace matinee::lambda
