// The names of service-linked roles, which follow no rule, as AWS documents them by service.
#pragma once

#include <string_view>

namespace matinee::iam {

struct ServiceRoleName {
  std::string_view service;   // "ecs": without ".amazonaws.com"
  std::string_view name;      // "ECS": after "AWSServiceRoleFor"
  std::string_view policy;    // below arn:aws:iam::aws:policy/aws-service-role/; may be empty
  bool takes_suffix = false;  // one account may have several
};

/// By the service's principal ("ecs.amazonaws.com"); null for services that are not known to have
/// such a role.
const ServiceRoleName* find_service_role_name(std::string_view service);

}  // namespace matinee::iam
