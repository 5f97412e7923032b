// ExecuteStatement.
#include "dynamodb/errors.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/item_pages.h"
#include "services/dynamodb/partiql/selection.h"
#include "services/dynamodb/partiql/written.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/told_writes.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using partiql::Place;
using partiql::Statement;
using partiql::StatementKind;

// Of what a NextToken belongs to.
std::uint64_t digest_of(const ExecuteStatementRequest& request) {
  const ExecuteStatementRequest statement{.statement = request.statement,
                                          .parameters = request.parameters};
  std::string content;
  protocol::json::append_structure(content, ExecuteStatementRequest::shape, &statement);
  return RequestTokens::digest_of(content);
}

[[noreturn]] void fail(const CancellationReason& reason) {
  const std::string message = reason.message.value_or("");
  if (reason.code == "ConditionalCheckFailed")
    throw ConditionalCheckFailedException(message, {.item = reason.item});
  if (reason.code == "DuplicateItem") throw DuplicateItemException(message);
  throw validation_error(message);
}

}  // namespace

runtime::Task<ExecuteStatementResponse> Service::execute_statement(
    const Context& context, const ExecuteStatementRequest& request) {
  Statement statement = partiql::read_statement(request);
  if (statement.kind == StatementKind::select)
    co_return co_await select(context, request, statement);
  if (statement.kind == StatementKind::exists)
    throw validation_error("EXISTS is a statement of transactions only");
  if (request.next_token) throw validation_error("NextToken does not match request");

  partiql::WriteStatement planned(std::move(statement));
  partiql::plan(planned, catalog_, context, request.return_values_on_condition_check_failure);
  const DoneWrite done = co_await write_alone(context, planned.write);
  if (!is_none(done.reason)) fail(done.reason);
  CapacityMeter meter(request.return_consumed_capacity, *planned.write.table);
  meter.write(done.cost);
  ExecuteStatementResponse response;
  response.items.emplace();
  if (auto item = partiql::returned(planned)) response.items->push_back(*std::move(item));
  response.consumed_capacity = std::move(meter).result();
  co_return response;
}

runtime::Task<DoneWrite> Service::write_alone(const Context& context, PlannedWrite& write) {
  if (CancellationReason misfit = find_place(write); !is_none(misfit))
    co_return DoneWrite{.reason = std::move(misfit)};
  co_await judge(write);
  co_await let_disk_catch_up();
  storage::Transaction transaction(store_);
  catalog_.require_still_there(context, *write.table);
  write.old = items_.find(*write.table, write.key);
  DoneWrite done{.reason = prepare(write)};
  if (!is_none(done.reason)) co_return done;
  done.cost = store(write, items_);
  ToldWrites told(writes_, context);
  if (write.puts || write.now)
    told.wrote(write.now ? *write.now : *write.given);
  else if (write.erases && write.old)
    told.removed(*write.given);
  told.tell(*write.table);
  transaction.commit();
  co_return done;
}

/// Each range is of the moment when its page began, as with queries that follow each other.
runtime::Task<ExecuteStatementResponse> Service::select(const Context& context,
                                                        const ExecuteStatementRequest& request,
                                                        const Statement& statement) {
  const auto table = catalog_.hold(context, statement.table);
  const bool is_consistent = request.consistent_read.value_or(false);
  const partiql::Selection selection(statement, *table, is_consistent);
  Place place;
  if (request.next_token) place = partiql::read_token(*request.next_token, digest_of(request));
  if (place.range >= selection.range_count()) throw validation_error("Invalid NextToken");

  const PageReader reader(store_, turns_, heavy_);
  CapacityMeter meter(request.return_consumed_capacity, *table);
  ExecuteStatementResponse response;
  response.items.emplace();
  std::size_t looked_at = 0;
  std::size_t bytes = 0;
  while (true) {
    PageRequest page = selection.page(reader, place.range, place.start);
    if (request.limit) page.limit = static_cast<std::size_t>(*request.limit) - looked_at;
    Page read;
    if (page.range.from < page.range.to) read = co_await reader.read(page);
    meter.read(read.bytes, is_consistent, page.index);
    for (const std::size_t fetched : read.fetched_bytes) meter.read(fetched, is_consistent);
    for (Item& item : read.items) {
      if (turns_.is_over()) co_await turns_.next();
      response.items->push_back(partiql::show(statement, std::move(item)));
    }
    looked_at += static_cast<std::size_t>(read.scanned);
    bytes += read.bytes;
    if (!read.last_key && ++place.range == selection.range_count()) break;
    place.start = read.last_key;
    if (!read.last_key && bytes < max_page_bytes) continue;
    response.next_token = partiql::write_token(place, digest_of(request));
    response.last_evaluated_key = std::move(read.last_key);
    break;
  }
  response.consumed_capacity = std::move(meter).result();
  co_return response;
}

}  // namespace matinee::dynamodb
