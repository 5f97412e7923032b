// Lifecycle rules carried out by the clock: at each midnight UTC a pass goes over the buckets that
// have rules. It works in small steps, each a transaction and a turn of the loop of its own, so a
// bucket of any size delays nobody for long. A pass that was cut off, or missed because nothing
// ran at midnight, is done anew after the next start: what has been done already is not due again.
//
// State thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/runtime.h"
#include "services/s3/configurations/configurations.h"
#include "services/s3/lifecycle/lifecycle.h"
#include "services/s3/notifications/object_event.h"

namespace matinee::s3 {

/// The last midnight whose pass came to its end.
struct LifecyclePassRecord {
  runtime::Time midnight;

  static constexpr auto fields = std::tuple{storage::field<1>(&LifecyclePassRecord::midnight)};
};

class LifecyclePass {
 public:
  /// Is told what the pass does to objects, inside the transaction that does it.
  using Tell = std::function<void(const std::string& bucket, const ObjectEvent& event)>;

  /// Reads the rules of all buckets. Catalog and configurations must outlive it.
  LifecyclePass(Catalog& catalog, const Configurations& configurations,
                const runtime::Runtime& runtime, Tell tell);
  ~LifecyclePass();
  LifecyclePass(const LifecyclePass&) = delete;
  LifecyclePass& operator=(const LifecyclePass&) = delete;

  /// The rules of a bucket, null where it has none.
  const Lifecycle* find(const std::string& bucket) const;
  /// To be called in the transaction that changes or removes the rules of a bucket; they are those
  /// that count once it is committed.
  void reload(const std::string& bucket);
  /// Starts a pass now, unless one is under way. It goes on in later rounds of the loop.
  void start();

 private:
  /// Where a pass is.
  struct Progress {
    runtime::Time midnight;
    std::string bucket;
    bool at_uploads = false;
    std::string key;
    std::string id;  // of the version or upload; empty: all of the key is done
    std::size_t newer_noncurrent = 0;
  };
  struct Change;
  class Walk;

  void schedule(runtime::Time when);
  void post_step();
  void step();
  /// False at the end of the pass.
  bool advance(Progress& progress);
  /// False at the end of the bucket.
  bool walk_versions(Progress& progress, const Lifecycle& lifecycle);
  bool walk_uploads(Progress& progress, const Lifecycle& lifecycle);
  void apply(const BucketRecord& bucket, const std::string& name, const Change& change);

  Catalog& catalog_;
  const Configurations& configurations_;
  runtime::Clock& clock_;
  runtime::Loop& loop_;
  Tell tell_;
  storage::Table<std::uint8_t, LifecyclePassRecord> passes_;
  std::map<std::string, std::unique_ptr<Lifecycle>> lifecycles_;
  std::optional<Progress> progress_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace matinee::s3
