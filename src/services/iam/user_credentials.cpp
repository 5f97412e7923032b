// Which credentials of a user stand in the way of its removal.
#include "services/iam/service.h"

namespace matinee::iam {

/// Those that AWS names, in the order in which it asks for them.
void Service::require_no_credentials(std::string_view account, const UserRecord& user) const {
  if (!catalog_.keys_of_users.is_empty(
          catalog_.keys_of_users.prefix(std::string(account), user.id)))
    throw DeleteConflictException("Cannot delete entity, must delete access keys first.");
  require_no_named_credentials(std::string(account), user.id);
}

/// Those that AWS does not name: SSH keys and service-specific credentials.
void Service::require_no_other_credentials(std::string_view account, const UserRecord& user) const {
  require_no_unnamed_credentials(std::string(account), user.id);
}

}  // namespace matinee::iam
