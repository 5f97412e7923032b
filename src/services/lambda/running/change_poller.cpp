#include "services/lambda/running/change_poller.h"

#include <algorithm>
#include <utility>

#include "patterns/event.h"
#include "protocol/error.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/lambda/running/change_poller_state.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_at_once = 10'000;
constexpr std::size_t most_told = 100;  // unwanted changes of a page, to the journal
constexpr runtime::Duration longest_wait = std::chrono::seconds(60);

constexpr runtime::TimerPurpose ending_window{
    .what = "the window of an event source of Lambda ends", .is_on_the_way = true};

bool wants(const ChangePollerSettings& settings, const services::Change& change) {
  if (settings.filters.empty()) return true;
  patterns::Event event;
  event.parse(change.record);
  return std::ranges::any_of(
      settings.filters, [&](const patterns::Pattern& filter) { return filter.matches(event); });
}

/// The front of `rest`, so many of them.
Changes take(Changes& rest, std::size_t count) {
  const auto end = rest.begin() + static_cast<std::ptrdiff_t>(count);
  Changes taken(std::make_move_iterator(rest.begin()), std::make_move_iterator(end));
  rest.erase(rest.begin(), end);
  return taken;
}

std::size_t bytes_of(const Changes& changes) {
  std::size_t bytes = 0;
  for (const services::Change& change : changes) bytes += change.record.size();
  return bytes;
}

/// Those from the front of `rest` that make one call, with a state beside them.
std::size_t count_for_batch(const Changes& rest, std::size_t most, std::size_t state_bytes) {
  std::size_t count = 0;
  std::size_t bytes = state_bytes;
  while (count < rest.size() && count < most) {
    bytes += rest[count].record.size() + 1;
    if (count > 0 && bytes > most_event_bytes) break;
    ++count;
  }
  return count;
}

/// Those from the front that are in the same tumbling window; all where there are none.
std::size_t count_in_window(const Changes& changes, std::chrono::seconds tumbling) {
  if (changes.empty() || tumbling == std::chrono::seconds::zero()) return changes.size();
  const ChangeWindow window = window_of(changes.front(), tumbling.count());
  const auto other = std::ranges::find_if_not(
      changes, [&](const services::Change& change) { return window.has(change); });
  return static_cast<std::size_t>(other - changes.begin());
}

runtime::Time time_of(std::int64_t seconds) {
  return runtime::Time(std::chrono::seconds(seconds));
}

}  // namespace

runtime::Duration wait_after(std::uint32_t calls) {
  constexpr std::uint32_t most_doublings = 6;
  const runtime::Duration wait =
      std::chrono::seconds(1) * (1U << std::min(calls - 1, most_doublings));
  return std::min(longest_wait, wait);
}

ChangePoller::ChangePoller(ChangePollerHost host, ChangePollerSettings settings,
                           ChangeProgress progress)
    : state_(std::make_shared<State>(std::move(host), std::move(settings), std::move(progress))) {}

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
  ++state_->wakes;
  state_->changed.notify();
}

ChangePollerStatus ChangePoller::status() const {
  return {.after = state_->progress.after,
          .window = state_->progress.window,
          .gathering_until = state_->gathering_until,
          .gathered = state_->gathered.size(),
          .failures = state_->failures,
          .failing_from = state_->failing_from,
          .last_failure = state_->last_failure,
          .trouble = state_->trouble,
          .is_held_up = state_->is_held_up};
}

/// Reads what is there into `gathered`, as much as one round of calls needs. False where it was
/// stopped or the stream could not be read; then it has waited.
runtime::Task<bool> ChangePoller::read(std::shared_ptr<State> state) {
  const ChangePollerSettings& settings = state->settings;
  const std::size_t most = std::min(most_at_once, settings.batch_size * settings.lanes);
  const std::size_t most_bytes = most_event_bytes * settings.lanes;
  if (!state->ahead.empty() && state->gathered.empty()) {
    state->gathered = std::exchange(state->ahead, {});
    state->gathered_bytes = bytes_of(state->gathered);
  }
  if (!state->ahead.empty() || state->gathered.size() >= most ||
      state->gathered_bytes >= most_bytes)
    co_return true;
  const std::string after =
      state->gathered.empty() ? state->progress.after : state->gathered.back().sequence;
  state->is_ready = false;
  state->watch = state->host.watches.watch(settings.reader.stream, [state] {
    state->is_ready = true;
    state->changed.notify();
  });
  std::optional<services::ChangePage> page;
  try {
    page = co_await state->host.source.read(
        settings.reader, after,
        {.most = most - state->gathered.size(), .bytes = most_bytes - state->gathered_bytes});
  } catch (const protocol::ServiceError& error) {
    spdlog::info("{} cannot be read for a function: {}: {}", settings.reader.stream, error.code(),
                 error.message());
    state->trouble = error.code() + ": " + error.message();
  }
  if (state->is_stopped || !page) co_return false;
  state->trouble.clear();
  if (page->changes.empty()) co_return true;
  if (!state->gathered.empty() && state->gathered.back().shard != page->changes.front().shard) {
    state->ahead = std::move(page->changes);
    co_return true;
  }
  state->gathered_bytes += bytes_of(page->changes);
  std::ranges::move(page->changes, std::back_inserter(state->gathered));
  co_return true;
}

