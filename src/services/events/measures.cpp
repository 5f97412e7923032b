#include "services/events/measures.h"

#include "services/events/names.h"

namespace matinee::events {

namespace {

using Outcome = services::DeliveryResult::Outcome;
using Dimensions = std::vector<std::pair<std::string, std::string>>;

class Putter {
 public:
  Putter(const Named& named, runtime::Time minute, services::MetricSink& sink)
      : named_(named), minute_(minute), sink_(sink) {}

  void by_rule(const char* name, std::uint64_t count) const {
    Dimensions dimensions = {{"RuleName", named_.rule}};
    if (is_custom()) dimensions.emplace(dimensions.begin(), "EventBusName", named_.bus.name);
    put(name, count, std::move(dimensions));
  }
  void by_bus(const char* name, std::uint64_t count) const {
    if (is_custom()) put(name, count, {{"EventBusName", named_.bus.name}});
  }
  void of_all(const char* name, std::uint64_t count) const { put(name, count, {}); }
  void everywhere(const char* name, std::uint64_t count) const {
    by_rule(name, count);
    by_bus(name, count);
    of_all(name, count);
  }

 private:
  const Named& named_;
  runtime::Time minute_;
  services::MetricSink& sink_;

  bool is_custom() const { return named_.bus.name != default_bus; }
  void put(const char* name, std::uint64_t count, Dimensions dimensions) const {
    if (count == 0) return;
    sink_.put_metric({.account = named_.bus.account,
                      .region = named_.bus.region,
                      .name_space = "AWS/Events",
                      .name = name,
                      .dimensions = std::move(dimensions),
                      .value = static_cast<double>(count),
                      .unit = "Count",
                      .time = minute_});
  }
};

}  // namespace

void RuleCounts::add(const services::Delivery& delivery, const services::DeliveryResult& result) {
  const bool succeeded = result.outcome == Outcome::delivered;
  if (delivery.via == services::via_dead_letters) {
    if (result.outcome != Outcome::put_off) ++(succeeded ? dead_letters : lost_letters);
    return;
  }
  ++attempts;
  if (result.tries > 1) ++retries;
  if (succeeded) ++successes;
  if (result.outcome == Outcome::dead_lettered || result.outcome == Outcome::dropped) ++failed;
}

void put_counts(const std::string& arn, const RuleCounts& counts, runtime::Time minute,
                services::MetricSink& sink) {
  const std::optional<Named> named = find_named(arn);
  if (!named) return;
  const Putter putter(*named, minute, sink);
  putter.by_bus("MatchedEvents", counts.matched);
  putter.of_all("MatchedEvents", counts.matched);
  if (named->rule.empty()) return;
  putter.by_rule("TriggeredRules", counts.triggered);
  putter.of_all("TriggeredRules", counts.triggered);
  putter.of_all("InvocationsCreated", counts.created);
  // An invocation counts once it has ended, whatever number of tries it took.
  putter.by_rule("Invocations", counts.successes + counts.failed);
  putter.of_all("Invocations", counts.successes + counts.failed);
  putter.by_rule("FailedInvocations", counts.failed);
  putter.everywhere("InvocationAttempts", counts.attempts);
  putter.everywhere("SuccessfulInvocationAttempts", counts.successes);
  putter.everywhere("RetryInvocationAttempts", counts.retries);
  putter.by_rule("InvocationsSentToDlq", counts.dead_letters);
  putter.by_rule("InvocationsFailedToBeSentToDlq", counts.lost_letters);
}

}  // namespace matinee::events
