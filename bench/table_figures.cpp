// What tables promise: items a second in every way of writing and reading them, and a table of ten
// million items beside one of 10,000, in rounds by turns, so that what else the machine does weighs
// on both alike.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>

#include "dynamodb_load.h"
#include "fairness_load.h"
#include "figures.h"
#include "measuring.h"
#include "requests.h"
#include "table_load.h"

namespace bench {
namespace {

constexpr std::uint64_t kShallow = 10'000;
constexpr int kRounds = 3;
constexpr const char* kTable = "bench-table";

Figure promised(std::string name, const char* unit, double target) {
  return {.name = std::move(name), .unit = unit, .target = target, .note = {}, .failure = {}};
}

Figure at_most(std::string name, const char* unit, double target) {
  Figure figure = promised(std::move(name), unit, target);
  figure.better = Better::lower;
  return figure;
}

/// A server with a table of so many items of 300 bytes.
class FilledTable {
 public:
  FilledTable(const Settings& settings, std::uint64_t items)
      : settings_(settings), items_(items), server_(settings.binary) {
    create_keyed_table(server_.port(), kTable);
    fill_table(server_.port(), kTable, items, settings.connections);
    filled_resident_ = server_.resident_megabytes();
  }

  Speed measure(TableLoad::Kind kind) const {
    TableLoad load({.port = server_.port(), .table = kTable, .kind = kind, .items = items_},
                   settings_.connections);
    const LoadPlan plan = plan_for(settings_, server_.port());
    const double before = server_.processor_seconds();
    const LoadResult result = run_load(plan, load);
    const double counted = result.seconds / (result.seconds + plan.warm_up_seconds);
    const double used = (server_.processor_seconds() - before) * counted;
    return {.rate = result.units_per_second(),
            .processor_us = used * 1e6 / static_cast<double>(result.requests)};
  }

  ServerProcess& server() { return server_; }
  double filled_resident() const { return filled_resident_; }

