#include "cloud/managed_policies.h"

#include "services/iam/managed_policies.h"

namespace matinee::cloud {

std::optional<std::string> managed_policy_arn(std::string_view name) {
  return iam::find_managed_policy_arn(name);
}

}  // namespace matinee::cloud
