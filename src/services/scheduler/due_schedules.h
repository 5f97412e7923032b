// When schedules fire next.
#pragma once

#include "services/due_source.h"
#include "services/scheduler/records.h"
#include "storage/table.h"

namespace matinee::scheduler {

class DueSchedules final : public services::DueSource {
 public:
  explicit DueSchedules(storage::Store& store) : due_(store, due_table) {}

  std::vector<services::DueThing> due(const services::Context& context, runtime::Time now,
                                      std::size_t most) const override;

 private:
  storage::Table<DueKey, DueRecord> due_;
};

}  // namespace matinee::scheduler
