#include "services/dynamodb/item_changes.h"

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {

void require_keys_untouched(const KeySchema& keys, const expressions::Update& update) {
  for (const expressions::UpdateAction& action : update.actions) {
    const std::string& attribute = action.path.attribute();
    if (attribute != keys.partition.name && !(keys.sort && attribute == keys.sort->name)) continue;
    throw invalid_parameter("Cannot update attribute " + attribute +
                            ". This attribute is part of the key");
  }
}

Item changed_item(const TableRecord& table, const expressions::Update& update, Item item) {
  expressions::apply_update(update, item);
  require_nesting_within_limit(item);
  if (size_of(item) > max_item_bytes)
    throw validation_error("Item size to update has exceeded the maximum allowed size");
  require_index_keys(table, item);
  return item;
}

}  // namespace matinee::dynamodb
