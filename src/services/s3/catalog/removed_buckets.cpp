#include "services/s3/catalog/removed_buckets.h"

#include "runtime/log.h"
#include "runtime/timer_purpose.h"

namespace matinee::s3 {

namespace {

/// What one step removes at most, so that it takes a few milliseconds.
constexpr std::size_t removals_a_step = 200;
constexpr runtime::Duration wait_after_failure = std::chrono::seconds(1);

constexpr runtime::TimerPurpose removing{.what = "S3 tries again to remove a bucket"};

}  // namespace

RemovedBuckets::RemovedBuckets(Catalog& catalog, const runtime::Runtime& runtime)
    : catalog_(catalog),
      clock_(runtime.clock),
      loop_(runtime.loop),
      table_(catalog.store(), storage::TableId{0x0312}) {
  table_.scan(table_.all(), [&](const std::string& bucket, bool) {
    names_.insert(bucket);
    return true;
  });
  start();
}

RemovedBuckets::~RemovedBuckets() {
  clock_.cancel(timer_);
  alive_.reset();
  changed_.notify();
}

void RemovedBuckets::add(const std::string& bucket) {
  table_.put(bucket, true);
  catalog_.store().on_commit([this, bucket] {
    names_.insert(bucket);
    start();
  });
}

runtime::Task<> RemovedBuckets::wait() {
  const std::weak_ptr<bool> alive = alive_;
  while (!names_.empty()) {
    co_await changed_.wait();
    if (alive.expired()) throw std::runtime_error("The program ends.");
  }
}

void RemovedBuckets::start() {
  if (names_.empty() || std::exchange(is_running_, true)) return;
  post_step();
}

void RemovedBuckets::post_step() {
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) step();
  });
}

void RemovedBuckets::step() {
  const std::string bucket = *names_.begin();
  try {
    storage::Transaction transaction(catalog_.store());
    const bool is_done = catalog_.erase_some(bucket, removals_a_step);
    if (is_done) table_.erase(bucket);
    transaction.commit();
    if (is_done) names_.erase(bucket);
  } catch (const std::exception& error) {
    spdlog::error("A bucket that was reset cannot be removed, and is tried again in a second: {}",
                  error.what());
    timer_ =
        runtime::call_for(clock_, removing, clock_.now() + wait_after_failure, [this] { step(); });
    return;
  }
  is_running_ = !names_.empty();
  if (is_running_) post_step();
  changed_.notify();
}

}  // namespace matinee::s3
