// When secrets are rotated, and when deleted ones end for good.
#pragma once

#include "services/due_source.h"
#include "services/secretsmanager/catalog.h"

namespace matinee::secretsmanager {

class DueSecrets final : public services::DueSource {
 public:
  explicit DueSecrets(storage::Store& store)
      : secrets_(store), endings_(store, endings_id), rotations_(store, rotations_id) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  using ByTime = storage::Table<Endings::KeyType, Endings::RecordType>;

  Catalog secrets_;
  ByTime endings_;
  ByTime rotations_;
};

}  // namespace matinee::secretsmanager
