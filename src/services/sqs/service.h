// The Simple Queue Service: standard and FIFO queues.
//
// Everything that a client was told is in the store; a queue's index in memory only tells where.
// Operations check first and change last. Where a transaction is rolled back all the same, the
// indexes that it touched are forgotten and rebuilt from the store when they are next needed.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/loop.h"
#include "runtime/random.h"
#include "runtime/timer_purpose.h"
#include "services/endpoint.h"
#include "services/explainer.h"
#include "services/key_service.h"
#include "services/queue_source.h"
#include "services/queue_trial.h"
#include "services/queue_view.h"
#include "services/sqs/move_task.h"
#include "services/sqs/queue.h"
#include "services/sqs/telling.h"
#include "sqs/errors.h"

namespace matinee::services {
class Faults;
}

namespace matinee::sqs {

using services::Context;

struct ServiceOptions {
  /// AWS refuses to create a queue for so long after one of that name was deleted. Programs that
  /// pass here only because nothing is refused would fail there; skip the clock instead.
  std::chrono::seconds name_reuse_wait{60};
  /// And to purge a queue again for so long.
  std::chrono::seconds purge_wait{60};
  /// At most so many messages of a queue are in flight.
  std::uint64_t max_in_flight = 120'000;
  /// Whether FIFO queues have the throughput quotas of AWS: 300 calls a second and more.
  bool throughput_quotas = false;
};

/// What a message is refused with that has more than `MaximumMessageSize`.
InvalidParameterValueException too_long(const QueueSettings& settings);

class Service final : public services::ServiceBase,
                      public services::Explainer,
                      public services::QueueTrial,
                      public services::QueueView,
                      public services::QueueWatch {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  Service(storage::Store& store, runtime::Loop& loop, runtime::Random& random,
          ServiceOptions options = {});
  ~Service() override;

  CreateQueueResponse create_queue(const Context&, const CreateQueueRequest&);
  GetQueueUrlResponse get_queue_url(const Context&, const GetQueueUrlRequest&);
  ListQueuesResponse list_queues(const Context&, const ListQueuesRequest&);
  DeleteQueueResponse delete_queue(const Context&, const DeleteQueueRequest&);
  PurgeQueueResponse purge_queue(const Context&, const PurgeQueueRequest&);

  GetQueueAttributesResponse get_queue_attributes(const Context&, const GetQueueAttributesRequest&);
  SetQueueAttributesResponse set_queue_attributes(const Context&, const SetQueueAttributesRequest&);
  TagQueueResponse tag_queue(const Context&, const TagQueueRequest&);
  UntagQueueResponse untag_queue(const Context&, const UntagQueueRequest&);
  ListQueueTagsResponse list_queue_tags(const Context&, const ListQueueTagsRequest&);

  std::shared_ptr<void> watch(const std::string& queue_arn, runtime::Callback wake) override;
  bool is_encrypted(const std::string& queue_arn) const override;
  std::optional<std::chrono::seconds> find_visibility_timeout(
      const std::string& queue_arn) const override;

  SendMessageResponse send_message(const Context&, const SendMessageRequest&);
  SendMessageBatchResponse send_message_batch(const Context&, const SendMessageBatchRequest&);

  /// Makes its own transactions, since it may wait for messages.
  runtime::Task<ReceiveMessageResponse> receive_message(const Context&,
                                                        const ReceiveMessageRequest&);

  DeleteMessageResponse delete_message(const Context&, const DeleteMessageRequest&);
  DeleteMessageBatchResponse delete_message_batch(const Context&, const DeleteMessageBatchRequest&);
  ChangeMessageVisibilityResponse change_message_visibility(const Context&,
                                                            const ChangeMessageVisibilityRequest&);
  ChangeMessageVisibilityBatchResponse change_message_visibility_batch(
      const Context&, const ChangeMessageVisibilityBatchRequest&);

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;

  void authorize(const Context& context, const protocol::Operation& operation,
                 const void* request) override;
  void complete_arn(const Context& context, std::string& arn) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;
  bool tells_lower_case() const override { return true; }

  AddPermissionResponse add_permission(const Context&, const AddPermissionRequest&);
  RemovePermissionResponse remove_permission(const Context&, const RemovePermissionRequest&);

  ListDeadLetterSourceQueuesResponse list_dead_letter_source_queues(
      const Context&, const ListDeadLetterSourceQueuesRequest&);
  StartMessageMoveTaskResponse start_message_move_task(const Context&,
                                                       const StartMessageMoveTaskRequest&);
  ListMessageMoveTasksResponse list_message_move_tasks(const Context&,
                                                       const ListMessageMoveTasksRequest&);
  CancelMessageMoveTaskResponse cancel_message_move_task(const Context&,
                                                         const CancelMessageMoveTaskRequest&);

  /// Who knows the keys of encrypted queues, and must outlive the service. Without it nobody asks
  /// whether they can be used.
  void use_keys(services::KeyService& keys) { keys_ = &keys; }

  // services::Explainer, of queues (explain.cpp)
  std::string_view service() const override { return "sqs"; }
  runtime::Task<services::Explanation> explain(Context context,
                                               services::Question question) override;
  // services::QueueTrial (explain.cpp)
  void require_takes(const Context& sender, const std::string& queue_arn,
                     std::size_t bytes) override;

  // services::QueueView (looking.cpp)
  runtime::Task<std::vector<services::QueueSummary>> summaries(Context context) override;
  runtime::Task<services::QueuePage> look(Context context, PageQuery query) override;
  bool may_read(const Context& context, const std::string& arn) const override;
  std::vector<std::string> delete_queued(const Context& context, const std::string& queue_arn,
                                         const std::vector<std::string>& handles) override;
  std::vector<std::string> move_queued(const Context& context, const Moving& moving) override;

  /// Who is told what happens to messages, and must outlive the service. Without it nobody is.
  void use_journal(services::Journal& journal) { telling_.use(journal); }

  /// What messages may suffer on their way in; must outlive the service. Without it nothing.
  void use_faults(services::Faults& faults) { faults_ = &faults; }

  void reset(const services::ResetScope& scope) override;

  /// Answers every long poll with what there is, which is nothing. So does the destructor: nobody
  /// waits for ever, and no call is left over.
  void stop_waiting();

 private:
  friend class Sender;
  class Walk;  // walk.h

  storage::Store& store_;
  runtime::Loop& loop_;
  runtime::Clock& clock_;
  runtime::Clock& real_clock_;  // of long polls
  runtime::NamedTimers timers_;
  runtime::Random& random_;
  ServiceOptions options_;
  services::KeyService* keys_ = nullptr;
  services::Faults* faults_ = nullptr;
  Telling telling_;

  QueuesTable queues_table_;
  DeletedQueuesTable deleted_queues_;
  CountersTable counters_;
  MessageTables tables_;
  MoveTasksTable move_tasks_table_;

  std::map<QueueKey, std::unique_ptr<Queue>> queues_;
  std::unordered_map<std::uint64_t, Queue*> queues_by_number_;
  /// Who watches for queues that are not there.
  std::unordered_map<std::string, std::vector<std::weak_ptr<runtime::Callback>>> missing_;
  std::map<std::uint64_t, MoveTask> move_tasks_;
  Sequence last_sequence_ = 0;
  Sequence reserved_sequence_ = 0;  // stored: later ones were never given out

  /// Whether any queue has had a policy since the start.
  bool has_policies_ = false;

  // access.cpp
  /// Throws AccessDeniedException.
  void authorize_for(const Queue& queue, const Context& context,
                     const protocol::Operation& operation) const;
  /// For what Matinee's own operations do with a queue: the caller needs the right to the operation
  /// of AWS that does the like. Throws AccessDeniedException.
  void require_right(const Context& context, const Queue& queue,
                     const protocol::Operation& operation) const;
  bool has_right(const Context& context, const Queue& queue,
                 const protocol::Operation& operation) const;

  // encryption.cpp
  /// Throws KmsNotFound, KmsDisabled and the like where the queue's key cannot be used.
  void require_encryption_key(const Context& context, const Queue& queue, bool opens) const;

  // service.cpp
  void load_queues();
  Queue* find_queue(const QueueKey& key);
  // watching.cpp
  void wake(std::vector<std::weak_ptr<runtime::Callback>>& watchers);
  void wake_missing(const std::string& queue_arn);
  const Queue* find_queue(const QueueKey& key) const;
  Queue& require_queue(const Context& context, const std::string& url);
  static QueueDoesNotExist no_such_queue();
  std::string url_of(const Context& context, const QueueKey& key) const;
  Messages& messages_of(Queue& queue);
  void load_messages(Queue& queue);
  /// Of a FIFO queue whose messages are in memory.
  DeduplicationWindow& deduplication_of(Queue& queue);
  void load_deduplication(Queue& queue);
  /// Stores a queue's changed record.
  void change_record(Queue& queue, QueueRecord record);
  Sequence next_sequence(unsigned count);
  /// Removes what the queue has kept for longer than its retention period.
  void expire(Queue& queue);

  // throughput.cpp
  /// Every call that has to do with messages is counted. Throws RequestThrottled.
  void count_call(Queue& queue, QuotaAction action);
  void count_group(Queue& queue, QuotaAction action, const Hash96& group);
  void count_group(Queue& queue, QuotaAction action, Slot slot);

  // queues.cpp
  void require_name_is_free(const QueueKey& key);
  Queue& add_queue(const QueueKey& key, Attributes attributes, Attributes tags);
  void forget_queue(Queue& queue);
  /// With its messages and move tasks. Whoever waits for messages is told once that is committed.
  void remove_queue(Queue& queue);
  /// One page of the caller's queues, by name, that `wanted` lets through.
  struct QueuePage {
    std::vector<std::string> urls;
    std::optional<std::string> next_token;
  };
  struct PageRequest {
    std::optional<std::int32_t> max_results;
    std::optional<std::string> next_token;
    std::string prefix;
  };
  QueuePage page_of_queues(const Context& context, const PageRequest& request,
                           const std::function<bool(const Queue&)>& wanted);

  // queue_settings.cpp
  /// Rules that concern several attributes, or other queues.
  void require_consistent(const QueueKey& key, const Attributes& attributes);
  std::optional<std::string> attribute_of(Queue& queue, std::string_view name);

  // receive.cpp
  Receive checked_receive(const Queue& queue, const ReceiveMessageRequest& request) const;
  void tell_received(const Queue& queue, const Receive& receive, const std::vector<Slot>& slots,
                     const std::vector<Message>& messages);
  /// In a transaction of its own; without messages where there are none.
  ReceiveMessageResponse receive_now(Queue& queue, const Receive& receive);
  std::vector<Slot> repeat_attempt(Queue& queue, const Receive& receive, PageChanges& changes);
  std::vector<Slot> take_messages(Queue& queue, const Receive& receive, PageChanges& changes);
  std::vector<Message> describe_all(const Queue& queue, const std::vector<Slot>& slots,
                                    const AttributeFilter& filter);
  Message describe(const Queue& queue, Slot slot, const MessageView& view,
                   const AttributeFilter& filter) const;

  // waiting.cpp
  runtime::Task<ReceiveMessageResponse> wait(Queue& queue, const Receive& receive,
                                             const Context& context);
  /// Answers a waiter with nothing: its time is over, or its client has gone.
  void give_up(Queue& queue, Waiter& waiter);
  /// After a transaction that may have made messages visible.
  void serve_later(Queue& queue);
  void serve(Queue& queue);
  bool serve_first(Queue& queue);
  void watch_next_change(Queue& queue);
  void answer(Waiter& waiter, ReceiveMessageResponse response);
  void fail(Waiter& waiter, std::exception_ptr error);

  // deletion.cpp
  /// The message of a receipt handle, or no_slot where it is gone, or was received again since.
  /// Throws ReceiptHandleIsInvalid.
  struct Held {
    Slot slot = no_slot;
    bool latest = false;  // no receive came after the handle's
  };
  Held find_held(Queue& queue, const std::string& handle);
  /// What is done with messages of one queue in one call.
  struct Handling {
    Queue& queue;
    PageChanges changes;
    std::vector<ToldMessage> told = {};  // to the journal
  };
  /// False, with nothing done, where the handle of a FIFO queue's message has expired.
  [[nodiscard]] bool delete_one(Handling& handling, const std::string& handle);
  [[nodiscard]] bool hide_one(Handling& handling, const std::string& handle,
                              std::int32_t timeout_seconds);
  /// Ends a call that has hidden messages or shown them again.
  void tell_hidden(const Context& context, const Handling& handling, std::int32_t timeout_seconds);
  /// What the journal is to know of a message; nothing where it does not want to.
  std::optional<ToldMessage> told_of(const Queue& queue, Slot slot);

  // redrive.cpp
  /// Whether the message has had all the receives that the queue allows, and a place to go to.
  Queue* find_dead_letter_queue(const Queue& queue, Slot slot);
  struct Move {
    services::HopKind kind;  // dead_lettered, or moved: then it becomes a new message
    const Context* caller = nullptr;
  };
  /// Puts a copy of the message at the end of `target`, and tells so; the caller removes the
  /// message.
  void move_message(Queue& queue, Slot slot, Queue& target, Move move);
  void tell_move(const Queue& queue, const Queue& target, Move move, const ToldMessage& told);

  // looking.cpp
  class Blockers;
  services::QueueSummary summarize(Queue& queue);
  runtime::Task<> see_some(Walk& walk, services::QueuePage& page, std::size_t most);
  Queue& require_seen(const std::string& queue_arn);
  services::SeenMessage see(const Queue& queue, Slot slot, Slot blocker);
  Queue& require_target(const Queue& source, Slot slot, const std::string& target_arn);
  void require_may_give(const Context& context, const Queue& queue) const;
  void require_may_take(const Context& context, const Queue& queue) const;

  // explain.cpp
  static Slot find_blocker(const Queue& queue, Slot slot);
  void explain_visible(Queue& queue, Slot slot, services::Explanation& found);
  void explain_state(Queue& queue, Slot slot, services::Explanation& found);

  // move_tasks.cpp
  void load_move_tasks();
  void stop_move_tasks();
  /// Throws ResourceNotFoundException.
  Queue& require_queue_of_arn(const Context& context, std::string_view parameter,
                              const std::string& arn);
  void require_dead_letter_queue(const Queue& queue) const;
  void forget_old_tasks(const std::string& source_arn, std::size_t most);
  void resume(std::uint64_t number);
  void schedule(std::uint64_t number, runtime::Duration pause);
  void move_some(std::uint64_t number);
  std::uint64_t allowed_now(const MoveTask& task) const;
  /// Moves what the task's rate allows by now, and tells what the task is like then.
  MoveTaskRecord move_batch(const MoveTask& task);
  Queue* find_destination(Queue& source, Slot slot, MoveTaskRecord& record);
  void put_task(std::uint64_t number, MoveTaskRecord record);
};

}  // namespace matinee::sqs
