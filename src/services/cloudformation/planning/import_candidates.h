// Which resources of a template may be there already, because the template gives them the names by
// which they are found. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/planning/evaluating.h"
#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// A resource that would be made, and under which id it may be there.
struct ImportCandidate {
  std::string logical_id;
  const resources::ResourceType* type = nullptr;
  Value identifying = Value::map();  // {"RoleName": "x"}: all parts of its primary identifier
  std::string id;                    // the physical one
  std::string deletion_policy;       // empty: none
  Value shown = Value::map();        // `identifying`, with secret parameters hidden
};

/// Of those that are made and that the stack does not have yet: the ones whose primary identifier
/// the template says in full, without asking what other resources will give. Types whose primary
/// identifier can only be read are none, as on AWS.
std::vector<ImportCandidate> find_import_candidates(
    const Prepared& prepared, const std::function<bool(std::string_view logical_id)>& has,
    const FindType& find_type);

/// "Role ({RoleName=x})", as AWS tells one.
std::string told_candidate(const ImportCandidate& candidate);

/// Whether CloudFormation takes in by itself what has that DeletionPolicy.
bool keeps_what_is_imported(std::string_view deletion_policy);

}  // namespace matinee::cloudformation