 private:
  const Settings& settings_;
  std::uint64_t items_;
  ServerProcess server_;
  double filled_resident_ = 0;
};

struct Operation {
  TableLoad::Kind kind;
  const char* name;
  bool is_promised = false;
};

constexpr std::array<Operation, 5> kOperations = {
    {{TableLoad::Kind::get_item, "GetItem", true},
     {TableLoad::Kind::query, "Query of 100 items", true},
     {TableLoad::Kind::put_item, "PutItem over what is there"},
     {TableLoad::Kind::batch_write, "BatchWriteItem of 25 over what is there"},
     {TableLoad::Kind::transact_write, "TransactWriteItems of 4 over what is there"}}};

Figure compare(const FilledTable& deep, const FilledTable& shallow, const Operation& operation) {
  Speed far;
  Speed near;
  for (int i = 0; i < kRounds; ++i) {
    far += deep.measure(operation.kind);
    near += shallow.measure(operation.kind);
  }
  Figure figure = promised(fmt::format("{}, large / small table", operation.name), "ratio", 0.5);
  figure.measured = far.rate / near.rate;
  if (!operation.is_promised) figure.target.reset();
  figure.note = fmt::format("{:.0f}/s beside {:.0f}/s; {:.1f} us of processor beside {:.1f}",
                            far.rate / kRounds, near.rate / kRounds, far.processor_us / kRounds,
                            near.processor_us / kRounds);
  return figure;
}

/// From the signal that ends it until it is ready, and has found an item.
Figure restart(FilledTable& table, const char* name, int signal) {
  Figure figure = at_most(fmt::format("ready after {}", name), "ms", 1000);
  ServerProcess& server = table.server();
  server.restart(signal);
  const double begin = now_seconds();
  require_success(server.port(),
                  dynamodb_call(server.port(), "GetItem",
                                fmt::format(R"({{"TableName":"{}","Key":{{"p":{{"S":"00000001"}},)"
                                            R"("s":{{"S":"00000001"}}}}}})",
                                            kTable)));
  const double first = (now_seconds() - begin) * 1000;
  figure.measured = server.ready_milliseconds() + first;
  figure.note = fmt::format("{:.0f} ms until ready, {:.1f} ms the first GetItem; {:.0f} MB",
                            server.ready_milliseconds(), first, server.resident_megabytes());
  return figure;
}

/// What somebody else waits while `load` runs.
Figure waits(const Probe& probe, const std::string& name, const std::function<void()>& load) {
  Figure figure = at_most("a GetItem waits at worst beside " + name, "ms", 10);
  const Probe::Waits waits = probe.measure(load);
  figure.measured = waits.worst_ms;
  figure.note = fmt::format("p99 {:.2f} ms of {}; the machine's share {:.1f} ms", waits.p99_ms,
                            waits.count, waits.worst_idle_ms);
  return figure;
}

/// Beside Query and Scan of the large table, and while it is removed.
void measure_waits(const Settings& settings, FilledTable& deep, std::vector<Figure>& figures) {
  const std::uint16_t port = deep.server().port();
  const Probe probe(port);
  figures.push_back(waits(probe, "nothing", [&] {
    TableLoad load({.port = port, .table = kTable, .items = settings.table_items}, 1);
    LoadPlan plan = plan_for(settings, port);
    plan.connections = 1;
    run_load(plan, load);
  }));
  for (const int clients : {1, 8}) {
    figures.push_back(waits(probe, fmt::format("scans of {} clients", clients), [&] {
      const double until = now_seconds() + settings.seconds;
      run_clients(clients, [&](int client) {
        while (now_seconds() < until) {
          require_success(port, dynamodb_call(port, "Scan",
                                              fmt::format(R"({{"TableName":"{}","Segment":{},)"
                                                          R"("TotalSegments":{}}})",
                                                          kTable, client, clients)));
        }
      });
    }));
  }
  figures.push_back(waits(probe, "queries on all connections", [&] {
    TableLoad load({.port = port,
                    .table = kTable,
                    .kind = TableLoad::Kind::query,
                    .items = settings.table_items},
                   settings.connections);
    run_load(plan_for(settings, port), load);
  }));
  Figure removal = at_most("DeleteTable", "ms", 20);
  figures.push_back(waits(probe, "the removal of the table", [&] {
    const double begin = now_seconds();
    require_success(
        port, dynamodb_call(port, "DeleteTable", fmt::format(R"({{"TableName":"{}"}})", kTable)));
    removal.measured = (now_seconds() - begin) * 1000;
    // What is left of it is removed from the files meanwhile.
    create_keyed_table(port, kTable);
    fill_table(port, kTable, 1'000'000, settings.connections);
  }));
  figures.push_back(std::move(removal));
}

void measure_large(const Settings& settings, std::vector<Figure>& figures) {
  FilledTable shallow(settings, kShallow);
  FilledTable deep(settings, settings.table_items);
  const std::string name = fmt::format("{} items: ", settings.table_items);
  std::vector<Figure> own;
  own.push_back(restart(deep, "kill -9", SIGKILL));
  own.push_back(restart(deep, "SIGTERM", SIGTERM));
  for (const Operation& operation : kOperations) own.push_back(compare(deep, shallow, operation));
  Figure memory = at_most("resident memory", "MB", 400);
  memory.measured = deep.server().resident_megabytes();
  memory.note = fmt::format(
      "after all of these; {:.0f} MB when it was filled, peak {:.0f} MB; {:.0f} MB with {}",
      deep.filled_resident(), deep.server().peak_megabytes(), shallow.server().resident_megabytes(),
      kShallow);
  own.push_back(std::move(memory));
  measure_waits(settings, deep, own);
  for (Figure& figure : own) figure.name = name + figure.name;
  std::ranges::move(own, std::back_inserter(figures));
}

}  // namespace

std::vector<Figure> measure_dynamodb(const Settings& settings) {
  const Target target(settings);
  const LoadPlan plan = plan_for(settings, target.port());
  create_table(target.port(), "bench");
  PutItemLoad put(target.port(), "bench", settings.connections);
  std::vector<Figure> figures;
  figures.push_back(measure_load(promised("DynamoDB PutItem, 1 KB", "items/s", 35'000), plan, put));
  // The last request of each connection may not have been answered.
  const std::uint64_t in_flight = static_cast<std::uint64_t>(settings.connections);
  const std::uint64_t stored = put.keys_used() > in_flight ? put.keys_used() - in_flight : 1;
  GetItemLoad get({.port = target.port(), .table = "bench", .keys = stored}, settings.connections);
  figures.push_back(measure_load(promised("DynamoDB GetItem, 1 KB", "items/s", 50'000), plan, get));
  create_keyed_table(target.port(), kTable);
  constexpr std::uint64_t kItems = 1'000'000;
  fill_table(target.port(), kTable, kShallow, settings.connections);
  const auto measure = [&](Figure figure, TableLoad::Kind kind, std::uint64_t items) {
    TableLoad load({.port = target.port(), .table = kTable, .kind = kind, .items = items},
                   settings.connections);
    figures.push_back(measure_load(std::move(figure), plan, load));
  };
  measure(promised("DynamoDB Query of 100 items of 300 bytes", "pages/s", 5'000),
          TableLoad::Kind::query, kShallow);
  measure(promised("DynamoDB BatchWriteItem of 25 of 300 bytes", "items/s", 100'000),
          TableLoad::Kind::batch_write, kItems);
  // Units are items: 12,000 transactions.
  measure(promised("DynamoDB TransactWriteItems of 4 of 300 bytes", "items/s", 48'000),
          TableLoad::Kind::transact_write, kItems);
  return figures;
}

std::vector<Figure> measure_tables(const Settings& settings) {
  std::vector<Figure> figures;
  try {
    measure_large(settings, figures);
  } catch (const std::exception& error) {
    figures.push_back(
        {.name = "a large table", .unit = {}, .target = {}, .note = {}, .failure = error.what()});
  }
  return figures;
}

}  // namespace bench
