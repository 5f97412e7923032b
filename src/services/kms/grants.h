// Where a grant is, and what it lets somebody do.
#pragma once

#include <string>

#include "services/kms/records.h"

namespace matinee::kms {

struct GrantPlace {
  KeyName key;
  std::string grant_id;
};

}  // namespace matinee::kms
