// Who may run a statement: what its text does, to which table or index, and for condition keys of
// policies what it reads there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "protocol/base64.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/statement.h"
#include "services/dynamodb/read_rules.h"
#include "services/dynamodb/service.h"

namespace matinee::dynamodb {
namespace {

using partiql::Statement;
using partiql::StatementKind;
using services::Need;

std::string_view action_of(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::insert:
      return "dynamodb:PartiQLInsert";
    case StatementKind::update:
      return "dynamodb:PartiQLUpdate";
    case StatementKind::erase:
      return "dynamodb:PartiQLDelete";
    default:
      return "dynamodb:PartiQLSelect";
  }
}

std::string resource_of(const Context& context, const Statement& statement) {
  std::string arn = statement.table.starts_with("arn:")
                        ? statement.table
                        : fmt::format("arn:aws:dynamodb:{}:{}:table/{}", context.region,
                                      context.account, statement.table);
  if (!statement.index.empty()) arn += "/index/" + statement.index;
  return arn;
}

template <class Request, class Visit>
void visit_statement(const Request& request, const Visit& visit) {
  static const std::vector<AttributeValue> none;
  try {
    visit(partiql::parse_statement(request.statement,
                                   request.parameters ? *request.parameters : none));
  } catch (const protocol::ServiceError&) {
    // What cannot be read does nothing; the operation tells what is wrong with it.
  }
}

// Calls `visit(const Statement&)` for each statement of a request that can be read.
template <class Visit>
void visit_statements(const protocol::Operation& operation, const void* request,
                      const Visit& visit) {
  if (&operation == &operations::ExecuteStatement)
    visit_statement(*static_cast<const ExecuteStatementRequest*>(request), visit);
  if (&operation == &operations::BatchExecuteStatement)
    for (const auto& one : static_cast<const BatchExecuteStatementRequest*>(request)->statements)
      visit_statement(one, visit);
  if (&operation == &operations::ExecuteTransaction)
    for (const auto& one :
         static_cast<const ExecuteTransactionRequest*>(request)->transact_statements)
      visit_statement(one, visit);
}

std::string text_of(const AttributeValue& value) {
  if (const auto* text = value.find<std::string>()) return *text;
  if (const auto* number = value.find<Number>()) return number->to_string();
  if (const auto* binary = value.find<Binary>()) return protocol::base64_encode(binary->bytes);
  return {};
}

// What statements name of one table or index.
struct Named {
  std::set<std::string> leading_keys;
  std::set<std::string> attributes;
  bool scans = false;

  void add(const Statement& statement, const KeySchema& keys) {
    if (statement.item) {
      for (const auto& [name, value] : *statement.item) attributes.insert(name);
      if (const auto key = statement.item->find(keys.partition.name); key != statement.item->end())
        leading_keys.insert(text_of(key->second));
      return;
    }
    const partiql::KeySearch search = partiql::find_keys(keys, statement.where);
    for (const AttributeValue* value : search.partitions) leading_keys.insert(text_of(*value));
    scans = scans || search.partitions.empty();
    for (const partiql::Column& column : statement.columns)
      attributes.insert(column.path.attribute());
    for (const expressions::UpdateAction& action : statement.update.actions) {
      attributes.insert(action.path.attribute());
      add(action.value);
    }
    if (!statement.where) return;
    expressions::for_each_operand(*statement.where, [this](const expressions::Operand& operand) {
      if (operand.is_path()) attributes.insert(operand.path.attribute());
    });
  }

 private:
  void add(const expressions::UpdateValue& value) {
    if (!value.path.elements.empty()) attributes.insert(value.path.attribute());
    for (const expressions::UpdateValue& argument : value.arguments) add(argument);
  }
};

}  // namespace

void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<Need>& needs) const {
  ServiceBase::add_needs(context, operation, request, needs);
  visit_statements(operation, request, [&](const Statement& statement) {
    Need need{.action = action_of(statement), .resource = resource_of(context, statement)};
    const bool is_known = std::ranges::any_of(needs, [&](const Need& other) {
      return other.action == need.action && other.resource == need.resource;
    });
    if (!is_known) needs.push_back(std::move(need));
  });
}

std::optional<std::vector<std::string>> Service::find_statement_key(
    const services::Inquiry& inquiry, std::string_view key) const {
  Named named;
  visit_statements(inquiry.operation, inquiry.request, [&](const Statement& statement) {
    const bool is_asked = action_of(statement) == inquiry.action &&
                          resource_of(inquiry.context, statement) == inquiry.resource;
    if (!is_asked) return;
    const TableRecord& table = catalog_.require(inquiry.context, statement.table);
    named.add(statement,
              statement.index.empty() ? table.keys : require_index(table, statement.index).keys);
  });
  if (key == "dynamodb:fulltablescan") {
    if (inquiry.action != "dynamodb:PartiQLSelect") return std::nullopt;
    return std::vector<std::string>{named.scans ? "true" : "false"};
  }
  const std::set<std::string>* values = key == "dynamodb:leadingkeys"  ? &named.leading_keys
                                        : key == "dynamodb:attributes" ? &named.attributes
                                                                       : nullptr;
  if (!values || values->empty()) return std::nullopt;
  return std::vector<std::string>(values->begin(), values->end());
}

}  // namespace matinee::dynamodb
