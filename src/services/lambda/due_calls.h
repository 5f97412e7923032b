// When asynchronous calls of functions are made again.
#pragma once

#include "services/due_source.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

class DueCalls final : public services::DueSource {
 public:
  explicit DueCalls(storage::Store& store) : queued_(store, queued_table) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  storage::Table<QueuedKey, QueuedRecord> queued_;
};

}  // namespace matinee::lambda
