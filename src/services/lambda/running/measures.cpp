#include "services/lambda/running/measures.h"

#include <spdlog/spdlog.h>

#include <cmath>
#include <utility>

#include "runtime/timer_purpose.h"

namespace matinee::lambda {

namespace {

using services::MetricSummary;
using services::MetricValue;
using Dimensions = std::vector<std::pair<std::string, std::string>>;

/// Functions whose counts one transaction stores.
constexpr std::size_t functions_at_once = 16;

constexpr runtime::TimerPurpose storing_counts{
    .what = "CloudWatch gets what was counted in the minute"};

/// The number that stands for those near to it.
double near_to(double value) {
  if (value <= 0) return 0;
  constexpr double steps = 200;  // half a percent, or less
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  return std::round(value / power * steps) / steps * power;
}

/// So often 1, and otherwise 0: what is true of some of them.
MetricSummary of_times(std::uint64_t times, std::uint64_t all) {
  const auto count = static_cast<double>(std::max(times, all));
  const auto ones = static_cast<double>(times);
  MetricSummary summary{.count = count,
                        .sum = ones,
                        .minimum = ones < count ? 0.0 : 1.0,
                        .maximum = ones > 0 ? 1.0 : 0.0,
                        .values = {}};
  if (ones < count) summary.values.emplace_back(0, count - ones);
  if (ones > 0) summary.values.emplace_back(1, ones);
  return summary;
}

class Metrics {
 public:
  Metrics(services::MetricSink& sink, MetricValue common, std::vector<Dimensions> dimensions)
      : sink_(sink), metric_(std::move(common)), dimensions_(std::move(dimensions)) {}

  void put(const char* name, const char* unit, const MetricSummary& summary) {
    if (summary.count == 0) return;
    metric_.name = name;
    metric_.unit = unit;
    for (const Dimensions& dimensions : dimensions_) {
      metric_.dimensions = dimensions;
      sink_.put_summary(metric_, summary);
    }
  }

