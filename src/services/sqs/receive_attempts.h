// ReceiveRequestAttemptId: a client that did not get the answer to its ReceiveMessage asks once
// more with the same id, and gets the same messages with the same receipt handles, unless one of
// them has changed since. Kept in memory: after a restart the messages come when their timeout
// ends.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/sqs/message_index.h"
#include "services/sqs/message_tables.h"

namespace matinee::sqs {

class ReceiveAttempts {
 public:
  /// The messages of an attempt of the last five minutes, if they are all as it has left them;
  /// otherwise nothing, and the attempt is forgotten.
  std::vector<Slot> find(const std::string& id, const MessageIndex& index, runtime::Time now) {
    const auto attempt = attempts_.find(id);
    if (attempt == attempts_.end()) return {};
    if (attempt->second.ends <= now || !is_unchanged(attempt->second, index)) {
      attempts_.erase(attempt);
      return {};
    }
    std::vector<Slot> slots;
    for (const Taken& taken : attempt->second.messages) slots.push_back(taken.slot);
    return slots;
  }

  /// Remembers what an attempt has taken, or that a repeated one has set its timeout anew.
  void put(const std::string& id, const std::vector<Slot>& slots, const MessageIndex& index,
           runtime::Time now) {
    if (attempts_.size() >= sweep_at_) sweep(now);
    const auto [place, is_new] = attempts_.try_emplace(id);
    Attempt& attempt = place->second;
    if (is_new) attempt.ends = now + deduplication_interval;
    attempt.messages.clear();
    for (const Slot slot : slots)
      attempt.messages.push_back({.slot = slot,
                                  .sequence = index[slot].sequence,
                                  .receive_count = index[slot].receive_count,
                                  .visible_at = index[slot].visible_at});
  }

 private:
  struct Taken {
    Slot slot;
    Sequence sequence;
    std::uint32_t receive_count;
    runtime::Time visible_at;
  };
  struct Attempt {
    runtime::Time ends;
    std::vector<Taken> messages;
  };

  std::unordered_map<std::string, Attempt> attempts_;
  std::size_t sweep_at_ = 64;

  static bool is_unchanged(const Attempt& attempt, const MessageIndex& index) {
    return std::ranges::all_of(attempt.messages, [&](const Taken& taken) {
      return index.find(taken.sequence, taken.slot) == taken.slot &&
             index[taken.slot].state == MessageState::in_flight &&
             index[taken.slot].receive_count == taken.receive_count &&
             index[taken.slot].visible_at == taken.visible_at;
    });
  }
  void sweep(runtime::Time now) {
    std::erase_if(attempts_, [&](const auto& attempt) { return attempt.second.ends <= now; });
    sweep_at_ = std::max<std::size_t>(64, attempts_.size() * 2);
  }
};

}  // namespace matinee::sqs
