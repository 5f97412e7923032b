// When policies of parameters are carried out.
#pragma once

#include "services/due_source.h"
#include "services/ssm/records.h"

namespace matinee::ssm {

class DuePolicies final : public services::DueSource {
 public:
  explicit DuePolicies(storage::Store& store)
      : expirations_(store, expirations_id), notices_(store, notices_id) {}

  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

 private:
  storage::Table<Expirations::KeyType, Expirations::RecordType> expirations_;
  storage::Table<Notices::KeyType, Notices::RecordType> notices_;
};

}  // namespace matinee::ssm
