// Tables on several servers. Each gets a table of its own for each kind of keys, which its loads
// share: what is read is what was written before.
#include <fmt/format.h>

#include <stdexcept>

#include "compare.h"
#include "dynamodb_load.h"
#include "fairness_load.h"
#include "table_load.h"

namespace bench {
namespace {

/// Slow servers write this many in some seconds.
constexpr std::uint64_t kItems = 2'000;
constexpr const char* kTable = "compare";

/// Some make tables in their own time.
void await_table(std::uint16_t port, const std::string& name) {
  const std::string question =
      dynamodb_call(port, "DescribeTable", fmt::format(R"({{"TableName":"{}"}})", name));
  for (const double end = now_seconds() + 10; now_seconds() < end;) {
    if (require_success(port, question).body.contains(R"("ACTIVE")")) return;
  }
  throw std::runtime_error("the table does not become active");
}

double table_rate(const LoadPlan& plan, TableLoad::Kind kind) {
  TableLoad load({.port = plan.port, .table = kTable, .kind = kind, .items = kItems},
                 plan.connections);
  return run_load(plan, load).units_per_second();
}

Contest on_table(const char* name, TableLoad::Kind kind) {
  return {.name = name,
          .better = Better::higher,
          .measure = [kind](const LoadPlan& plan, const Candidate&) {
            return std::optional(table_rate(plan, kind));
          }};
}

std::optional<double> put_items(const LoadPlan& plan, const Candidate&) {
  create_table(plan.port, "compare-single");
  await_table(plan.port, "compare-single");
  PutItemLoad load(plan.port, "compare-single", plan.connections);
  return run_load(plan, load).units_per_second();
}

/// Of the items that put_items has stored.
std::optional<double> get_items(const LoadPlan& plan, const Candidate&) {
  GetItemLoad load({.port = plan.port, .table = "compare-single", .keys = 400}, plan.connections);
  return run_load(plan, load).units_per_second();
}

std::optional<double> batch_writes(const LoadPlan& plan, const Candidate&) {
  create_keyed_table(plan.port, kTable);
  await_table(plan.port, kTable);
  fill_table(plan.port, kTable, kItems, plan.connections);
  return table_rate(plan, TableLoad::Kind::batch_write);
}

}  // namespace

std::string compare_dynamodb(const Settings& settings, const std::vector<Candidate>& candidates) {
  const std::vector<Contest> contests = {
      {.name = "PutItem of 1 KB, items/s", .better = Better::higher, .measure = put_items},
      {.name = "GetItem of 1 KB, items/s", .better = Better::higher, .measure = get_items},
      {.name = "BatchWriteItem of 25, items/s", .better = Better::higher, .measure = batch_writes},
      on_table("Query of 100 items, pages/s", TableLoad::Kind::query),
      on_table("TransactWriteItems of 4, items/s", TableLoad::Kind::transact_write)};
  return run_contests(settings, "DynamoDB", contests, candidates).table;
}

}  // namespace bench
