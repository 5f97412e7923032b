// A queue in memory: its record, what its attributes mean, the index of its messages, and who waits
// for them.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "runtime/task.h"
#include "services/context.h"
#include "services/sqs/attribute_filter.h"
#include "services/sqs/change_log.h"
#include "services/sqs/deduplication.h"
#include "services/sqs/queue_attributes.h"
#include "services/sqs/receive_attempts.h"
#include "services/sqs/throughput.h"
#include "sqs/shapes.h"

namespace matinee::sqs {

/// A ReceiveMessage whose parameters have been checked.
struct Receive {
  unsigned max_messages = 1;
  std::chrono::seconds visibility_timeout{};
  std::chrono::seconds wait{};
  AttributeFilter filter;
  std::optional<std::string> attempt_id;  // FIFO
  const services::Context* caller = nullptr;
};

/// A long poll. It is in its queue's list until it is answered.
struct Waiter {
  const Receive& receive;
  runtime::Promised<ReceiveMessageResponse> answer;
  runtime::TimerId deadline = runtime::TimerId::none;
  std::list<Waiter*>::iterator place;
};

/// What is rebuilt from the store when a queue is used for the first time after a start, or after a
/// transaction was rolled back that had changed it.
struct Messages {
  MessageIndex index;
  ChangeLog changes;
  /// Nothing until a message is sent: receiving needs none of it, and it may be large.
  std::optional<DeduplicationWindow> deduplication;
  std::size_t sent_recently = 0;  // of the messages loaded: about as many ids are remembered
  ReceiveAttempts attempts;
  runtime::Time deduplication_swept;  // in the store

  explicit Messages(bool fifo) : index(fifo) {}
};

struct Queue {
  QueueKey key;
  std::string arn;
  QueueRecord record;
  QueueSettings settings;
  HashKey hash_key;
  std::unique_ptr<Messages> messages;  // null until they are needed
  ThroughputQuota quota;
  std::list<Waiter*> waiters;  // who came first is answered first
  /// Who wants to know of a message without waiting in a call.
  std::vector<std::weak_ptr<runtime::Callback>> watchers;
  runtime::TimerId next_change = runtime::TimerId::none;  // only while somebody waits

  bool is_awaited() const { return !waiters.empty() || !watchers.empty(); }
  bool serving = false;  // the waiters are about to be looked at

  Queue(QueueKey queue_key, QueueRecord queue_record)
      : key(std::move(queue_key)),
        arn(to_arn(key)),
        record(std::move(queue_record)),
        settings(read_settings(record.attributes)),
        hash_key(record.hash_key()) {}
};

/// Has the transaction's rollback forget the messages in memory. For whoever changes them, but not
/// before all checks are passed: building them anew takes time.
void undo_on_rollback(storage::Store& store, Queue& queue);

/// Pages of a queue whose messages have changed: written at the end, however many of their messages
/// did; one page as its states, several as a record of the change log.
class PageChanges {
 public:
  PageChanges(storage::Store& store, MessageTables& tables, Queue& queue)
      : store_(store), tables_(tables), queue_(queue) {}
  ~PageChanges();
  PageChanges(const PageChanges&) = delete;
  PageChanges& operator=(const PageChanges&) = delete;

  /// The message's state has changed, or is about to.
  void touch(Slot slot);
  /// Takes the message out of the index and the store.
  void remove(Slot slot);
  /// Writes what has changed so far. Nothing may be changed after the last `write`.
  void write();

 private:
  struct Change {
    Sequence page;
    Slot first;
    PageMask changed = 0;
    bool gone = false;
  };

  storage::Store& store_;
  MessageTables& tables_;
  Queue& queue_;
  std::vector<Change> changes_;
  bool undone_on_rollback_ = false;

  Change& change_of(Slot slot);
  void put_states(Slot first);
  void write_record();
};

}  // namespace matinee::sqs
