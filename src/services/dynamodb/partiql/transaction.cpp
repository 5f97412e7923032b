// ExecuteTransaction: up to 100 statements, all or nothing.
#include <algorithm>
#include <deque>

#include "dynamodb/errors.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/selection.h"
#include "services/dynamodb/partiql/written.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/size.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using partiql::Statement;

void require_one_kind(const std::vector<Statement>& statements) {
  const auto reads = std::ranges::count_if(statements, &Statement::only_reads);
  if (reads == 0 || static_cast<std::size_t>(reads) == statements.size()) return;
  throw validation_error(
      "The entire transaction must consist of either read statements or write statements, you "
      "cannot mix both in one transaction.");
}

}  // namespace

runtime::Task<ExecuteTransactionResponse> Service::execute_transaction(
    const Context& context, const ExecuteTransactionRequest& request) {
  std::vector<Statement> statements;
  for (const ParameterizedStatement& one : request.transact_statements) {
    if (turns_.is_over()) co_await turns_.next();
    statements.push_back(partiql::read_statement(one));
  }
  require_one_kind(statements);
  if (statements.front().only_reads())
    co_return co_await read_together(context, request, statements);

  std::deque<partiql::WriteStatement> planned;
  std::vector<PlannedWrite> writes;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (turns_.is_over()) co_await turns_.next();
    auto& one = planned.emplace_back(std::move(statements[i]));
    partiql::plan(one, catalog_, context,
                  request.transact_statements[i].return_values_on_condition_check_failure);
    writes.push_back(std::move(one.write));
  }
  TransactionTerms terms{.token = request.client_request_token,
                         .consumed_capacity = request.return_consumed_capacity};
  if (request.client_request_token) {
    std::string content;
    protocol::json::append_structure(content, ExecuteTransactionRequest::shape, &request);
    if (turns_.is_over()) co_await turns_.next();
    terms.digest = RequestTokens::digest_of(content);
  }
  TransactWriteItemsResponse done = co_await transact(context, std::move(terms), writes);
  co_return ExecuteTransactionResponse{.consumed_capacity = std::move(done.consumed_capacity)};
}

runtime::Task<ExecuteTransactionResponse> Service::read_together(
    const Context& context, const ExecuteTransactionRequest& request,
    const std::vector<Statement>& statements) {
  TransactGetItemsRequest reads{.return_consumed_capacity = request.return_consumed_capacity};
  std::vector<std::optional<expressions::Condition>> conditions;
  for (const Statement& statement : statements) {
    const auto table = catalog_.hold(context, statement.table);
    auto search = partiql::find_item(table->keys, statement.where);
    if (!search || !statement.index.empty() || !statement.order.empty())
      throw validation_error(partiql::incomplete_key);
    require_scalar_keys(*table, search->condition);
    conditions.push_back(std::move(search->condition));
    reads.transact_items.push_back(
        {.get = {.key = std::move(search->key), .table_name = statement.table}});
  }
  TransactGetItemsResponse found = co_await transact_get_items(context, reads);
  ExecuteTransactionResponse response{.responses = std::move(found.responses),
                                      .consumed_capacity = std::move(found.consumed_capacity)};
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (turns_.is_over()) co_await turns_.next();
    std::optional<Item>& item = (*response.responses)[i].item;
    if (!item) continue;
    const auto& condition = conditions[i];
    const bool meets = !condition || co_await matches(*condition, *item);
    item = meets ? std::optional(partiql::show(statements[i], *std::move(item))) : std::nullopt;
  }
  co_return response;
}

runtime::Task<bool> Service::matches(const expressions::Condition& condition, const Item& item) {
  if (HeavyConditions::is_heavy(condition, max_item_bytes) &&
      HeavyConditions::is_heavy(condition, size_of(item)))
    co_return co_await heavy_.matches_elsewhere(condition, item);
  co_return expressions::matches(condition, item);
}

}  // namespace matinee::dynamodb
