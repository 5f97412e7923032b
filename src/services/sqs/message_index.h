// What is visible when, in one queue: the part of a queue that lives in memory. It knows no bodies,
// no storage and no clock; whoever changes it has stored the change in the same transaction.
//
// Every operation takes constant time but for timers, which take the logarithm of the number of
// messages delayed and in flight, and for message groups on a standard queue, which take that of
// the number of groups. The costs in memory are 64 bytes a message and up to 150 a message group.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "services/sqs/consumer_time.h"
#include "services/sqs/entry.h"
#include "services/sqs/hash_table.h"

namespace matinee::sqs {

/// Where one ReceiveMessage stands: it may take several messages of one group in a row, which
/// nobody else may.
struct Receiving {
  Slot last = no_slot;
};

class MessageIndex {
 public:
  explicit MessageIndex(bool fifo) : fifo_(fifo) {}

  struct Counts {
    std::uint64_t visible = 0;
    std::uint64_t delayed = 0;
    std::uint64_t in_flight = 0;
  };
  const Counts& counts() const { return counts_; }
  std::uint64_t size() const { return counts_.visible + counts_.delayed + counts_.in_flight; }

  const Entry& operator[](Slot slot) const { return slab_[slot]; }

  /// Makes room for the messages of one page, all `gone` until they are `placed`. A page of which
  /// none is placed must be given back with `release_page`.
  Slot add_page(Sequence first, unsigned count);
  void release_page(Slot first);

  /// What `place` needs to know of a message.
  struct Placement {
    runtime::Time sent_at;
    runtime::Time visible_at;  // delayed, or if it was received in flight, until then
    std::uint32_t receive_count = 0;
    std::uint32_t first_received = 0;
    std::uint32_t last_received = 0;
    Hash96 group;  // all zero: none (standard queues)
  };
  /// Puts a message at the end of the queue, and of its group. Sequences must grow within a queue.
  void place(Slot slot, const Placement& placement, runtime::Time now);

  /// Shows what has become visible by `now`. Call it before looking for messages or at counts.
  void advance(runtime::Time now);
  /// When the next message becomes visible by itself.
  std::optional<runtime::Time> next_change() const;

  /// The message to be received next, or no_slot. A FIFO queue gives the messages of a group in
  /// their order up to the first that is hidden, and goes on with the group of `receiving` for as
  /// long as it has such. A standard queue gives what has waited longest, and a message that came
  /// back waits since it was sent, lest newer ones pass it, until it has come back three times; but
  /// it gives the messages of noisy groups last: of those with at least 30 messages in flight that
  /// are more than a tenth of all in flight, and of those that took more than a tenth of the
  /// consumers' time of late.
  Slot next(const Receiving& receiving) const;
  /// Takes what `next` gave; `visible_at` may be `now`, the message then reappears with the next
  /// `advance`.
  void receive(Receiving& receiving, Slot slot, runtime::Time now, runtime::Time visible_at);
  /// Changes when a message in flight reappears, or hides a message of a standard queue that was
  /// received and has reappeared.
  void set_visible_at(Slot slot, runtime::Time visible_at);
  /// Gives the messages of a FIFO queue that were never received another delay, counted from when
  /// they were sent.
  void set_delay(runtime::Duration delay, runtime::Time now);

  /// Removes a message in whatever state. True where it was the last of its page, whose slots are
  /// then free.
  bool remove(Slot slot);

  /// The message sent first, or no_slot.
  Slot oldest() const { return oldest_; }
  /// The message that a receipt handle names, unless it is gone. `slot` is where it was when it was
  /// received, which may have been before a restart.
  Slot find(Sequence sequence, Slot slot) const;
  /// The first message that was sent after one that may be gone; no_slot where there is none. Takes
  /// a walk from the nearer end of the queue.
  Slot first_after(runtime::Time sent_at, Sequence sequence) const;
  /// First slot of the page of a message.
  Slot page_start(Slot slot) const { return slot - slab_[slot].offset; }
  const Hash96& group_hash(Slot slot) const { return groups_[slab_[slot].group].hash; }

 private:
  struct Group {
    Hash96 hash;
    Slot head = no_slot;
    Slot tail = no_slot;
    Slot returned = no_slot;      // standard queues: the last that came back, before all others
    std::uint32_t size = 0;       // messages in any state
    std::uint32_t in_flight = 0;  // standard queues
    std::uint32_t last_sent = 0;  // seconds since the epoch; standard queues
    GroupNumber previous_ready = no_group;
    GroupNumber next_ready = no_group;
    bool ready = false;
  };

  /// A group of a standard queue that has visible messages, by how long the first has waited.
  struct ReadyGroup {
    runtime::Time waits_since;
    Sequence sequence;
    GroupNumber group;
    auto operator<=>(const ReadyGroup&) const = default;
  };

  bool fifo_;
  EntrySlab slab_;
  Counts counts_;
  std::vector<Slot> timers_;  // a binary heap by visible_at
  Slot oldest_ = no_slot;
  Slot newest_ = no_slot;
  Slot ready_head_ = no_slot;  // standard: visible messages without a group
  Slot ready_tail_ = no_slot;
  Slot ready_returned_ = no_slot;
  std::set<ReadyGroup> ready_groups_;  // standard
  ConsumerTime consumer_time_;         // standard
  runtime::Time now_;                  // of the last `advance`, `place` or `receive`
  std::deque<Group> groups_;
  std::vector<GroupNumber> free_groups_;
  HashTable<GroupNumber> group_numbers_;
  std::unordered_map<Sequence, Slot> placed_received_;  // that had been received when placed
  GroupNumber ready_group_head_ = no_group;  // groups whose first message may be received
  GroupNumber ready_group_tail_ = no_group;

  void forget_if_empty();
  void enter(Slot slot, MessageState state);
  void leave(Slot slot);
  std::uint64_t& count_of(MessageState state);

  // ready_messages.cpp
  Slot next_of_standard() const;
  Slot next_of_noisy() const;
  bool is_noisy(GroupNumber number) const;
  bool waits_longer(Slot one, Slot other) const;
  void push_ready(Slot slot);
  void unlink_ready(Slot slot);
  void enter_flight(const Entry& entry);
  void leave_flight(const Entry& entry);
  ReadyGroup ready_entry(GroupNumber number) const;
  void link_by_age(Slot slot);
  void unlink_by_age(Slot slot);

  GroupNumber require_group(const Hash96& hash);
  void append_to_group(Slot slot);
  void unlink_from_group(Slot slot);
  void leave_group(GroupNumber number);
  void refresh_group(GroupNumber number);
  void push_ready_group(GroupNumber number);
  void unlink_ready_group(GroupNumber number);

  bool due_before(Slot one, Slot other) const;
  void push_timer(Slot slot);
  void erase_timer(Slot slot);
  void move_timer(Slot slot);
  void sift_up(std::uint32_t place);
  void sift_down(std::uint32_t place);
};

}  // namespace matinee::sqs
