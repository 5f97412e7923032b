// Buckets that a reset has removed with all that was in them. No client sees them any more; their
// objects, versions and uploads go in small steps, each a transaction and a turn of the loop of its
// own, so that a bucket of any size delays nobody for long. Until the last of it is gone the name
// is taken. A removal that was cut off goes on with the next start.
//
// State thread only.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "runtime/channel.h"
#include "runtime/runtime.h"
#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

class RemovedBuckets {
 public:
  /// Goes on with what an earlier run has left. The catalog must outlive it.
  RemovedBuckets(Catalog& catalog, const runtime::Runtime& runtime);
  ~RemovedBuckets();
  RemovedBuckets(const RemovedBuckets&) = delete;
  RemovedBuckets& operator=(const RemovedBuckets&) = delete;

  /// In the transaction that removes the bucket's record.
  void add(const std::string& bucket);
  /// Whether something of a removed bucket is still there.
  bool contains(const std::string& bucket) const { return names_.contains(bucket); }
  /// Until nothing is. Throws where the program ends before.
  runtime::Task<> wait();

 private:
  void start();
  void post_step();
  void step();

  Catalog& catalog_;
  runtime::Clock& clock_;
  runtime::Loop& loop_;
  storage::Table<std::string, bool> table_;
  std::set<std::string> names_;
  bool is_running_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Event changed_;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace matinee::s3
