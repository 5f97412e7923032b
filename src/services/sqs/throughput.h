// The throughput quotas of FIFO queues, kept only where the server is asked to (`matinee up
// --quotas aws`). SQS counts calls, not messages: a batch is one call. Counts begin anew with each
// second of the clock and live in memory.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include "runtime/clock.h"
#include "services/sqs/keyed_hash.h"

namespace matinee::sqs {

struct QueueSettings;

/// What is counted on its own: each with the batches of its kind.
enum class QuotaAction : std::uint8_t { send, receive, remove, change_visibility };

/// Calls a second that one action on a message group of a queue with high throughput may make, and
/// on a queue without it.
inline constexpr std::uint32_t calls_of_a_partition = 300;

/// Calls a second that one action on the queue may make: 300, or where it has high throughput what
/// AWS allows in the region.
std::uint32_t calls_a_second(const QueueSettings& settings, std::string_view region);

/// The calls to one queue in the current second.
class ThroughputQuota {
 public:
  /// Counts a call. Throws RequestThrottled, and counts nothing, where `limit` were made already.
  void take_call(QuotaAction action, std::uint32_t limit, runtime::Time now);
  /// Counts what the call that was counted last has to do with a message group: once, however many
  /// messages of the group it names. Throws RequestThrottled.
  void take_group(QuotaAction action, const Hash96& group);

 private:
  struct GroupCalls {
    std::uint32_t calls = 0;
    std::uint64_t last_call = 0;
  };

  std::int64_t second_ = 0;
  std::uint64_t call_ = 0;  // number of the call that was counted last
  std::uint32_t calls_[4] = {};
  std::map<std::pair<QuotaAction, std::array<std::uint32_t, 3>>, GroupCalls> groups_;
};

}  // namespace matinee::sqs
