// When items of tables expire.
#pragma once

#include "services/due_source.h"
#include "services/dynamodb/expiries.h"
#include "services/dynamodb/housekeeping.h"

namespace matinee::dynamodb {

/// Of each table the first item: others of it come after that.
class DueExpiries final : public services::DueSource {
 public:
  explicit DueExpiries(storage::Store& store)
      : tables_(store, expiring_tables_id), expiries_(store, expiries_id) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  ExpiringTables tables_;
  ExpiryTable expiries_;
};

}  // namespace matinee::dynamodb
