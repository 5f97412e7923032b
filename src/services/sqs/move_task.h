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

/// The source that the handle of a task names, which may be empty; nothing where it is no handle.
std::optional<std::string> source_of_handle(const std::string& handle);

}  // namespace matinee::sqs
