// How much of its consumers' time each message group of a standard queue takes: the time that its
// messages are in flight. What was long ago counts for less, by half with each minute that passes.
#pragma once

#include <unordered_map>

#include "services/sqs/entry.h"

namespace matinee::sqs {

/// In memory only: after a restart it begins with what is in flight then. Times must not go back.
class ConsumerTime {
 public:
  /// A message goes to a consumer. `group` is no_group for a message without one.
  void begin(GroupNumber group, runtime::Time now);
  /// One that has just begun was with its consumer for so long already.
  void add(GroupNumber group, runtime::Duration passed);
  /// It is deleted, or visible again.
  void end(GroupNumber group, runtime::Time now);

  /// Nothing of the group waits any more: what it took until now no longer counts.
  void drained(GroupNumber group, runtime::Time now);
  /// The group has no messages left; its number may be given to another.
  void forget(GroupNumber group) { groups_.erase(group); }

  /// Whether the group has had more than a tenth of the consumers' time of late.
  bool has_large_share(GroupNumber group, runtime::Time now) const;

 private:
  struct Account {
    double seconds = 0;  // until `counted_until`, what is long ago weighed less
    std::uint32_t in_flight = 0;
    runtime::Time counted_until;

    double at(runtime::Time now) const;
    void count_until(runtime::Time now);
  };

  Account all_;
  std::unordered_map<GroupNumber, Account> groups_;
};

}  // namespace matinee::sqs
