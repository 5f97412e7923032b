// What a service counts for CloudWatch: put together for a minute, so that it costs what is counted
// an addition.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/metric_sink.h"
#include "storage/store.h"

namespace matinee::services {

inline constexpr runtime::TimerPurpose storing_counts{
    .what = "CloudWatch gets what was counted in the minute"};

/// `Counts` are those of one resource: made anew for each minute.
template <class Counts>
class MinuteCounts {
 public:
  /// Puts what was counted of a resource in a minute into the sink, in a transaction.
  using Put = std::function<void(const std::string& arn, const Counts& counts, runtime::Time minute,
                                 MetricSink& sink)>;

  /// All must outlive it; without a sink nothing is counted.
  MinuteCounts(storage::Store& store, runtime::Clock& clock, MetricSink* sink, Put put)
      : store_(store), clock_(clock), sink_(sink), put_(std::move(put)) {}
  ~MinuteCounts() { clock_.cancel(timer_); }
  MinuteCounts(const MinuteCounts&) = delete;
  MinuteCounts& operator=(const MinuteCounts&) = delete;

  /// Of the resource with that ARN. What is added to it is stored when the minute is over.
  Counts& of(const std::string& arn) {
    if (!sink_) return nothing_;
    if (timer_ == runtime::TimerId::none) {
      minute_ = std::chrono::floor<std::chrono::minutes>(clock_.now());
      timer_ = call_for(clock_, storing_counts, minute_ + std::chrono::minutes(1),
                        [this] { store_counts(); });
    }
    return counts_[arn];
  }

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  MetricSink* sink_;
  Put put_;
  std::unordered_map<std::string, Counts> counts_;
  Counts nothing_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Time minute_;

  void store_counts() {
    timer_ = runtime::TimerId::none;
    const auto counts = std::exchange(counts_, {});
    try {
      storage::Transaction transaction(store_);
      for (const auto& [arn, count] : counts) put_(arn, count, minute_, *sink_);
      transaction.commit();
    } catch (const storage::StoreFailure& failure) {
      spdlog::warn("Metrics could not be stored: {}", failure.what());
    }
  }
};

}  // namespace matinee::services
