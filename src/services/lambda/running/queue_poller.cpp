#include "services/lambda/running/queue_poller.h"

#include <algorithm>

#include "patterns/event.h"
#include "protocol/error.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/lambda/running/queue_event.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_at_once = 10;
constexpr std::size_t most_bytes = std::size_t{6} << 20;
constexpr runtime::Duration wait_after_trouble = std::chrono::seconds(1);

constexpr runtime::TimerPurpose ending_window{
    .what = "the window of an event source of Lambda ends", .is_on_the_way = true};
constexpr runtime::TimerPurpose going_on{.what = "an event source of Lambda goes on after a pause"};

/// What was not received or removed comes again: nobody but the log needs to know.
void tell(const PollerSettings& settings, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const protocol::ServiceError& refusal) {
    spdlog::info("{} cannot be read for a function: {}: {}", settings.reader.queue, refusal.code(),
                 refusal.message());
  } catch (const std::exception& failure) {
    spdlog::warn("{} cannot be read for a function: {}", settings.reader.queue, failure.what());
  }
}

bool wants(const PollerSettings& settings, const services::QueueMessage& message) {
  if (settings.filters.empty()) return true;
  const std::string record = record_of(message, settings.reader.queue, false, true);
  patterns::Event event;
  event.parse(record);
  return std::ranges::any_of(
      settings.filters, [&](const patterns::Pattern& filter) { return filter.matches(event); });
}

}  // namespace

struct QueuePoller::State {
  PollerHost host;
  PollerSettings settings;
  bool is_stopped = false;
  bool is_gathering = false;
  std::shared_ptr<void> watch;
  std::vector<services::QueueMessage> batch;
  std::size_t bytes = 0;
  runtime::TimerId window = runtime::TimerId::none;
  bool window_has_ended = false;

  bool may_call() const { return *host.calls < settings.most_concurrent; }
  bool is_full() const { return batch.size() >= settings.batch_size || bytes >= most_bytes; }
};

QueuePoller::QueuePoller(const PollerHost& host, PollerSettings settings)
    : state_(std::make_shared<State>(State{.host = host, .settings = std::move(settings)})) {}

QueuePoller::~QueuePoller() {
  state_->is_stopped = true;
  state_->watch.reset();
  state_->host.runtime.clock.cancel(state_->window);
}

void QueuePoller::start() {
  watch(state_);
}

void QueuePoller::wake() {
  go_on(state_);
}

void QueuePoller::watch(const std::shared_ptr<State>& state) {
  if (state->is_stopped) return;
  state->watch =
      state->host.watches.watch(state->settings.reader.queue, [weak = std::weak_ptr(state)] {
        if (const auto held = weak.lock()) go_on(held);
      });
}

void QueuePoller::go_on(const std::shared_ptr<State>& state) {
  if (state->is_stopped || state->is_gathering || !state->may_call()) return;
  state->is_gathering = true;
  state->watch.reset();
  runtime::start(gather(state), [state](const std::exception_ptr& error) {
    state->is_gathering = false;
    if (!error || state->is_stopped) return;
    tell(state->settings, error);
    watch_later(state);
  });
}

/// Nothing of a poller that was stopped: the service may be gone.
void QueuePoller::count(const std::shared_ptr<State>& state, std::uint64_t MappingCounts::* what,
                        std::size_t events) {
  if (state->is_stopped || events == 0) return;
  if (MappingCounts* counts = state->host.counts()) counts->*what += events;
}

/// Adds what there is to the batch, until that is full, and deletes what the filters do not want.
runtime::Task<> QueuePoller::fill(std::shared_ptr<State> state) {
  const PollerSettings& settings = state->settings;
  while (!state->is_full()) {
    const std::size_t wanted = std::min(most_at_once, settings.batch_size - state->batch.size());
    std::vector<services::QueueMessage> received =
        co_await state->host.queues.receive(settings.reader, static_cast<int>(wanted));
    if (received.empty()) co_return;
    count(state, &MappingCounts::polled, received.size());
    std::vector<services::QueueMessage> unwanted;
    for (services::QueueMessage& message : received) {
      if (!wants(settings, message)) {
        unwanted.push_back(std::move(message));
        continue;
      }
      state->bytes += message.body.size();
      state->batch.push_back(std::move(message));
    }
    if (unwanted.empty()) continue;
    count(state, &MappingCounts::filtered_out, unwanted.size());
    if (!state->is_stopped) state->host.tell_unwanted(unwanted);
    std::vector<std::string> receipts;
    for (services::QueueMessage& message : unwanted) receipts.push_back(std::move(message.receipt));
    co_await state->host.queues.remove(settings.reader, std::move(receipts));
  }
}

