// What other resources of a stack attach to a role, user or group: that is in no template of the
// holder itself, and no drift of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/tree.h"

namespace matinee::cloudformation {

class Attachments {
 public:
  /// The holder's type, "AWS::IAM::Role", and its physical id. Other types have no attachments.
  Attachments(std::string_view type, std::string id);

  bool are_possible() const { return !noun_.empty(); }
  /// Another resource of the stack.
  void add(std::string_view type, const std::string& id, const templates::Value& properties);
  /// What was read of the holder, without what is attached and not expected of it.
  templates::Value without(const templates::Value& actual, const templates::Value& expected) const;

 private:
  std::string noun_;  // "Role"
  std::string holder_;
  std::vector<std::string> policies_;  // names of inline policies
  std::vector<std::string> managed_;   // ARNs
  std::vector<std::string> groups_;
};

}  // namespace matinee::cloudformation