/// Until there is more to read, or that time has come.
runtime::Task<> ChangePoller::wait(std::shared_ptr<State> state,
                                   std::optional<runtime::Time> until) {
  bool is_over = false;
  std::optional<runtime::TimerId> timer;
  if (until)
    timer = runtime::call_for(state->host.runtime.clock, ending_window, *until, [state, &is_over] {
      is_over = true;
      state->changed.notify();
    });
  while (!is_over && !state->is_ready && !state->is_stopped) co_await state->changed.wait();
  if (timer && !is_over) state->host.runtime.clock.cancel(*timer);
}

/// Gathers changes, works them off when it is time for that, and so on. The time is looked at
/// before reading: what is not read then is of a later window.
runtime::Task<> ChangePoller::run(std::shared_ptr<State> state) {
  const ChangePollerSettings& settings = state->settings;
  std::optional<ChangeWindow>& window = state->progress.window;
  std::uint32_t troubles = 0;
  while (!state->is_stopped) {
    const runtime::Time now = state->now();
    if (!co_await read(state)) {
      if (!state->is_stopped) co_await pause(state, wait_after(++troubles));
      continue;
    }
    troubles = 0;
    const Changes& gathered = state->gathered;
    if (window) {
      const bool is_over =
          gathered.empty() ? now >= time_of(window->end) : !window->has(gathered.front());
      const bool is_of_other_settings = window->end - window->begin != settings.tumbling.count();
      if (is_over || is_of_other_settings) {
        co_await call_window(state, WindowCall::end);
        continue;
      }
    }
    std::optional<runtime::Time> until;
    if (window) until = time_of(window->end);
    if (gathered.empty()) {
      co_await wait(state, until);
      continue;
    }
    const std::size_t count = count_in_window(gathered, settings.tumbling);
    if (!state->gathering_until) {
      state->gathering_until = now + settings.window;
      if (settings.tumbling > std::chrono::seconds::zero())
        state->gathering_until =
            std::min(*state->gathering_until,
                     time_of(window_of(gathered.front(), settings.tumbling.count()).end));
    }
    const bool is_full = gathered.size() >= settings.batch_size || count < gathered.size() ||
                         state->gathered_bytes >= most_event_bytes || !state->ahead.empty();
    if (!is_full && now < *state->gathering_until) {
      co_await wait(state, state->gathering_until);
      continue;
    }
    state->gathering_until.reset();
    Changes page = take(state->gathered, count);
    state->gathered_bytes = bytes_of(gathered);
    state->count(&MappingCounts::polled, page.size());
    co_await run_page(state, std::move(page));
  }
}

runtime::Task<> ChangePoller::run_page(std::shared_ptr<State> state, Changes page) {
  const ChangePollerSettings& settings = state->settings;
  runtime::Turns& turns = state->host.runtime.loop.turns();
  const std::string last = page.back().sequence;
  const std::size_t read = page.size();
  std::size_t wanted = 0;
  Changes unwanted;
  std::vector<Changes> lanes(settings.lanes);
  for (services::Change& change : page) {
    if (turns.is_over()) co_await turns.next();
    if (!wants(settings, change)) {
      if (unwanted.size() < most_told) unwanted.push_back(std::move(change));
      continue;
    }
    ++wanted;
    lanes[change.item % settings.lanes].push_back(std::move(change));
  }
  Changes().swap(page);
  if (state->is_stopped) co_return;
  if (!unwanted.empty()) state->host.tell_unwanted(unwanted);
  state->count(&MappingCounts::filtered_out, read - wanted);
  if (wanted > 0 && settings.tumbling > std::chrono::seconds::zero() && !state->progress.window)
    state->progress.window = window_of(lanes[0].front(), settings.tumbling.count());
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
  if (state->progress.after != last) state->keep(last);
}

runtime::Task<> ChangePoller::run_lane(std::shared_ptr<State> state, Changes lane, bool is_only) {
  while (!lane.empty() && !state->is_stopped) {
    const std::size_t state_bytes =
        state->progress.window ? state->progress.window->state.size() : 0;
    Changes batch = take(lane, count_for_batch(lane, state->settings.batch_size, state_bytes));
    const std::string last = batch.back().sequence;
    co_await run_batch(state, std::move(batch), 0);
    if (is_only) state->keep(last);
  }
}

}  // namespace matinee::lambda
