// What functions are measured by for CloudWatch, AWS/Lambda: put together for a minute, so that a
// call costs some additions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "runtime/runtime.h"
#include "services/lambda/catalog/records.h"
#include "services/metric_sink.h"
#include "storage/store.h"

namespace matinee::lambda {

/// Values of a minute. Those that differ by less than a percent may count as one where percentiles
/// are asked for; sum, minimum and maximum are exact.
class Values {
 public:
  void add(double value);
  bool is_empty() const { return summary_.count == 0; }
  services::MetricSummary summary() const;

 private:
  services::MetricSummary summary_;
  std::map<double, double> counts_;
};

/// Of calls of a function by one name.
struct CallCounts {
  std::uint64_t invocations = 0;
  std::uint64_t errors = 0;
  std::uint64_t throttles = 0;
  std::uint64_t loops_ended = 0;
  std::uint64_t events_received = 0;  // asynchronous calls
  std::uint64_t events_dropped = 0;
  std::uint64_t failed_destinations = 0;
  std::uint64_t failed_dead_letters = 0;
  // Of versions with provisioned concurrency: calls that found one of its instances free, and not.
  std::uint64_t provisioned_calls = 0;
  std::uint64_t spilled_calls = 0;
  Values provisioned_at_work;  // of such instances, as each call began
  Values provisioned_share;    // of those that there are: 0 to 1
  Values duration;             // in milliseconds
  Values event_age;            // in milliseconds
  Values iterator_age;         // in milliseconds: of the last change of each batch of a stream
  Values concurrency;          // of the function, as each call began
};

/// Of an account in a region.
struct AccountCounts {
  Values concurrency;
  Values unreserved;
};

/// Of a mapping that measures its events.
struct MappingCounts {
  std::uint64_t polled = 0;
  std::uint64_t filtered_out = 0;
  std::uint64_t invoked = 0;
  std::uint64_t failed = 0;
  std::uint64_t deleted = 0;
  std::uint64_t dropped = 0;    // of streams: given up
  std::uint64_t delivered = 0;  // of these, to the destination for failures
};

/// Whose calls: the function, the alias or version that they were made by, empty without, and,
/// where that is an alias, the version that ran.
using CallKey = std::tuple<FunctionKey, std::string, std::string>;

class Measures {
 public:
  /// All must outlive it; without a sink nothing is counted.
  Measures(storage::Store& store, runtime::Runtime& runtime, services::MetricSink* sink)
      : store_(store), runtime_(runtime), sink_(sink) {}
  ~Measures();
  Measures(const Measures&) = delete;
  Measures& operator=(const Measures&) = delete;

  /// What is added to them is stored when the minute is over. Until the next round.
  CallCounts& of(const CallKey& key);
  AccountCounts& of_account(const std::string& account, const std::string& region);
  /// By account, region and UUID.
  MappingCounts& of_mapping(const FunctionKey& mapping);

 private:
  struct Minute {
    runtime::Time begin;
    std::map<CallKey, CallCounts> calls;
    std::map<std::pair<std::string, std::string>, AccountCounts> accounts;
    std::map<FunctionKey, MappingCounts> mappings;
  };

  storage::Store& store_;
  runtime::Runtime& runtime_;
  services::MetricSink* sink_;
  Minute minute_;
  Minute nothing_;
  std::vector<Minute> ended_;  // stored in pieces
  runtime::TimerId timer_ = runtime::TimerId::none;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  Minute& current();
  void end_minute();
  void store_some();
  void put_calls(runtime::Time time, const CallKey& key, const CallCounts& counts);
  void put_account(runtime::Time time, const std::pair<std::string, std::string>& key,
                   const AccountCounts& counts);
  void put_mapping(runtime::Time time, const FunctionKey& key, const MappingCounts& counts);
};

}  // namespace matinee::lambda
