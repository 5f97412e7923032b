// The condition keys of DynamoDB: which partitions a request touches (dynamodb:LeadingKeys), and
// which attributes it names (dynamodb:Attributes). Both of the one table that is judged, also where
// a batch or a transaction is about several.
#include <algorithm>
#include <set>

#include "protocol/base64.h"
#include "services/dynamodb/read_rules.h"
#include "services/dynamodb/request_expressions.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/tags.h"

namespace matinee::dynamodb {

namespace {

using expressions::Substitutions;
using services::Inquiry;
using Values = std::optional<std::vector<std::string>>;

std::string text_of(const AttributeValue& value) {
  if (const auto* text = value.find<std::string>()) return *text;
  if (const auto* number = value.find<Number>()) return number->to_string();
  if (const auto* binary = value.find<Binary>()) return protocol::base64_encode(binary->bytes);
  return {};
}

/// "films" of arn:...:table/films/index/by-year.
std::string table_in(std::string_view arn) {
  constexpr std::string_view mark = ":table/";
  const std::size_t at = arn.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view name = arn.substr(at + mark.size());
  return std::string(name.substr(0, name.find('/')));
}

/// What a request says of one table.
class Touched {
 public:
  Touched(const Context& context, const TableRecord& table, std::string partition)
      : context_(context), table_(table), partition_(std::move(partition)) {}

  std::vector<std::string> leading_keys() const { return {leading_.begin(), leading_.end()}; }
  std::vector<std::string> attributes() const { return {attributes_.begin(), attributes_.end()}; }

  void read(const Inquiry& inquiry) {
    const protocol::Operation* operation = &inquiry.operation;
    const void* request = inquiry.request;
    if (operation == &operations::GetItem) read_get(*static_cast<const GetItemRequest*>(request));
    if (operation == &operations::PutItem) read_put(*static_cast<const PutItemRequest*>(request));
    if (operation == &operations::UpdateItem)
      read_update(*static_cast<const UpdateItemRequest*>(request));
    if (operation == &operations::DeleteItem)
      read_delete(*static_cast<const DeleteItemRequest*>(request));
    if (operation == &operations::Query) read_query(*static_cast<const QueryRequest*>(request));
    if (operation == &operations::Scan) read_scan(*static_cast<const ScanRequest*>(request));
    if (operation == &operations::BatchGetItem)
      read_batch(*static_cast<const BatchGetItemRequest*>(request));
    if (operation == &operations::BatchWriteItem)
      read_batch(*static_cast<const BatchWriteItemRequest*>(request));
    if (operation == &operations::TransactGetItems)
      read_transaction(*static_cast<const TransactGetItemsRequest*>(request));
    if (operation == &operations::TransactWriteItems)
      read_transaction(*static_cast<const TransactWriteItemsRequest*>(request), inquiry.action);
  }

 private:
  const Context& context_;
  const TableRecord& table_;
  std::string partition_;
  std::set<std::string> leading_;
  std::set<std::string> attributes_;

  bool is_table(std::string_view name_or_arn) const {
    return table_name(context_, name_or_arn) == table_.name;
  }
  void add_item(const Item& item) {
    for (const auto& [name, value] : item) attributes_.insert(name);
    if (const auto found = item.find(partition_); found != item.end())
      leading_.insert(text_of(found->second));
  }
  void add(const std::optional<expressions::Projection>& projection) {
    if (!projection) return;
    for (const expressions::DocumentPath& path : projection->paths)
      attributes_.insert(path.attribute());
  }
  void add(const std::optional<expressions::Condition>& condition) {
    if (!condition) return;
    expressions::for_each_operand(*condition, [this](const expressions::Operand& operand) {
      if (operand.is_path()) attributes_.insert(operand.path.attribute());
    });
  }
  void add_condition(const std::optional<std::string>& text, Substitutions& substitutions) {
    if (text) add(expressions::parse_condition(*text, "ConditionExpression", substitutions));
  }
  void add(const expressions::Update& update) {
    for (const expressions::UpdateAction& action : update.actions) {
      attributes_.insert(action.path.attribute());
      add(action.value);
    }
  }
  void add(const expressions::UpdateValue& value) {
    if (!value.path.elements.empty()) attributes_.insert(value.path.attribute());
    for (const expressions::UpdateValue& argument : value.arguments) add(argument);
  }

