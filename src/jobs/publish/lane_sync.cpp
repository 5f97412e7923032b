// Syncing of journals by a worker.
#include "jobs/publish/lane_sync.h"

namespace matinee::jobs::publish {

namespace {

constexpr std::chrono::seconds interval(1);

}  // namespace

LaneSync::LaneSync(runtime::Runtime& runtime, const Ledger& ledger, PublishListener& listener)
    : runtime_(runtime), ledger_(ledger), listener_(listener) {
  schedule();
}

LaneSync::~LaneSync() {
  runtime_.clock.cancel(timer_);
}

void LaneSync::schedule() {
  timer_ = runtime_.clock.call_at(runtime_.clock.now() + interval, [this] {
    sync();
    schedule();
  });
}

void LaneSync::sync() {
  if (progress_->has_failed && !std::exchange(has_warned_, true))
    listener_.warn("The ledger cannot be synced to its disk: a power cut could make it forget.");
  if (progress_->is_busy.exchange(true)) return;
  runtime_.workers.post(
      [&disk = runtime_.disk, paths = ledger_.lane_paths(), progress = progress_] {
        for (const std::string& path : paths)
          if (!disk.sync_file(path)) progress->has_failed = true;
        progress->is_busy = false;
      });
}

}  // namespace matinee::jobs::publish
