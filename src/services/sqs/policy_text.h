// The Policy attribute of a queue as text: AddPermission and RemovePermission write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace matinee::sqs {

/// One AddPermission. All parts are letters, digits and punctuation that JSON need not escape.
struct Permission {
  std::string label;
  std::vector<std::string> accounts;  // 12 digits
  std::vector<std::string> actions;   // "SendMessage", or "*"
};

/// Whether a statement of the policy, which may be empty, has this Sid.
bool has_statement(const std::string& policy, std::string_view label);

/// The policy with one more statement, which allows the permission on the queue.
std::string with_permission(const std::string& policy, const Permission& permission,
                            std::string_view queue_arn);

/// The policy without the statements of this Sid; empty where none is left.
std::string without_permission(const std::string& policy, std::string_view label);

}  // namespace matinee::sqs
