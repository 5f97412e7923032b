#include "services/cloudformation/planning/owners.h"

namespace matinee::cloudformation {

std::optional<StackKey> find_owner(const Catalog& catalog, const ResourceKey& asking,
                                   std::string_view type, std::string_view physical_id) {
  const StackKey& stack = std::get<0>(asking);
  std::optional<StackKey> owner;
  catalog.resources.scan(
      catalog.resources.prefix(std::get<0>(stack), std::get<1>(stack)),
      [&](const ResourceKey& key, const ResourceRecord& record) {
        if (key == asking || record.state.id != physical_id || record.state.type != type)
          return true;
        if (record.status == "DELETE_COMPLETE" || record.status == "DELETE_SKIPPED") return true;
        owner = std::get<0>(key);
        return false;
      });
  return owner;
}

}  // namespace matinee::cloudformation
