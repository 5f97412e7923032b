// What queues tell the journal. Asking whether it wants to know costs little, and nothing is put
// together before.
#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "services/journal.h"
#include "services/sqs/queue.h"

namespace matinee::sqs {

/// A message of which something is told.
struct ToldMessage {
  Sequence sequence = 0;
  std::string id;
  std::size_t bytes = 0;
};

class Telling {
 public:
  /// Until it is told of one, there is no journal.
  void use(services::Journal& journal) { journal_ = &journal; }
  bool has_journal() const { return journal_ != nullptr; }

  /// Whether something new about a message is to be told. `trace` is its header, if it has one.
  bool wants(std::string_view trace, std::string_view id) const {
    return journal_ && (journal_->keeps_all() || journal_->wants(trace, id));
  }
  /// Whether something is to be told of a message that has been told of before, as a rule.
  bool follows(Sequence sequence) const {
    return journal_ && (journal_->keeps_all() || followed_.contains(sequence));
  }

  struct News {
    services::HopKind kind;
    const services::Context* caller = nullptr;  // null where the queue itself does it
    std::string_view peer = {};
    std::string_view reason = {};
  };
  /// In a transaction. Follows the messages from here on; nothing happens without any, unless there
  /// is a reason to be told.
  void tell(const Queue& queue, const News& news, const std::vector<ToldMessage>& messages);

 private:
  static constexpr std::size_t most_followed = 16'384;

  services::Journal* journal_ = nullptr;
  std::unordered_set<Sequence> followed_;
  std::deque<Sequence> order_;  // of followed_, the oldest first

  void follow(Sequence sequence);
};

/// "2026-12-01T12:00:30Z", for reasons.
std::string told_time(runtime::Time time);

}  // namespace matinee::sqs
