// When keys end, are rotated, or lose what was imported into them.
#pragma once

#include "services/due_source.h"
#include "services/kms/records.h"

namespace matinee::kms {

inline constexpr storage::TableId due_table{0x0909};

class DueKeys final : public services::DueSource {
 public:
  explicit DueKeys(storage::Store& store) : due_(store, due_table) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  storage::Table<DueTable::KeyType, DueTable::RecordType> due_;
};

}  // namespace matinee::kms
