// Stack policies: which resources an update may change, replace or remove.
#pragma once

#include <string>
#include <string_view>

namespace matinee::cloudformation {

/// What is about to be done to a resource.
struct GuardedChange {
  std::string_view action;  // "Update:Modify", "Update:Replace", "Update:Delete"
  std::string_view logical_id;
  std::string_view type;
};

/// Whether the text is a stack policy: principals "*", actions "Update:...".
bool is_stack_policy(const std::string& text);

/// Why a policy does not let that happen; empty where it does. Of statements that are about it the
/// last one counts, and without one it is denied; an empty policy lets everything happen.
std::string why_policy_denies(const std::string& text, const GuardedChange& change);

}  // namespace matinee::cloudformation
