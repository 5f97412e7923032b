// IAM's words for what is wrong with a policy. It reads trust policies by the same reader as S3
// reads its policies, and those of identities by another one.
#include <fmt/format.h>

#include "policy/faults.h"

namespace matinee::policy {

namespace {

std::string words_of_trust(Flaw flaw, std::string_view detail) {
  switch (flaw) {
    case Flaw::not_json:
      return "This policy contains invalid Json";
    case Flaw::wrong_syntax:
      return "Syntax errors in policy.";
    case Flaw::wrong_principal:
      return fmt::format("Invalid principal in policy: {}", detail);
    case Flaw::empty_principal:
      return "Missing required field Principal cannot be empty!";
    case Flaw::empty_action:
      return "Missing required field Action";
    case Flaw::resource_given:
      return fmt::format("Has prohibited field {}", detail);
    default:
      return words_of_resources(Kind::trust, flaw, detail);
  }
}

}  // namespace

std::string words_of_iam(Kind kind, Flaw flaw, std::string_view detail) {
  if (kind == Kind::trust) return words_of_trust(flaw, detail);
  switch (flaw) {
    case Flaw::principal_given:
      return "Policy document should not specify a principal.";
    case Flaw::empty_action:
    case Flaw::no_action:
      return "Policy statement must contain actions.";
    case Flaw::empty_resource:
    case Flaw::no_resource:
      return "Policy statement must contain resources.";
    default:
      return "Syntax errors in policy.";
  }
}

}  // namespace matinee::policy
