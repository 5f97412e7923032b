// Access control lists as they are stored, with buckets and with objects.
#pragma once

#include <string>
#include <vector>

#include "storage/record.h"

namespace matinee::s3 {

enum class Permission : std::uint8_t {
  full_control = 1,
  read = 2,
  write = 3,
  read_acp = 4,
  write_acp = 5
};

struct GrantRecord {
  bool to_group = false;
  std::string grantee;  // canonical user id, or the URI of a group
  Permission permission = Permission::read;

  static constexpr auto fields = std::tuple{storage::field<1>(&GrantRecord::to_group),
                                            storage::field<2>(&GrantRecord::grantee),
                                            storage::field<3>(&GrantRecord::permission)};
};

struct AclRecord {
  std::string owner;  // account; empty for what anonymous callers have stored
  std::vector<GrantRecord> grants;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&AclRecord::owner), storage::field<2>(&AclRecord::grants)};
};

}  // namespace matinee::s3
