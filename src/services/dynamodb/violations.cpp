// What DynamoDB makes of requests that break the rules of its model: rules that the model lacks,
// AWS's own order of things, and the cases in which it has words of its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/dynamodb/service.h"
#include "services/dynamodb/table_names.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using protocol::Kind;
using protocol::Operation;
using protocol::Rule;
using protocol::Type;
using protocol::Violation;
using protocol::Violations;

constexpr std::size_t max_key_elements = 2;
constexpr Type key_schema_type{
    .kind = Kind::list, .name = "KeySchema", .minimum = 1, .maximum = max_key_elements};
// The maps of batches, which are told of as a whole.
constexpr Type batch_names_type{.kind = Kind::map, .name = "BatchNames"};
constexpr Type batch_writes_type{.kind = Kind::map, .name = "BatchWrites"};

std::string_view batch_constraint(const Violation& violation) {
  if (violation.type == &batch_names_type) {
    return "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
           "Member must have length greater than or equal to 3, Member must satisfy regular "
           "expression pattern: [a-zA-Z0-9_.-]+]";
  }
  if (violation.type == &batch_writes_type) {
    return "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
           "Member must have length greater than or equal to 1]";
  }
  return {};
}

// "{films=[...], seats=[...]}", cut where it is long.
template <class Requests>
std::string echo(const Requests& requests, const Type& type) {
  constexpr std::size_t long_enough = 2048;
  std::string text = "{";
  for (const auto& [name, of_table] : requests) {
    if (text.size() > 1) text += ", ";
    if (text.size() > long_enough) return text + "...}";
    text += name + "=" + protocol::show_value(*type.element, &of_table);
  }
  return text + "}";
}

// A batch with a bad name, or with too many writes of one table or none.
template <class Request>
void check_batch(const Operation& operation, const void* object, Violations& violations) {
  const auto& requests = static_cast<const Request*>(object)->request_items;
  const protocol::Field& field = *operation.input->find("RequestItems");
  Violations others;
  bool bad_writes = false;
  for (const Violation& violation : violations) {
    if (violation.type && violation.type->name == "WriteRequests")
      bad_writes = true;
    else
      others.push_back(violation);
  }
  const auto add = [&](const Type& type) {
    others.push_back({Rule::maximum, "RequestItems", echo(requests, *field.type), &type, &field});
  };
  if (std::ranges::any_of(requests, [](const auto& entry) { return !is_table(entry.first); }))
    add(batch_names_type);
  if (bad_writes) add(batch_writes_type);
  violations = std::move(others);
}

void check_writes(const void* object, Violations& violations) {
  const auto& items = static_cast<const TransactWriteItemsRequest*>(object)->transact_items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto check = [&](const auto& part, std::string_view name) {
      if (!part || part->table_name.empty()) return;
      check_table_name(part->table_name, fmt::format("TransactItems.{}.member.{}", i + 1, name),
                       violations);
    };
    check(items[i].put, "Put");
    check(items[i].update, "Update");
    check(items[i].delete_, "Delete");
    check(items[i].condition_check, "ConditionCheck");
  }
}

void check_reads(const void* object, Violations& violations) {
  const auto& items = static_cast<const TransactGetItemsRequest*>(object)->transact_items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].get.table_name.empty()) continue;
    check_table_name(items[i].get.table_name, fmt::format("TransactItems.{}.member.Get", i + 1),
                     violations);
  }
}

// AWS's model allows for longer key schemas, because those of global indexes may be.
void check_key_schemas(const void* object, Violations& violations) {
  const auto& request = *static_cast<const CreateTableRequest*>(object);
  const auto check = [&](const std::vector<KeySchemaElement>& keys, std::string path) {
    if (keys.size() <= max_key_elements) return;
    const Type& type = *CreateTableRequest::shape.find("KeySchema")->type;
    violations.push_back({Rule::maximum, std::move(path), protocol::show_value(type, &keys),
                          &key_schema_type, nullptr});
  };
  if (request.key_schema) check(*request.key_schema, "KeySchema");
  if (!request.local_secondary_indexes) return;
  for (std::size_t i = 0; i < request.local_secondary_indexes->size(); ++i) {
    check((*request.local_secondary_indexes)[i].key_schema,
          fmt::format("LocalSecondaryIndexes.{}.member.KeySchema", i + 1));
  }
}

struct Enumeration {
  std::string_view name;
  std::array<std::string_view, 13> values;
};

