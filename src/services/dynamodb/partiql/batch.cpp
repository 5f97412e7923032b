// BatchExecuteStatement: up to 25 statements, each as by a call of its own.
#include <algorithm>

#include "dynamodb/errors.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/selection.h"
#include "services/dynamodb/partiql/written.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using partiql::Statement;
using partiql::StatementKind;

BatchStatementResponse failed(const protocol::ServiceError& error) {
  std::string code(error.code());
  constexpr std::string_view suffix = "Exception";
  if (code.ends_with(suffix)) code.resize(code.size() - suffix.size());
  if (code == "Validation") code = "ValidationError";
  return {.error = BatchStatementError{.code = std::move(code), .message = error.message()}};
}

// A statement of a batch as far as it could be read.
struct Member {
  std::optional<Statement> statement;
  std::optional<BatchStatementResponse> failure;
};

Member read_member(const BatchStatementRequest& request) {
  Member member;
  try {
    member.statement = partiql::read_statement(request);
    if (member.statement->kind == StatementKind::exists)
      throw validation_error("EXISTS is a statement of transactions only");
  } catch (const protocol::ServiceError& error) {
    member.failure = failed(error);
  }
  return member;
}

void require_one_kind(const std::vector<Member>& members) {
  std::size_t reads = 0;
  std::size_t all = 0;
  for (const Member& member : members) {
    if (member.failure) continue;
    ++all;
    if (member.statement->only_reads()) ++reads;
  }
  if (reads == 0 || reads == all) return;
  throw validation_error(
      "The entire batch must consist of either read statements or write statements, you cannot mix "
      "both in one batch.");
}

}  // namespace

runtime::Task<BatchExecuteStatementResponse> Service::batch_execute_statement(
    const Context& context, const BatchExecuteStatementRequest& request) {
  std::vector<Member> members;
  for (const BatchStatementRequest& one : request.statements) {
    if (turns_.is_over()) co_await turns_.next();
    members.push_back(read_member(one));
  }
  require_one_kind(members);
  BatchExecuteStatementResponse response;
  response.responses.emplace();
  std::vector<ConsumedCapacity> consumed;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (turns_.is_over()) co_await turns_.next();
    Member& member = members[i];
    if (member.failure) {
      response.responses->push_back(*std::move(member.failure));
      continue;
    }
    const std::string table = member.statement->table;
    StatementResult result;
    try {
      result = co_await execute_one(context, request.statements[i],
                                    {request.return_consumed_capacity, *member.statement});
    } catch (const protocol::ServiceError& error) {
      if (error.status() >= 500) throw;
      result.response = failed(error);
    }
    if (!result.response.table_name) result.response.table_name = table;
    response.responses->push_back(std::move(result.response));
    if (result.consumed) consumed.push_back(*std::move(result.consumed));
  }
  if (!consumed.empty()) response.consumed_capacity = std::move(consumed);
  co_return response;
}

runtime::Task<StatementResult> Service::execute_one(const Context& context,
                                                    const BatchStatementRequest& request,
                                                    BatchedStatement batched) {
  Statement& statement = batched.statement;
  if (statement.only_reads()) co_return co_await select_one(context, request, batched);
  partiql::WriteStatement planned(std::move(statement));
  partiql::plan(planned, catalog_, context, request.return_values_on_condition_check_failure);
  DoneWrite done = co_await write_alone(context, planned.write);
  StatementResult result;
  result.response.table_name = planned.write.table->name;
  if (!is_none(done.reason)) {
    result.response.error = BatchStatementError{.code = std::move(done.reason.code),
                                                .message = std::move(done.reason.message),
                                                .item = std::move(done.reason.item)};
    co_return result;
  }
  CapacityMeter meter(batched.consumed_capacity, *planned.write.table);
  meter.write(done.cost);
  result.consumed = std::move(meter).result();
  result.response.item = partiql::returned(planned);
  co_return result;
}

runtime::Task<StatementResult> Service::select_one(const Context& context,
                                                   const BatchStatementRequest& request,
                                                   BatchedStatement batched) {
  const Statement& statement = batched.statement;
  const auto table = catalog_.hold(context, statement.table);
  auto search = partiql::find_item(table->keys, statement.where);
  if (!search || !statement.index.empty() || !statement.order.empty()) {
    throw validation_error(
        "Select statements within BatchExecuteStatement must specify the primary key in the where "
        "clause.");
  }
  require_key(table->keys, search->key);
  require_scalar_keys(*table, search->condition);
  std::optional<StoredItem> item = items_.find(*table, item_key(table->keys, search->key));
  CapacityMeter meter(batched.consumed_capacity, *table);
  meter.read(item ? item->bytes : 0, request.consistent_read.value_or(false));
  StatementResult result{.response = {.table_name = table->name},
                         .consumed = std::move(meter).result()};
  if (!item) co_return result;
  if (search->condition && !co_await matches(*search->condition, item->attributes))
    co_return result;
  result.response.item = partiql::show(statement, std::move(item->attributes));
  co_return result;
}

}  // namespace matinee::dynamodb
