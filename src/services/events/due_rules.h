// When rules with a schedule fire next.
#pragma once

#include "services/due_source.h"
#include "services/events/records.h"

namespace matinee::events {

inline constexpr storage::TableId due_table{0x0705};

class DueRules final : public services::DueSource {
 public:
  explicit DueRules(storage::Store& store) : due_(store, due_table) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  Due due_;
};

}  // namespace matinee::events
