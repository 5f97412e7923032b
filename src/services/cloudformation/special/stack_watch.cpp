#include "services/cloudformation/special/stack_watch.h"

#include "services/cloudformation/special/answers.h"

namespace matinee::cloudformation {

struct StackWatch::Waiting {
  runtime::Promised<bool> woken;
  bool is_over = false;
};

/// They go on in a round of their own: the engine is in the middle of something.
void StackWatch::status_changed(const std::string& stack_id) {
  const auto [begin, end] = waiting_.equal_range(stack_id);
  for (auto place = begin; place != end; ++place)
    loop_.post([waiting = place->second] {
      if (!std::exchange(waiting->is_over, true)) waiting->woken.set(true);
    });
}

runtime::Task<StackState> StackWatch::until_ended(std::string stack_id) {
  for (;;) {
    StackState state = look(stack_id);
    if (state.has_ended()) co_return state;
    const auto waiting = std::make_shared<Waiting>();
    const auto place = waiting_.emplace(stack_id, waiting);
    co_await waiting->woken;
    waiting_.erase(place);
  }
}

void StackWatch::stop() {
  for (auto all = std::exchange(waiting_, {}); const auto& [stack_id, waiting] : all)
    if (!std::exchange(waiting->is_over, true))
      waiting->woken.fail(std::make_exception_ptr(Stopped()));
}

}  // namespace matinee::cloudformation
