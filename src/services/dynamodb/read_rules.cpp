#include "services/dynamodb/read_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::KeyCondition;
using expressions::KeyConditions;
using expressions::Operator;

bool is_projected(const TableRecord& table, const IndexRecord& index,
                  const std::string& attribute) {
  return index.projection == ProjectionType::all || is_key(index.keys, attribute) ||
         is_key(table.keys, attribute) ||
         std::ranges::find(index.non_key_attributes, attribute) != index.non_key_attributes.end();
}

// A local index is completed from its table; a global one cannot be.
void complete_projection(PageRequest& page) {
  std::string missing;
  for (const expressions::DocumentPath& path : page.projection->paths) {
    if (is_projected(*page.table, *page.index, path.attribute())) continue;
    if (!missing.empty()) missing += ", ";
    missing += path.attribute();
  }
  if (missing.empty()) return;
  if (page.index->global) {
    throw invalid_parameter(
        fmt::format("Global secondary index {} does not project [{}]", page.index->name, missing));
  }
  page.whole_items = true;
}

bool is_indexable(Operator op) {
  switch (op) {
    case Operator::equal:
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
    case Operator::between:
    case Operator::begins_with:
      return true;
    default:
      return false;
  }
}

void require_comparison(const KeyAttribute& attribute, const KeyCondition& condition) {
  if (!is_indexable(condition.op)) {
    throw validation_error("Attempted conditional constraint is not an indexable operation");
  }
  for (const AttributeValue* value : condition.values) {
    if (value->type() != to_type(attribute.type))
      throw invalid_parameter("Condition parameter type does not match schema type");
    const auto* text = value->find<std::string>();
    const auto* binary = value->find<Binary>();
    if ((text && text->empty()) || (binary && binary->bytes.empty())) {
      throw invalid_parameter(
          fmt::format("The AttributeValue for a key attribute cannot contain an empty {} value. "
                      "Key: {}",
                      text ? "string" : "binary", attribute.name));
    }
  }
  if (condition.op == Operator::begins_with && attribute.type == KeyType::number) {
    throw invalid_parameter("Condition parameter type does not match schema type");
  }
}

}  // namespace

const IndexRecord& require_index(const TableRecord& table, const std::string& name) {
  const auto found = std::ranges::find(table.indexes, name, &IndexRecord::name);
  if (found != table.indexes.end()) {
    if (found->is_filling)
      throw validation_error("Cannot read from backfilling global secondary index: " + name);
    return *found;
  }
  throw validation_error("The table does not have the specified index: " + name);
}

