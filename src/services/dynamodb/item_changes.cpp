#include "services/dynamodb/item_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::UpdateValue;

bool is_empty(const AttributeValue& value) {
  const auto* text = value.find<std::string>();
  const auto* binary = value.find<Binary>();
  return (text && text->empty()) || (binary && binary->bytes.empty());
}

// A value that the request itself gives is refused in the words that PutItem has, one that the
// update computes in others; an empty one in words of its own.
void require_index_key(const KeyAttribute& key, const expressions::UpdateAction& action,
                       const Item& item) {
  if (action.path.attribute() != key.name) return;
  const auto value = item.find(key.name);
  if (value == item.end()) return;
  if (value->second.type() == to_type(key.type)) {
    if (!is_empty(value->second)) return;
    throw validation_error(fmt::format(
        "One or more parameter values are not valid. The update expression attempted to update a "
        "secondary index key to a value that is not supported. The AttributeValue for a key "
        "attribute cannot contain an empty {} value.",
        key.type == KeyType::string ? "string" : "binary"));
  }
  if (action.kind == expressions::UpdateAction::Kind::set &&
      action.value.kind == UpdateValue::Kind::literal)
    return;
  throw validation_error(
      "The update expression attempted to update the secondary index key to unsupported type");
}

void require_updated_index_keys(const TableRecord& table, const expressions::Update& update,
                                const Item& item) {
  for (const expressions::UpdateAction& action : update.actions) {
    for (const IndexRecord& index : table.indexes) {
      for_each_key(index.keys, [&](const KeyAttribute& attribute) {
        require_index_key(attribute, action, item);
      });
    }
  }
  require_index_keys(table, item);
}

}  // namespace

void require_keys_untouched(const TableRecord& table, const expressions::Update& update) {
  for (const expressions::UpdateAction& action : update.actions) {
    const std::string& attribute = action.path.attribute();
    if (!is_key(table.keys, attribute)) continue;
    throw invalid_parameter("Cannot update attribute " + attribute +
                            ". This attribute is part of the key");
  }
  for (const expressions::UpdateAction& action : update.actions)
    require_scalar_keys(table, action.path);
}

bool only_takes_away(const expressions::Update& update) {
  using Kind = expressions::UpdateAction::Kind;
  return !update.actions.empty() &&
         std::ranges::all_of(update.actions, [](const expressions::UpdateAction& action) {
           return action.kind == Kind::remove || action.kind == Kind::erase;
         });
}

Item changed_item(const TableRecord& table, const expressions::Update& update, Item item) {
  expressions::apply_update(update, item);
  require_nesting_within_limit(item);
  if (size_of(item) > max_item_bytes)
    throw validation_error("Item size to update has exceeded the maximum allowed size");
  require_updated_index_keys(table, update, item);
  return item;
}

std::optional<Item> returned_attributes(const std::string& return_values,
                                        const expressions::Update& update, const Item* old,
                                        const Item& now) {
  const bool shows_old = return_values.ends_with("_OLD");
  if (return_values == "NONE" || (shows_old && !old)) return std::nullopt;
  const Item& shown = shows_old ? *old : now;
  if (return_values.starts_with("ALL_")) return shown;
  expressions::Projection touched;
  for (const expressions::UpdateAction& action : update.actions)
    touched.paths.push_back(action.path);
  Item result = expressions::project(touched, shown);
  if (result.empty()) return std::nullopt;
  return result;
}

}  // namespace matinee::dynamodb
