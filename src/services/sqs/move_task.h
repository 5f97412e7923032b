// A message move task in memory.
#pragma once

#include "services/sqs/records.h"

namespace matinee::sqs {

struct MoveTask {
  MoveTaskRecord record;
  runtime::TimerId timer = runtime::TimerId::none;  // of its next step, while it runs
  runtime::Time resumed_at;                         // its rate counts from here
  std::uint64_t moved_before = 0;                   // what had moved by then
};

}  // namespace matinee::sqs
