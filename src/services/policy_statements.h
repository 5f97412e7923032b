// Policies of resources as texts: AddPermission adds a statement to what somebody has written, and
// RemovePermission takes one away.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace matinee::services {

/// A policy taken apart: its statements, and what else it has, in order.
struct PolicyParts {
  bool valid = false;                                           // JSON with statements
  std::vector<std::string> others;                              // "name":value
  std::vector<std::pair<std::string, std::string>> statements;  // Sid, which may be empty; JSON
};

PolicyParts take_apart(const std::string& policy);
std::string put_together(const PolicyParts& parts);

/// As AWS writes it: a string where there is one, a list where there are several.
std::string one_or_list(const std::vector<std::string>& values);

}  // namespace matinee::services
