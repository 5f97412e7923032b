// What queues tell the journal. Asking whether it wants to know costs little, and nothing is put
// together before.
#pragma once

#include <string>
#include <vector>

#include "services/followed.h"
#include "services/journal.h"
#include "services/sqs/queue.h"

namespace matinee::sqs {

/// A message of which something is told.
struct ToldMessage {
  Sequence sequence = 0;
  std::string id;
  std::size_t bytes = 0;
  std::string cause = {};  // its id before it moved here
};

/// What a message has besides its body, in the words of SendMessage.
std::string told_settings(
    const std::optional<std::map<std::string, MessageAttributeValue>>& attributes,
    const std::optional<std::string>& group_id, const std::optional<std::string>& deduplication_id);

class Telling {
 public:
  /// Until it is told of one, there is no journal.
  void use(services::Journal& journal) { journal_ = &journal; }
  bool has_journal() const { return journal_ != nullptr; }

  /// Whether of a new message is to be told. What another service sends goes by the id that it has
  /// there, which is that of the call: both tell of the same messages.
  bool wants(const services::Context& sender, std::string_view id) const {
    if (!journal_) return false;
    if (sender.service_principal.empty()) return journal_->wants_new(sender.trace_header, id);
    return journal_->wants(sender.trace_header, sender.request_id);
  }
  /// Whether something is to be told of a message that has been told of before, as a rule.
  bool follows(Sequence sequence) const {
    return journal_ &&
           (journal_->keeps_all() || followed_.contains(services::Followed::spread(sequence)));
  }

  /// What a message that is told of has in it; in a transaction. Messages that are encrypted with a
  /// key, or made of a secret, are withheld.
  void keep(const Queue& queue, const services::Context& sender, services::Payload payload);

  /// The same of a message that has moved to the queue, after `pass_on`.
  void keep_moved(const Queue& queue, services::Payload payload);

  /// A message of a queue goes on as another one, also where nothing was told of it: what is secret
  /// stays so. In a transaction.
  void pass_on(const Queue& from, std::string_view id, std::string_view new_id);

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
  services::Journal* journal_ = nullptr;
  services::Followed followed_{8192};  // sequences, spread
};

/// "2026-12-01T12:00:30Z", for reasons.
std::string told_time(runtime::Time time);
/// "once", "2 times"
std::string told_times(std::uint32_t count);

}  // namespace matinee::sqs
