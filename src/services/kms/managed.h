// The keys that AWS makes for a service of its own in every account, when it first needs one.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "services/kms/records.h"

namespace matinee::kms {

/// "s3" of alias/aws/s3, and what its key protects.
struct ManagedService {
  std::string_view name;
  std::string_view title;
  std::string_view protects;
};

/// In the order of their names.
std::span<const ManagedService> managed_services();
bool is_managed_service(std::string_view name);

std::string managed_description(std::string_view service);
std::string managed_policy(const KeyName& name, std::string_view service);

}  // namespace matinee::kms
