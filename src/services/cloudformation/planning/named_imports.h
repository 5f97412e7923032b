// ResourcesToImport: what a change set of type IMPORT names to be taken in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudformation/shapes.h"
#include "services/cloudformation/planning/plan.h"
#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// The physical ids, by logical id. Throws ValidationError for a logical id that stands there
/// twice.
std::map<std::string, std::string> imports_of(const std::vector<ResourceToImport>& named,
                                              const FindType& find_type);

/// Throws ValidationError for what the template has otherwise: another type, an identifier that is
/// not the type's, or one whose value is not what the template sets. Of what the template does not
/// have nothing is said.
void check_identifiers(const std::vector<ResourceToImport>& named, const Prepared& prepared,
                       const FindType& find_type);

}  // namespace matinee::cloudformation
