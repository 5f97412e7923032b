// What a queue has, without receiving any of it: for people who look at it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

struct QueueSummary {
  std::string name;
  std::string arn;
  bool fifo = false;
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;
  std::optional<runtime::Time> oldest_sent = {};
  std::string dead_letter_target = {};  // ARN; empty without one
  std::uint64_t max_receives = 0;       // before a message goes there
};

/// "visible" can be received now; "behind" could, but for a message of its group before it.
enum class QueuedState : std::uint8_t { visible, delayed, in_flight, behind };

struct SeenAttribute {
  std::string name;
  std::string type;
  std::string value;  // of binary ones in Base64
};

struct SeenMessage {
  /// Names the message to `delete_queued` and `move_queued`, and to nobody else.
  std::string handle;
  std::string id;
  std::string body;
  QueuedState state = QueuedState::visible;
  std::string reason;  // a sentence: why it is not visible, or that it is
  std::string blocker = {};
  runtime::Time sent_at;
  std::optional<runtime::Time> visible_at = {};  // of one that is hidden
  runtime::Time expires_at;
  std::uint64_t receives = 0;
  std::string group = {};
  std::string deduplication_id = {};
  std::string sender = {};
  std::string sequence_number = {};
  std::string trace_header = {};
  std::string dead_letter_source = {};
  std::vector<SeenAttribute> attributes = {};
};

struct QueuePage {
  QueueSummary summary;
  std::vector<SeenMessage> messages;  // the oldest first
  std::optional<std::string> next = {};
};

/// State thread only. Those that name a queue throw AWS's error where there is none, where the
/// caller may not receive from it, delete or send, or where its key cannot be used. What has
/// expired is removed first.
class QueueView {
 public:
  virtual ~QueueView() = default;

  // These take turns, and make their own transactions.

  /// All queues of the account in the region that the caller may ask for their attributes, by name.
  virtual runtime::Task<std::vector<QueueSummary>> summaries(Context context) = 0;

  /// At most `most` messages, and at most `longest_page` and one message more, that were sent after
  /// the one that `after` names, also where that is gone; from the first on where it is empty.
  struct PageQuery {
    std::string queue_arn;
    std::string after = {};
    std::size_t most = 50;
  };
  static constexpr std::size_t longest_page = 4 << 20;  // bytes of bodies and attributes
  virtual runtime::Task<QueuePage> look(Context context, PageQuery query) = 0;

  /// Whether the caller may receive what messages of a queue have in them, by the policies of
  /// today. What is of no queue that is there, anybody may read.
  virtual bool may_read(const Context& context, const std::string& arn) const = 0;

  // These are called in a transaction.

  /// The handles of messages that are gone; all others have been deleted, in whatever state.
  virtual std::vector<std::string> delete_queued(const Context& context,
                                                 const std::string& queue_arn,
                                                 const std::vector<std::string>& handles) = 0;
  /// The same; each goes to the end of `target_arn`, or where that is empty back to the queue that
  /// it was a dead letter of, as a new message. Throws where there is no such queue of that kind.
  struct Moving {
    std::string queue_arn;
    std::string target_arn;
    std::vector<std::string> handles;
  };
  virtual std::vector<std::string> move_queued(const Context& context, const Moving& moving) = 0;
};

}  // namespace matinee::services
