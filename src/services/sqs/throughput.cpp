#include "services/sqs/throughput.h"

#include <algorithm>

#include "services/sqs/queue_attributes.h"
#include "services/sqs/service.h"
#include "sqs/errors.h"

namespace matinee::sqs {

namespace {

struct RegionalQuota {
  std::string_view region;
  std::uint32_t calls;
};

/// Queues with high throughput, without batches; a batch carries ten times as many messages.
constexpr RegionalQuota regional_quotas[] = {
    {"us-east-1", 70'000},     {"us-west-2", 70'000},     {"eu-west-1", 70'000},
    {"us-east-2", 19'000},     {"eu-central-1", 19'000},  {"ap-south-1", 9'000},
    {"ap-southeast-1", 9'000}, {"ap-southeast-2", 9'000}, {"ap-northeast-1", 9'000},
    {"eu-west-2", 4'500},      {"sa-east-1", 4'500},
};
constexpr std::uint32_t calls_in_other_regions = 2'400;

[[noreturn]] void refuse_call() {
  throw RequestThrottled("Request is throttled.");
}

}  // namespace

std::uint32_t calls_a_second(const QueueSettings& settings, std::string_view region) {
  if (!settings.high_throughput) return calls_of_a_partition;
  const auto found = std::ranges::find(regional_quotas, region, &RegionalQuota::region);
  return found == std::end(regional_quotas) ? calls_in_other_regions : found->calls;
}

void ThroughputQuota::take_call(QuotaAction action, std::uint32_t limit, runtime::Time now) {
  if (const std::int64_t second = runtime::to_seconds(now); second != second_) {
    second_ = second;
    std::ranges::fill(calls_, 0);
    groups_.clear();
  }
  std::uint32_t& calls = calls_[static_cast<std::size_t>(action)];
  if (calls == limit) refuse_call();
  ++calls;
  ++call_;
}

void ThroughputQuota::take_group(QuotaAction action, const Hash96& group) {
  GroupCalls& counted = groups_[{action, group.words}];
  if (counted.last_call == call_) return;
  if (counted.calls == calls_of_a_partition) refuse_call();
  ++counted.calls;
  counted.last_call = call_;
}

void Service::count_call(Queue& queue, QuotaAction action) {
  if (!options_.throughput_quotas || !queue.settings.fifo) return;
  queue.quota.take_call(action, calls_a_second(queue.settings, queue.key.region), clock_.now());
}

void Service::count_group(Queue& queue, QuotaAction action, const Hash96& group) {
  if (!options_.throughput_quotas || !queue.settings.high_throughput) return;
  queue.quota.take_group(action, group);
}

void Service::count_group(Queue& queue, QuotaAction action, Slot slot) {
  if (queue.settings.high_throughput)
    count_group(queue, action, queue.messages->index.group_hash(slot));
}

}  // namespace matinee::sqs