 private:
  services::MetricSink& sink_;
  MetricValue metric_;
  std::vector<Dimensions> dimensions_;
};

MetricValue common_of(const std::string& account, const std::string& region, runtime::Time time) {
  return {.account = account,
          .region = region,
          .name_space = "AWS/Lambda",
          .name = {},
          .dimensions = {},
          .value = 0,
          .unit = "Count",
          .time = time};
}

}  // namespace

void Values::add(double value) {
  summary_.minimum = is_empty() ? value : std::min(summary_.minimum, value);
  summary_.maximum = is_empty() ? value : std::max(summary_.maximum, value);
  ++summary_.count;
  summary_.sum += value;
  ++counts_[near_to(value)];
}

MetricSummary Values::summary() const {
  MetricSummary summary = summary_;
  for (const auto& [value, count] : counts_)
    summary.values.emplace_back(std::clamp(value, summary.minimum, summary.maximum), count);
  return summary;
}

Measures::~Measures() {
  *lives_ = false;
  runtime_.clock.cancel(timer_);
}

Measures::Minute& Measures::current() {
  if (!sink_) return nothing_ = {};
  if (timer_ == runtime::TimerId::none) {
    minute_.begin = std::chrono::floor<std::chrono::minutes>(runtime_.clock.now());
    timer_ = runtime::call_for(runtime_.clock, storing_counts,
                               minute_.begin + std::chrono::minutes(1), [this] {
                                 timer_ = runtime::TimerId::none;
                                 end_minute();
                               });
  }
  return minute_;
}

CallCounts& Measures::of(const CallKey& key) {
  return current().calls[key];
}

AccountCounts& Measures::of_account(const std::string& account, const std::string& region) {
  return current().accounts[{account, region}];
}

MappingCounts& Measures::of_mapping(const FunctionKey& mapping) {
  return current().mappings[mapping];
}

void Measures::end_minute() {
  ended_.push_back(std::exchange(minute_, {}));
  store_some();
}

/// What cannot be stored is lost, as metrics are.
void Measures::store_some() {
  if (ended_.empty()) return;
  Minute& minute = ended_.front();
  try {
    storage::Transaction transaction(store_);
    for (const auto& [key, counts] : std::exchange(minute.accounts, {}))
      put_account(minute.begin, key, counts);
    for (const auto& [key, counts] : std::exchange(minute.mappings, {}))
      put_mapping(minute.begin, key, counts);
    for (std::size_t i = 0; i < functions_at_once && !minute.calls.empty(); ++i) {
      const auto entry = minute.calls.extract(minute.calls.begin());
      put_calls(minute.begin, entry.key(), entry.mapped());
    }
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("Metrics of functions could not be stored: {}", failure.what());
  }
  if (minute.calls.empty()) ended_.erase(ended_.begin());
  if (ended_.empty()) return;
  runtime_.loop.post([this, lives = lives_] {
    if (*lives) store_some();
  });
}

/// AWS tells each of all functions together, by function, and by the name that was called.
void Measures::put_calls(runtime::Time time, const CallKey& key, const CallCounts& counts) {
  const auto& [function, qualifier, version] = key;
  const auto& [account, region, name] = function;
  const Dimensions by_function{{"FunctionName", name}};
  Dimensions by_resource = by_function;
  by_resource.emplace_back("Resource", qualifier.empty() ? name : name + ":" + qualifier);
  std::vector<Dimensions> all{{}, by_function, by_resource};
  Metrics concurrency(*sink_, common_of(account, region, time), {by_function, by_resource});
  Metrics events(*sink_, common_of(account, region, time), all);
  if (!version.empty()) {
    all.push_back(by_resource);
    all.back().emplace_back("ExecutedVersion", version);
  }
  Metrics calls(*sink_, common_of(account, region, time), all);
  const auto times = [](std::uint64_t count) { return of_times(count, count); };
  calls.put("Invocations", "Count", times(counts.invocations));
  calls.put("Errors", "Count", of_times(counts.errors, counts.invocations));
  calls.put("Throttles", "Count", of_times(counts.throttles, counts.invocations));
  calls.put("Duration", "Milliseconds", counts.duration.summary());
  calls.put("RecursiveInvocationsDropped", "Count", times(counts.loops_ended));
  concurrency.put("ConcurrentExecutions", "Count", counts.concurrency.summary());
  concurrency.put("IteratorAge", "Milliseconds", counts.iterator_age.summary());
  concurrency.put("ProvisionedConcurrentExecutions", "Count", counts.provisioned_at_work.summary());
  concurrency.put("ProvisionedConcurrencyUtilization", "Count", counts.provisioned_share.summary());
  calls.put("ProvisionedConcurrencyInvocations", "Count", times(counts.provisioned_calls));
  calls.put("ProvisionedConcurrencySpilloverInvocations", "Count", times(counts.spilled_calls));
  events.put("AsyncEventsReceived", "Count", times(counts.events_received));
  events.put("AsyncEventAge", "Milliseconds", counts.event_age.summary());
  events.put("AsyncEventsDropped", "Count", times(counts.events_dropped));
  events.put("DestinationDeliveryFailures", "Count", times(counts.failed_destinations));
  events.put("DeadLetterErrors", "Count", times(counts.failed_dead_letters));
}

void Measures::put_account(runtime::Time time, const std::pair<std::string, std::string>& key,
                           const AccountCounts& counts) {
  Metrics metrics(*sink_, common_of(key.first, key.second, time), {{}});
  metrics.put("ConcurrentExecutions", "Count", counts.concurrency.summary());
  metrics.put("UnreservedConcurrentExecutions", "Count", counts.unreserved.summary());
}

void Measures::put_mapping(runtime::Time time, const FunctionKey& key,
                           const MappingCounts& counts) {
  const auto& [account, region, id] = key;
  Metrics metrics(*sink_, common_of(account, region, time), {{{"EventSourceMappingUUID", id}}});
  const auto put = [&](const char* name, std::uint64_t count) {
    if (count == 0) return;
    const auto value = static_cast<double>(count);
    metrics.put(
        name, "Count",
        {.count = 1, .sum = value, .minimum = value, .maximum = value, .values = {{value, 1}}});
  };
  put("PolledEventCount", counts.polled);
  put("FilteredOutEventCount", counts.filtered_out);
  put("InvokedEventCount", counts.invoked);
  put("FailedInvokeEventCount", counts.failed);
  put("DeletedEventCount", counts.deleted);
  put("DroppedEventCount", counts.dropped);
  put("OnFailureDestinationDeliveredEventCount", counts.delivered);
}

}  // namespace matinee::lambda
