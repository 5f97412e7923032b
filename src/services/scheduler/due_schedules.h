// When schedules fire next.
#pragma once

#include "services/due_source.h"
#include "services/scheduler/records.h"
#include "storage/table.h"

namespace matinee::scheduler {

class DueSchedules final : public services::DueSource {
 public:
  explicit DueSchedules(storage::Store& store) : due_(store, due_table) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  storage::Table<DueKey, DueRecord> due_;
};

}  // namespace matinee::scheduler