/// Hands batches over, each once it is full or its time has come, as long as there are messages.
runtime::Task<> QueuePoller::gather(std::shared_ptr<State> state) {
  const PollerSettings& settings = state->settings;
  while (state->may_call()) {
    co_await fill(state);
    if (state->is_stopped) co_return;
    const bool waits = settings.window > runtime::Duration::zero() && !state->is_full() &&
                       !state->window_has_ended;
    if (!state->batch.empty() && waits && state->window == runtime::TimerId::none)
      state->window = runtime::call_for(state->host.runtime.clock, ending_window,
                                        state->host.runtime.clock.now() + settings.window,
                                        [weak = std::weak_ptr(state)] {
                                          if (const auto held = weak.lock()) end_window(held);
                                        });
    if (state->batch.empty() || waits) co_return watch(state);
    if (!hand_over(state)) co_return watch_later(state);
  }
}

void QueuePoller::end_window(const std::shared_ptr<State>& state) {
  state->window = runtime::TimerId::none;
  state->window_has_ended = true;
  go_on(state);
}

/// False where the function cannot be called now: the messages come again after their time in
/// flight.
bool QueuePoller::hand_over(const std::shared_ptr<State>& state) {
  state->host.runtime.clock.cancel(std::exchange(state->window, runtime::TimerId::none));
  state->window_has_ended = false;
  state->bytes = 0;
  const PollerSettings& settings = state->settings;
  auto batch =
      std::make_shared<std::vector<services::QueueMessage>>(std::exchange(state->batch, {}));
  ++*state->host.calls;
  std::string event =
      event_of(*batch, settings.reader.queue, settings.window > runtime::Duration::zero());
  const auto done = [state, batch](Result result) {
    runtime::start(settle(state, std::move(*batch), std::move(result)),
                   [state](const std::exception_ptr& error) {
                     if (error) tell(state->settings, error);
                     --*state->host.calls;
                     if (state->is_stopped) return state->host.wake_next();
                     go_on(state);
                   });
  };
  bool is_called = false;
  try {
    is_called = state->host.call({.event = std::move(event), .messages = *batch, .done = done});
  } catch (...) {
    --*state->host.calls;
    throw;
  }
  if (is_called)
    count(state, &MappingCounts::invoked, batch->size());
  else
    --*state->host.calls;
  return is_called;
}

void QueuePoller::watch_later(const std::shared_ptr<State>& state) {
  runtime::Clock& clock = state->host.runtime.clock;
  runtime::call_for(clock, going_on, clock.now() + wait_after_trouble,
                    [weak = std::weak_ptr(state)] {
                      if (const auto held = weak.lock()) watch(held);
                    });
}

/// Removes what the function has done. The rest comes again by itself.
runtime::Task<> QueuePoller::settle(std::shared_ptr<State> state,
                                    std::vector<services::QueueMessage> batch, Result result) {
  std::optional<std::set<std::string>> failed = std::set<std::string>();
  if (!result.function_error.empty())
    failed.reset();
  else if (state->settings.reports_failures)
    failed = failures_of(result.payload, batch);
  count(state, &MappingCounts::failed, failed ? failed->size() : batch.size());
  if (!failed) co_return;
  count(state, &MappingCounts::deleted, batch.size() - failed->size());
  std::vector<std::string> receipts;
  for (const services::QueueMessage& message : batch) {
    if (failed->contains(message.id)) continue;
    receipts.push_back(message.receipt);
    if (receipts.size() == most_at_once)
      co_await state->host.queues.remove(state->settings.reader, std::exchange(receipts, {}));
  }
  if (!receipts.empty())
    co_await state->host.queues.remove(state->settings.reader, std::move(receipts));
}

}  // namespace matinee::lambda
