// Which stack has a resource: only one may, because it removes what it has.
#pragma once

#include <optional>
#include <string_view>

#include "services/cloudformation/catalog/catalog.h"

namespace matinee::cloudformation {

/// The stack, in the account and region of `asking`, that has a resource of that type and physical
/// id. `asking` itself does not count; with an empty logical id it stands for none.
std::optional<StackKey> find_owner(const Catalog& catalog, const ResourceKey& asking,
                                   std::string_view type, std::string_view physical_id);

}  // namespace matinee::cloudformation
