#include "services/scheduler/measures.h"

#include <fmt/format.h>

#include "services/arn.h"

namespace matinee::scheduler {

namespace {

using Outcome = services::DeliveryResult::Outcome;

bool asks_for_fewer_calls(const std::string& code) {
  return code.find("Throttl") != std::string::npos || code == "TooManyRequestsException" ||
         code == "RequestLimitExceeded" || code == "SlowDown";
}

}  // namespace

void GroupCounts::add(const services::Delivery& delivery, const services::DeliveryResult& result) {
  const bool succeeded = result.outcome == Outcome::delivered;
  const bool has_ended = result.outcome != Outcome::put_off;
  if (delivery.via == services::via_dead_letters) {
    if (succeeded) ++dead_letters;
    if (has_ended && !succeeded) ++lost_letters[result.code];
    return;
  }
  ++attempts;
  if (succeeded) return;
  ++errors;
  if (asks_for_fewer_calls(result.code)) ++throttles;
  if (has_ended) ++dropped;
}

void put_counts(const std::string& group_arn, const GroupCounts& counts, runtime::Time minute,
                services::MetricSink& sink) {
  const std::optional<services::Arn> group = services::parse_arn(group_arn);
  if (!group) return;
  const auto put = [&](const std::string& name, std::uint64_t count) {
    if (count == 0) return;
    sink.put_metric(
        {.account = group->account,
         .region = group->region,
         .name_space = "AWS/Scheduler",
         .name = name,
         .dimensions = {{"ScheduleGroup", group->resource.substr(group->resource.rfind('/') + 1)}},
         .value = static_cast<double>(count),
         .unit = "Count",
         .time = minute});
  };
  put("InvocationAttemptCount", counts.attempts);
  put("TargetErrorCount", counts.errors);
  put("TargetErrorThrottledCount", counts.throttles);
  put("InvocationDroppedCount", counts.dropped);
  put("InvocationsSentToDeadLetterCount", counts.dead_letters);
  std::uint64_t lost = 0;
  for (const auto& [code, count] : counts.lost_letters) {
    lost += count;
    if (!code.empty())
      put(fmt::format("InvocationsFailedToBeSentToDeadLetterCount_{}", code), count);
  }
  put("InvocationsFailedToBeSentToDeadLetterCount", lost);
}

}  // namespace matinee::scheduler