void require_selection(const std::optional<std::string>& select, const SelectionUse& use) {
  if (select && select != "SPECIFIC_ATTRIBUTES" && !use.projection.empty()) {
    throw validation_error(fmt::format("Cannot specify the {} when choosing to get {}",
                                       use.projection,
                                       select == "COUNT" ? "only the Count" : "ALL_ATTRIBUTES"));
  }
  if (select == "SPECIFIC_ATTRIBUTES" && use.projection.empty()) {
    throw validation_error(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
        "SPECIFIC_ATTRIBUTES");
  }
  if (select == "ALL_PROJECTED_ATTRIBUTES" && !use.of_index) {
    throw validation_error(
        "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
}

void apply_selection(const std::optional<std::string>& select, PageRequest& page) {
  page.only_count = select == "COUNT";
  if (page.projection) {
    for (const auto& path : page.projection->paths) require_scalar_keys(*page.table, path);
    if (page.index) complete_projection(page);
    return;
  }
  if (select != "ALL_ATTRIBUTES" || !page.index || page.index->projection == ProjectionType::all)
    return;
  if (page.index->global) {
    throw invalid_parameter(
        fmt::format("Select type ALL_ATTRIBUTES is not supported for global secondary index {} "
                    "because its projection type is not ALL",
                    page.index->name));
  }
  page.whole_items = true;
}

void require_key_conditions(const KeySchema& keys, const KeyConditions& conditions) {
  if (!keys.has_several() && conditions.size() > 2)
    throw validation_error("Conditions can be of length 1 or 2 only");
  if (conditions.size() > keys.size()) throw validation_error("Query key condition not supported");
  std::size_t met = 0;
  const auto require = [&](const KeyAttribute& attribute) -> const KeyCondition& {
    const auto found = conditions.find(attribute.name);
    if (found == conditions.end())
      throw validation_error("Query condition missed key schema element: " + attribute.name);
    require_comparison(attribute, found->second);
    ++met;
    return found->second;
  };
  // The attribute is named where there are several to choose from.
  const auto not_equal = [&](const KeyAttribute& attribute) {
    return validation_error("Query key condition not supported" +
                            (keys.has_several() ? ": " + attribute.name : ""));
  };
  for_each_partition(keys, [&](const KeyAttribute& attribute) {
    if (require(attribute).op != Operator::equal) throw not_equal(attribute);
  });
  for_each_sort(keys, [&](const KeyAttribute& attribute) {
    if (met == conditions.size()) return;
    const Operator op = require(attribute).op;
    if (op != Operator::equal && met < conditions.size()) throw not_equal(attribute);
  });
}

void require_keys_unfiltered(const KeySchema& keys, const PageRequest& page, bool older_style) {
  if (!page.filter) return;
  for_each_operand(*page.filter, [&](const expressions::Operand& operand) {
    if (!operand.is_path()) return;
    const std::string& attribute = operand.path.attribute();
    if (is_key(keys, attribute)) {
      throw validation_error(
          fmt::format("{} can only contain non-primary key attributes: Primary key attribute: {}",
                      older_style ? "QueryFilter" : "Filter Expression", attribute));
    }
    require_scalar_keys(*page.table, operand.path);
  });
}

void require_start_values(const std::optional<Item>& start) {
  if (!start) return;
  try {
    require_values(*start);
  } catch (const Refusal& refusal) {
    throw refusal.wrapped("The provided starting key is invalid: ", "");
  }
}

ItemKey require_start_key(const PageRequest& page, const Item& start) {
  const auto refuse = [](const std::string& reason) {
    return validation_error("The provided starting key is invalid" + reason);
  };
  const KeySchema& table_keys = page.table->keys;
  const std::size_t expected = page.index
                                   ? entry_key_attributes(*page.table, *page.index, start).size()
                                   : key_attributes(table_keys, start).size();
  if (start.size() != expected)
    throw refuse(page.index ? "" : ": The provided key element does not match the schema");
  try {
    require_key(table_keys, key_attributes(table_keys, start));
    if (!page.index) return item_key(table_keys, start);
    require_key(page.index->keys, key_attributes(page.index->keys, start));
  } catch (const protocol::ServiceError& error) {
    throw refuse(": " + error.message());
  }
  return *find_entry_key(*page.table, *page.index, start);
}

void require_start_in_query(const KeySchema& keys, const KeyConditions& conditions,
                            const Item& start) {
  const auto matches = [&](const KeyAttribute& attribute) {
    return conditions.at(attribute.name).matches(start.at(attribute.name));
  };
  bool same_partition = true;
  for_each_partition(keys, [&](const KeyAttribute& attribute) {
    same_partition = same_partition && matches(attribute);
  });
  bool has_sort = false;
  for_each_sort(keys, [&](const KeyAttribute& attribute) {
    if (!conditions.contains(attribute.name)) return;
    has_sort = true;
    if (!matches(attribute))
      throw validation_error("The provided starting key does not match the range key predicate");
  });
  if (same_partition) return;
  throw validation_error(
      has_sort ? "The query can return at most one row and cannot be restarted"
               : "The provided starting key is outside query boundaries based on provided "
                 "conditions");
}

}  // namespace matinee::dynamodb