  void read_get(const GetItemRequest& request) {
    add_item(request.key);
    Substitutions names(request.expression_attribute_names, std::nullopt);
    add(read_projection(request, names));
  }
  void read_put(const PutItemRequest& request) {
    add_item(request.item);
    Substitutions names(request.expression_attribute_names, request.expression_attribute_values);
    add(read_condition(request, names));
  }
  void read_delete(const DeleteItemRequest& request) {
    add_item(request.key);
    Substitutions names(request.expression_attribute_names, request.expression_attribute_values);
    add(read_condition(request, names));
  }
  void read_update(const UpdateItemRequest& request) {
    add_item(request.key);
    Substitutions names(request.expression_attribute_names, request.expression_attribute_values);
    if (request.update_expression)
      add(expressions::parse_update(*request.update_expression, names));
    if (request.attribute_updates)
      for (const auto& [name, update] : *request.attribute_updates) attributes_.insert(name);
    add(read_condition(request, names));
  }
  void read_query(const QueryRequest& request) {
    Substitutions names(request.expression_attribute_names, request.expression_attribute_values);
    std::optional<expressions::Condition> parsed;
    if (request.key_condition_expression)
      parsed = expressions::parse_condition(*request.key_condition_expression,
                                            "KeyConditionExpression", names);
    if (!parsed && !request.key_conditions) return;
    const expressions::KeyConditions keys = parsed
                                                ? expressions::to_key_conditions(*parsed)
                                                : translate_key_conditions(*request.key_conditions);
    for (const auto& [name, condition] : keys) {
      attributes_.insert(name);
      if (name == partition_)
        for (const AttributeValue* value : condition.values) leading_.insert(text_of(*value));
    }
    read_page(request, names);
  }
  void read_scan(const ScanRequest& request) {
    Substitutions names(request.expression_attribute_names, request.expression_attribute_values);
    read_page(request, names);
  }
  template <class Request>
  void read_page(const Request& request, Substitutions& names) {
    if (request.filter_expression)
      add(expressions::parse_condition(*request.filter_expression, "FilterExpression", names));
    add(read_projection(request, names));
  }
  void read_batch(const BatchGetItemRequest& request) {
    for (const auto& [name, asked] : request.request_items) {
      if (!is_table(name)) continue;
      for (const Item& key : asked.keys) add_item(key);
      Substitutions names(asked.expression_attribute_names, std::nullopt);
      add(read_projection(asked, names));
    }
  }
  void read_batch(const BatchWriteItemRequest& request) {
    for (const auto& [name, writes] : request.request_items) {
      if (!is_table(name)) continue;
      for (const WriteRequest& write : writes) {
        if (write.put_request) add_item(write.put_request->item);
        if (write.delete_request) add_item(write.delete_request->key);
      }
    }
  }
  void read_transaction(const TransactGetItemsRequest& request) {
    for (const TransactGetItem& part : request.transact_items) {
      if (!is_table(part.get.table_name)) continue;
      add_item(part.get.key);
      Substitutions names(part.get.expression_attribute_names, std::nullopt);
      if (part.get.projection_expression)
        add(expressions::parse_projection(*part.get.projection_expression, names));
    }
  }
  void read_transaction(const TransactWriteItemsRequest& request, std::string_view action) {
    for (const TransactWriteItem& part : request.transact_items) {
      if (part.put && action == "dynamodb:PutItem" && is_table(part.put->table_name)) {
        add_item(part.put->item);
        read_conditions(*part.put);
      }
      if (part.delete_ && action == "dynamodb:DeleteItem" && is_table(part.delete_->table_name)) {
        add_item(part.delete_->key);
        read_conditions(*part.delete_);
      }
      if (part.condition_check && action == "dynamodb:ConditionCheckItem" &&
          is_table(part.condition_check->table_name)) {
        add_item(part.condition_check->key);
      }
      if (part.update && action == "dynamodb:UpdateItem" && is_table(part.update->table_name)) {
        add_item(part.update->key);
        Substitutions names(part.update->expression_attribute_names,
                            part.update->expression_attribute_values);
        add(expressions::parse_update(part.update->update_expression, names));
        add_condition(part.update->condition_expression, names);
      }
    }
  }
  template <class Part>
  void read_conditions(const Part& part) {
    Substitutions names(part.expression_attribute_names, part.expression_attribute_values);
    add_condition(part.condition_expression, names);
  }
};

/// Of a query of an index the leading key is the index's.
std::string partition_of(const Inquiry& inquiry, const TableRecord& table) {
  const auto* query = &inquiry.operation == &operations::Query
                          ? static_cast<const QueryRequest*>(inquiry.request)
                          : nullptr;
  if (query && query->index_name)
    return require_index(table, *query->index_name).keys.partition.name;
  return table.keys.partition.name;
}

}  // namespace

Values Service::find_key(const Inquiry& inquiry, std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (key == "dynamodb:enclosingoperation") {
    const std::string_view name = inquiry.operation.name;
    if (!name.starts_with("Transact") && name != "ExecuteTransaction") return std::nullopt;
    return std::vector{std::string(name)};
  }
  if (inquiry.action.starts_with("dynamodb:PartiQL") && key.starts_with("dynamodb:"))
    return find_statement_key(inquiry, key);
  const bool is_of_items = key == "dynamodb:leadingkeys" || key == "dynamodb:attributes";
  if (!is_of_items && !key.starts_with(tag)) return std::nullopt;
  if (const std::optional<StreamKey> stream = parse_stream_arn(inquiry.resource)) {
    const std::optional<KeptStream> kept = changes_.find(*stream);
    return kept ? find_resource_tag(kept->record.tags, key) : std::nullopt;
  }
  try {
    const TableRecord& table = catalog_.require(inquiry.context, table_in(inquiry.resource));
    if (!is_of_items) return find_resource_tag(table.tags, key);
    Touched touched(inquiry.context, table, partition_of(inquiry, table));
    touched.read(inquiry);
    std::vector<std::string> values =
        key == "dynamodb:attributes" ? touched.attributes() : touched.leading_keys();
    return values.empty() ? Values() : Values(std::move(values));
  } catch (const protocol::ServiceError&) {
    // The operation tells what is wrong with the request; until then the key has no value.
    return std::nullopt;
  }
}

}  // namespace matinee::dynamodb
