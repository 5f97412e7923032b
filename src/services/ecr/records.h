// What the store keeps of repositories.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::ecr {

/// Account, region, name.
using RepositoryKey = std::tuple<std::string, std::string, std::string>;

inline constexpr storage::TableId repositories_table{0x1601};

struct RepositoryRecord {
  runtime::Time created;
  std::string mutability;               // MUTABLE, IMMUTABLE, and each WITH_EXCLUSION
  std::vector<std::string> exclusions;  // wildcards of tags
  bool scans_on_push = false;
  std::string encryption;  // AES256, KMS, KMS_DSSE
  std::string key;         // ARN of KMS's key, with KMS
  std::string policy;      // as it was set; empty: none
  std::string lifecycle;   // likewise
  std::map<std::string, std::string> tags;

  static constexpr auto fields = std::tuple{storage::field<1>(&RepositoryRecord::created),
                                            storage::field<2>(&RepositoryRecord::mutability),
                                            storage::field<3>(&RepositoryRecord::exclusions),
                                            storage::field<4>(&RepositoryRecord::scans_on_push),
                                            storage::field<5>(&RepositoryRecord::encryption),
                                            storage::field<6>(&RepositoryRecord::key),
                                            storage::field<7>(&RepositoryRecord::policy),
                                            storage::field<8>(&RepositoryRecord::lifecycle),
                                            storage::field<9>(&RepositoryRecord::tags)};
};

using Repositories = storage::Table<RepositoryKey, RepositoryRecord>;

}  // namespace matinee::ecr
