// Imports and exports of tables under way: each a task that gives way to others, and that goes on
// after the next start from what it has stored.
#pragma once

#include <memory>
#include <string>

#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/bucket_files.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/item_store.h"
#include "services/dynamodb/transfers/transfer_records.h"
#include "services/log_sink.h"
#include "services/reset.h"

namespace matinee::dynamodb::transfers {

struct Neighbours {
  services::BucketFiles* files = nullptr;  // needed
  services::LogSink* logs = nullptr;       // null: errors of imports are counted only
};

/// Of the service; all must outlive the runner.
struct RunnerParts {
  storage::Store& store;
  runtime::Runtime runtime;
  Catalog& catalog;
  ItemStore& items;
  PastVersions& past;
  Neighbours neighbours;
};

/// As which buckets are used.
services::Context caller_of(const TransferKey& key, const CallerRecord& caller);
CallerRecord record_caller(const services::Context& context);

class Runner {
 public:
  explicit Runner(RunnerParts parts);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Imports& imports() { return imports_; }
  Exports& exports() { return exports_; }

  /// Once the current transaction is committed.
  void start_import(const TransferKey& key);
  void start_export(const TransferKey& key);

  /// In the current transaction. What is under way ends when it finds that.
  void forget_all(const services::ResetScope& scope);

 private:
  RunnerParts parts_;
  Imports imports_;
  Exports exports_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  runtime::TaskGroup tasks_;

  void post(runtime::Task<> (Runner::*run)(TransferKey), TransferKey key);
  runtime::Task<> run_import(TransferKey key);
  runtime::Task<> run_export(TransferKey key);
};

}  // namespace matinee::dynamodb::transfers
