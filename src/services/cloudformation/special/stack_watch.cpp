#include "services/cloudformation/special/stack_watch.h"

namespace matinee::cloudformation {

runtime::Task<StackState> StackWatch::until_ended(std::string stack_id, resources::Halt* halt) {
  for (;;) {
    StackState state = look(stack_id);
    if (state.has_ended() || (halt && halt->is_on())) co_return state;
    co_await waiting_.wait(stack_id, halt);
  }
}

}  // namespace matinee::cloudformation