// Where AWS lists the values of an enumeration in another order than its model.
constexpr std::array<Enumeration, 6> orders = {{
    {"Select", {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"}},
    {"ScalarAttributeType", {"B", "N", "S"}},
    {"ReturnValue", {"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}},
    {"ConditionalOperator", {"OR", "AND"}},
    {"AttributeAction", {"ADD", "DELETE", "PUT"}},
    {"ComparisonOperator",
     {"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE",
      "BEGINS_WITH", "GE", "CONTAINS"}},
}};

std::string describe_in_order(const Violation& violation) {
  if (const std::string_view words = batch_constraint(violation); !words.empty()) {
    return fmt::format("Value '{}' at 'requestItems' failed to satisfy constraint: {}",
                       violation.value, words);
  }
  if (violation.rule != Rule::one_of) return protocol::describe(violation);
  const auto* order = std::ranges::find(orders, violation.type->name, &Enumeration::name);
  if (order == orders.end()) return protocol::describe(violation);
  Type type = *violation.type;
  type.values = {order->values.data(), violation.type->values.size()};
  Violation ordered = violation;
  ordered.type = &type;
  return protocol::describe(ordered);
}

// In the order in which AWS tells of writes of single items.
std::vector<const Violation*> ranked(const std::vector<const Violation*>& violations) {
  constexpr std::string_view first[] = {"ReturnConsumedCapacity", "ReturnItemCollectionMetrics",
                                        "ReturnValues"};
  std::vector<const Violation*> result;
  for (const std::string_view path : first)
    std::ranges::copy_if(violations, std::back_inserter(result),
                         [path](const Violation* one) { return one->path == path; });
  std::ranges::copy_if(violations, std::back_inserter(result), [&](const Violation* one) {
    return std::ranges::find(first, one->path) == std::end(first);
  });
  return result;
}

bool is_item_write(const Operation& operation) {
  return operation.name == "PutItem" || operation.name == "UpdateItem" ||
         operation.name == "DeleteItem";
}

bool is_of_items(const Operation& operation) {
  return is_item_write(operation) || operation.name == "GetItem" || operation.name == "Query" ||
         operation.name == "Scan";
}

// The whole message where a violation is told alone and in words of its own; else empty.
std::string whole_message(const Operation& operation, const Violation& violation) {
  const std::string_view name = operation.name;
  const bool too_little = violation.rule == Rule::minimum;
  const auto without_echo = [&](std::string_view constraint) {
    return fmt::format("{}Value at '{}' failed to satisfy constraint: Member must have {}",
                       one_error, violation.path, constraint);
  };
  if (violation.path == "TableName" && too_little && violation.value.empty() &&
      is_of_items(operation))
    return without_echo("length greater than or equal to 1");
  const bool of_table = name == "CreateTable" || name == "DescribeTable" || name == "DeleteTable";
  if (violation.path == "TableName" && violation.rule == Rule::required && of_table)
    return "The parameter 'TableName' is required but was not present in the request";
  if (violation.path == "Limit" && too_little && name == "Query")
    return without_echo("value greater than or equal to 1");
  if (violation.path == "ReturnValues" && violation.rule == Rule::one_of && name == "UpdateItem") {
    // UPDATE_NEW is AWS's spelling.
    return std::string(one_error) +
           "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, "
           "UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]";
  }
  if (violation.type && violation.type->name == "AttributeName" && violation.rule == Rule::maximum)
    return is_item_write(operation) ? name_too_large().counted() : name_too_large().message();
  if (violation.path == "RequestItems" && too_little)
    return fmt::format("The requestItems parameter is required for {}", name);
  if (violation.type && violation.type->name == "KeyList" && violation.rule != Rule::required) {
    return without_echo(too_little ? "length greater than or equal to 1"
                                   : "length less than or equal to 100");
  }
  return {};
}

}  // namespace

void Service::check(const Operation& operation, const void* request, Violations& violations) const {
  if (const protocol::Field* field = operation.input->find("TableName")) {
    const auto* name = static_cast<const std::string*>(field->find(request));
    // A missing name is told of already, and looks like an empty one.
    const auto is_missing = [](const Violation& violation) {
      return violation.path == "TableName" && violation.rule == Rule::required;
    };
    const bool is_told = name && name->empty() &&
                         (is_of_items(operation) || std::ranges::any_of(violations, is_missing));
    if (name && !is_told) check_table_name(*name, "", violations);
  } else if (operation.name == "BatchGetItem") {
    check_batch<BatchGetItemRequest>(operation, request, violations);
  } else if (operation.name == "BatchWriteItem") {
    check_batch<BatchWriteItemRequest>(operation, request, violations);
  } else if (operation.name == "TransactWriteItems") {
    check_writes(request, violations);
  } else if (operation.name == "TransactGetItems") {
    check_reads(request, violations);
  }
  if (operation.name == "CreateTable") check_key_schemas(request, violations);
}

protocol::ServiceError Service::invalid(const Operation& operation,
                                        const Violations& violations) const {
  std::vector<const Violation*> ordered;
  for (const Violation& violation : violations) {
    std::string message = whole_message(operation, violation);
    if (!message.empty()) return validation_error(std::move(message));
    ordered.push_back(&violation);
  }
  if (is_item_write(operation)) ordered = ranked(ordered);
  std::string message = fmt::format("{} validation error{} detected: ", ordered.size(),
                                    ordered.size() == 1 ? "" : "s");
  for (const Violation* violation : ordered) {
    if (violation != ordered.front()) message += "; ";
    message += describe_in_order(*violation);
  }
  return validation_error(std::move(message));
}

}  // namespace matinee::dynamodb
