// S3's words for what is wrong with a policy.
#include <fmt/format.h>

#include "policy/faults.h"

namespace matinee::policy {

std::string words_of_resources(Kind /*kind*/, Flaw flaw, std::string_view detail) {
  switch (flaw) {
    case Flaw::not_json:
      return std::string(not_json);
    case Flaw::unknown_field:
      return fmt::format("Unknown field {}", detail);
    case Flaw::wrong_version:
      return "The policy must contain a valid version string";
    case Flaw::wrong_effect:
      return fmt::format("Invalid effect: {}", detail);
    case Flaw::wrong_operator:
      return fmt::format("Invalid Condition type : {}", detail);
    case Flaw::wrong_principal:
    case Flaw::empty_principal:
      return "Invalid principal in policy";
    case Flaw::empty_action:
      return "Policy has invalid action";
    case Flaw::empty_resource:
      return "Policy has invalid resource";
    case Flaw::no_statement:
      return "Missing required field Statement";
    case Flaw::no_effect:
      return "Missing required field Effect";
    case Flaw::no_principal:
      return "Missing required field Principal";
    case Flaw::no_action:
      return "Missing required field Action";
    case Flaw::no_resource:
      return "Missing required field Resource";
    case Flaw::wrong_syntax:
    case Flaw::principal_given:
    case Flaw::resource_given:
      break;
  }
  return fmt::format("Invalid policy syntax: {}", detail);
}

}  // namespace matinee::policy
