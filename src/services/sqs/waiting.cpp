// Long polling. A waiter is a suspended call and a place in its queue's list; no thread and no
// transaction waits. Whoever makes messages visible has the waiters looked at in the loop's next
// round; messages that become visible by themselves have one timer a queue, set only while somebody
// waits.
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

constexpr runtime::TimerPurpose coming_into_sight{
    .what = "a message comes into sight of somebody who waits"};

}  // namespace

runtime::Task<ReceiveMessageResponse> Service::wait(Queue& queue, const Receive& receive,
                                                    const Context& context) {
  Waiter waiter{.receive = receive, .answer = {}};
  waiter.place = queue.waiters.insert(queue.waiters.end(), &waiter);
  waiter.deadline = real_clock_.call_at(real_clock_.now() + receive.wait,
                                        [this, &queue, &waiter] { give_up(queue, waiter); });
  if (context.cancellation)
    context.cancellation->on_cancel([this, &queue, &waiter] { give_up(queue, waiter); });
  watch_next_change(queue);
  // Whoever answers has taken the waiter out of the list, and stopped its timer.
  struct StopListening {
    const Context& context;
    ~StopListening() {
      if (context.cancellation) context.cancellation->on_cancel(nullptr);
    }
  } stop_listening{context};
  co_return co_await waiter.answer;
}

void Service::give_up(Queue& queue, Waiter& waiter) {
  queue.waiters.erase(waiter.place);
  if (queue.waiters.empty()) watch_next_change(queue);
  answer(waiter, {});
}

void Service::answer(Waiter& waiter, ReceiveMessageResponse response) {
  real_clock_.cancel(waiter.deadline);
  waiter.answer.set(std::move(response));
}

void Service::fail(Waiter& waiter, std::exception_ptr error) {
  real_clock_.cancel(waiter.deadline);
  waiter.answer.fail(std::move(error));
}

void Service::stop_waiting() {
  for (const auto& [key, queue] : queues_)
    while (!queue->waiters.empty()) give_up(*queue, *queue->waiters.front());
}

void Service::serve_later(Queue& queue) {
  if (!queue.is_awaited() || queue.serving) return;
  queue.serving = true;
  const auto let_go = [this, number = queue.record.number] {
    if (const auto found = queues_by_number_.find(number); found != queues_by_number_.end()) {
      found->second->serving = false;
      serve(*found->second);
    }
  };
  store_.on_commit([this, let_go] { loop_.post(let_go); });
  store_.on_rollback([&queue] { queue.serving = false; });
}

void Service::serve(Queue& queue) {
  if (!queue.is_awaited()) return;
  const std::uint64_t number = queue.record.number;
  while (queues_by_number_.contains(number) && !queue.waiters.empty() && serve_first(queue)) {
  }
  if (!queues_by_number_.contains(number)) return;
  if (!queue.watchers.empty() && queue.waiters.empty() &&
      messages_of(queue).index.next(Receiving{}) != no_slot)
    wake(queue.watchers);
  watch_next_change(queue);
}

/// Gives the first waiter its messages. False where there are none.
bool Service::serve_first(Queue& queue) {
  Waiter& waiter = *queue.waiters.front();
  ReceiveMessageResponse response;
  try {
    response = receive_now(queue, waiter.receive);
  } catch (...) {
    queue.waiters.pop_front();
    fail(waiter, std::current_exception());
    return true;
  }
  if (!response.messages) return false;
  queue.waiters.pop_front();
  answer(waiter, std::move(response));
  return true;
}

void Service::watch_next_change(Queue& queue) {
  clock_.cancel(queue.next_change);
  queue.next_change = runtime::TimerId::none;
  if (!queue.is_awaited()) return;
  const std::optional<runtime::Time> next = messages_of(queue).index.next_change();
  if (!next) return;
  queue.next_change = timers_.call_for(coming_into_sight, *next, [this, &queue] {
    queue.next_change = runtime::TimerId::none;
    serve(queue);
  });
}

}  // namespace matinee::sqs
