// DynamoDB and its streams on a simulated machine that dies when told to, spoken to in JSON.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "client/in_process_channel.h"
#include "json.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/streams/service.h"
#include "storage/store.h"

namespace matinee::simulation::tables {

struct Reply {
  Json body;
  std::string code = {};  // of an error
  std::string message = {};
};

/// One call: without a reply where the machine died before.
struct Call {
  std::string operation;
  Json body;
  std::optional<Reply> reply = {};
};

class TablesMachine {
 public:
  explicit TablesMachine(std::uint64_t seed);
  ~TablesMachine();

  void start();
  void stop();
  bool has_died() const { return machine.disk.has_crashed(); }
  /// At the write to the disk after so many more.
  void kill_after(std::uint64_t writes) {
    machine.disk.crash_after(writes, runtime::SimulatedDisk::Crash::process);
  }

  /// Begins calls one after the other, without waiting, and lets time pass until all have ended.
  /// `spread` over rounds of the loop, so that what tables do by themselves happens in between.
  void make(std::vector<Call>& calls, bool spread = false);
  /// Of a machine that lives: throws std::runtime_error for an error.
  Json ask(const std::string& operation, Json body);

  runtime::Time now() { return machine.loop.now(); }

  runtime::Simulation machine;

 private:
  runtime::Runtime runtime_ = machine.runtime();
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<services::Endpoint> endpoint_;
  std::unique_ptr<dynamodb::Service> service_;
  std::unique_ptr<dynamodbstreams::Service> streams_;
  std::unique_ptr<client::InProcessChannel> channel_;

  runtime::Task<> perform(Call& call);
  void begin(runtime::TaskGroup& group, std::vector<Call>& calls, std::size_t next, bool spread);
};

}  // namespace matinee::simulation::tables
