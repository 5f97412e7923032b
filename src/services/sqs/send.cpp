// Messages come in: SendMessage and SendMessageBatch.
#include <fmt/format.h>

#include "services/faults.h"
#include "services/sqs/expiry.h"
#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

/// A message as a client sends it, alone or in a batch.
struct Outgoing {
  const std::string& body;
  const std::optional<std::int32_t>& delay_seconds;
  const std::optional<std::map<std::string, MessageAttributeValue>>& attributes;
  const std::optional<std::map<std::string, MessageSystemAttributeValue>>& system_attributes;
  const std::optional<std::string>& deduplication_id;
  const std::optional<std::string>& group_id;

  template <class Request>
  explicit Outgoing(const Request& request)
      : body(request.message_body),
        delay_seconds(request.delay_seconds),
        attributes(request.message_attributes),
        system_attributes(request.message_system_attributes),
        deduplication_id(request.message_deduplication_id),
        group_id(request.message_group_id) {}

  std::size_t size() const { return body.size() + (attributes ? size_of(*attributes) : 0); }
};

[[noreturn]] void refuse_for_queue_type(std::string_view parameter, std::string_view value) {
  refuse_value(parameter, value,
               "The request include parameter that is not valid for this queue type.");
}

void require_delay(const Outgoing& message, bool fifo) {
  if (!message.delay_seconds) return;
  const std::int32_t delay = *message.delay_seconds;
  if (delay < 0 || delay > 900)
    refuse_value("DelaySeconds", std::to_string(delay), "DelaySeconds must be >= 0 and <= 900.");
  if (fifo && delay > 0) refuse_for_queue_type("DelaySeconds", std::to_string(delay));
}

void require_deduplication(const Outgoing& message, const QueueSettings& settings) {
  if (!message.deduplication_id && !settings.content_based_deduplication)
    throw InvalidParameterValueException(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly");
}

/// Faults of one entry of a batch that fail all of it.
void require_fit_for_batch(const Outgoing& message, const QueueSettings& settings) {
  if (message.attributes) require_no_lists_in_batch(*message.attributes);
  if (message.system_attributes) require_no_lists_in_batch(*message.system_attributes);
  if (!settings.fifo) return;
  // A message that is sent alone is refused with MissingParameter.
  if (!message.group_id)
    throw InvalidParameterValueException("The request must contain the parameter MessageGroupId.");
  require_deduplication(message, settings);
}

void require_ids(const Outgoing& message, const QueueSettings& settings) {
  if (message.group_id) require_token("MessageGroupId", *message.group_id);
  if (!settings.fifo) {
    if (message.deduplication_id)
      refuse_for_queue_type("MessageDeduplicationId", *message.deduplication_id);
    return;
  }
  if (!message.group_id) refuse_missing("MessageGroupId");
  require_deduplication(message, settings);
  if (message.deduplication_id) require_token("MessageDeduplicationId", *message.deduplication_id);
}

void require_message(const Outgoing& message, const QueueSettings& settings) {
  require_body(message.body);
  if (message.attributes) require_attributes(*message.attributes);
  if (message.system_attributes) require_system_attributes(*message.system_attributes);
  require_delay(message, settings.fifo);
  require_ids(message, settings);
  if (static_cast<std::int64_t>(message.size()) > settings.maximum_message_size)
    throw too_long(settings);
}

}  // namespace

InvalidParameterValueException too_long(const QueueSettings& settings) {
  return InvalidParameterValueException(
      fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} "
                  "bytes.",
                  settings.maximum_message_size));
}

namespace {

/// What SendMessage and an entry of SendMessageBatch are answered.
template <class Response>
void describe_attributes(const Outgoing& message, Response& response) {
  if (message.attributes && !message.attributes->empty())
    response.md5_of_message_attributes = hex(md5_of_attributes(*message.attributes));
  if (message.system_attributes && !message.system_attributes->empty())
    response.md5_of_message_system_attributes = hex(md5_of_attributes(*message.system_attributes));
}

}  // namespace

/// Takes the messages of one call: gathers them into pages, then stores and places them.
class Sender {
 public:
  Sender(Service& service, const Context& context, Queue& queue)
      : service_(service),
        context_(context),
        queue_(queue),
        messages_(service.messages_of(queue)),
        deduplication_(queue.settings.fifo ? &service.deduplication_of(queue) : nullptr),
        now_(service.clock_.now()),
        first_(service.next_sequence(has_faults() ? 2 * max_page_messages : max_page_messages)),
        next_(first_) {}

  struct Sent {
    Sequence sequence;
    Md5 body_md5;
    bool is_duplicate = false;
  };

  /// Throws, and takes nothing, if the message breaks a rule. A duplicate is answered with the
  /// sequence of the original.
  Sent add(const Outgoing& message) {
    require_message(message, queue_.settings);
    if (queue_.settings.high_throughput)
      service_.count_group(queue_, QuotaAction::send,
                           keyed_hash(queue_.hash_key, *message.group_id));
    const Md5 body_md5 = md5(message.body);
    if (!queue_.settings.fifo) return {append(message, body_md5, {}), body_md5};
    const std::string deduplication_id =
        message.deduplication_id ? *message.deduplication_id : sha256_hex(message.body);
    const Hash96 hash = deduplication_hash(*message.group_id, deduplication_id);
    if (const auto known = deduplication_->find(hash, now_)) return {*known, body_md5, true};
    change();
    const Sequence sequence = append(message, body_md5, deduplication_id);
    deduplication_->add(hash, sequence, now_);
    hashes_.push_back(hash);
    return {sequence, body_md5};
  }

  /// Notes for the journal what was added, and what was known already.
  void tell(const Outgoing& message, const Sent& sent, const std::string& id) {
    if (!service_.telling_.has_journal()) return;
    const bool is_first = told_.empty() && duplicates_.empty();
    if (is_first) wants_to_tell_ = service_.telling_.wants(context_, id);
    if (!wants_to_tell_) return;
    (sent.is_duplicate ? duplicates_ : told_)
        .push_back({.sequence = sent.sequence, .id = id, .bytes = message.body.size()});
    if (sent.is_duplicate) return;
    const std::string settings =
        told_settings(message.attributes, message.group_id, message.deduplication_id);
    service_.telling_.keep(queue_, context_,
                           {.id = id, .body = message.body, .settings = settings});
  }

  void finish() {
    flush_page();
    if (queue_.settings.fifo) sweep_deduplication();
    expire_some();
    service_.serve_later(queue_);
    if (wants_to_tell_) finish_telling();
  }

 private:
  Service& service_;
  const Context& context_;
  Queue& queue_;
  Messages& messages_;
  DeduplicationWindow* deduplication_;  // of a FIFO queue
  runtime::Time now_;
  Sequence first_;  // of the page being gathered
  Sequence next_;
  PageWriter page_;
  std::vector<Hash96> hashes_;
  std::vector<MessageIndex::Placement> placements_;
  bool changed_ = false;
  bool wants_to_tell_ = false;
  std::vector<ToldMessage> told_;
  std::vector<ToldMessage> duplicates_;

  /// A queue that nobody reads would grow for ever: with what comes, twice as many may go.
  void expire_some() {
    std::vector<ToldMessage> told;
    remove_expired(service_.store_, service_.tables_, queue_,
                   {.now = now_, .most = 2 * max_page_messages, .before = [&](Slot slot) {
                      if (!service_.telling_.has_journal()) return;
                      if (auto message = service_.told_of(queue_, slot))
                        told.push_back(*std::move(message));
                    }});
    if (told.empty()) return;
    const std::string reason = reason_of_expiry(queue_);
    service_.telling_.tell(queue_, {.kind = services::HopKind::expired, .reason = reason}, told);
  }

  void finish_telling() {
    using services::HopKind;
    service_.telling_.tell(queue_, {.kind = HopKind::sent, .caller = &context_}, told_);
    if (duplicates_.empty()) return;
    service_.telling_.tell(
        queue_,
        {.kind = HopKind::duplicate,
         .caller = &context_,
         .reason = "its deduplication id came with this message less than 5 minutes before"},
        duplicates_);
  }

  void change() {
    if (!std::exchange(changed_, true)) undo_on_rollback(service_.store_, queue_);
  }

  Hash96 deduplication_hash(const std::string& group_id, const std::string& id) const {
    if (!queue_.settings.deduplication_by_group) return keyed_hash(queue_.hash_key, id);
    return keyed_hash(queue_.hash_key, group_id + ' ' + id);
  }

  Sequence append(const Outgoing& message, const Md5& body_md5, std::string_view deduplication_id) {
    if (page_.full()) flush_page();
    MessageView view{
        .id = message_id(queue_.hash_key, next_),
        .body_md5 = body_md5,
        .body = message.body,
        .deduplication_id = deduplication_id,
        .sender_id = context_.caller_id.empty() ? context_.account : context_.caller_id};
    std::string attributes;
    if (message.attributes && !message.attributes->empty())
      view.attributes = attributes = encode_attributes(*message.attributes);
    if (message.group_id) view.group_id = *message.group_id;
    // The one of the message itself wins over that of the request.
    view.trace_header = context_.trace_header;
    if (message.system_attributes && !message.system_attributes->empty())
      view.trace_header = *message.system_attributes->begin()->second.string_value;
    const faults::Verdict verdict = strike(view);
    const Sequence sequence = add_view(view, message, verdict.latency);
    if (verdict.is_duplicated) {
      if (page_.full()) flush_page();
      add_view(view, message, verdict.latency);
    }
    return sequence;
  }

  Sequence add_view(const MessageView& view, const Outgoing& message, runtime::Duration latency) {
    page_.add(view);
    place_later(message, latency);
    return next_++;
  }

  /// Deliveries of other services have had their faults already, and a FIFO queue has none.
  bool has_faults() const {
    return service_.faults_ && service_.faults_->has_any(faults::Stage::delivery) &&
           !queue_.settings.fifo && context_.service_principal.empty();
  }

  faults::Verdict strike(const MessageView& view) {
    if (!has_faults()) [[likely]]
      return {};
    const std::string id = to_string(view.id);
    return service_.faults_->judge_message({.sender = context_, .queue_arn = queue_.arn, .id = id});
  }

  void place_later(const Outgoing& message, runtime::Duration latency) {
    const std::chrono::seconds delay = message.delay_seconds && !queue_.settings.fifo
                                           ? std::chrono::seconds(*message.delay_seconds)
                                           : queue_.settings.delay;
    MessageIndex::Placement& placement = placements_.emplace_back(
        MessageIndex::Placement{.sent_at = now_, .visible_at = now_ + delay + latency});
    if (message.group_id) placement.group = keyed_hash(queue_.hash_key, *message.group_id);
  }

  void flush_page() {
    if (page_.count() == 0) return;
    change();
    const std::uint64_t queue = queue_.record.number;
    const Slot slot = messages_.index.add_page(first_, page_.count());
    for (unsigned i = 0; i < page_.count(); ++i)
      messages_.index.place(slot + i, placements_[i], now_);
    service_.tables_.put_page(queue, first_, page_.bytes());
    service_.tables_.put_states(queue, first_, encode_states(messages_.index, slot));
    if (!hashes_.empty()) service_.tables_.put_deduplication(queue, first_, hashes_);
    page_.clear();
    placements_.clear();
    hashes_.clear();
    first_ = next_;
  }

  /// Now and then, what the store remembers of longer ago than the interval.
  void sweep_deduplication() {
    if (now_ < messages_.deduplication_swept + std::chrono::minutes(1)) return;
    messages_.deduplication_swept = now_;
    service_.tables_.erase_deduplication(queue_.record.number, DeduplicationWindow::oldest(now_));
  }
};

SendMessageResponse Service::send_message(const Context& context,
                                          const SendMessageRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::send);
  require_encryption_key(context, queue, false);
  const Outgoing message(request);
  Sender sender(*this, context, queue);
  const Sender::Sent sent = sender.add(message);
  SendMessageResponse response;
  response.md5_of_message_body = hex(sent.body_md5);
  describe_attributes(message, response);
  response.message_id = to_string(message_id(queue.hash_key, sent.sequence));
  sender.tell(message, sent, *response.message_id);
  sender.finish();
  if (queue.settings.fifo) response.sequence_number = sequence_number(sent.sequence);
  return response;
}

SendMessageBatchResponse Service::send_message_batch(const Context& context,
                                                     const SendMessageBatchRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::send);
  require_batch(request.entries, "SendMessageBatchRequestEntry");
  std::size_t size = 0;
  for (const SendMessageBatchRequestEntry& entry : request.entries) size += Outgoing(entry).size();
  if (static_cast<std::int64_t>(size) > max_message_bytes)
    throw BatchRequestTooLong(
        fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                    max_message_bytes, size));
  for (const SendMessageBatchRequestEntry& entry : request.entries)
    require_fit_for_batch(Outgoing(entry), queue.settings);
  require_encryption_key(context, queue, false);
  Sender sender(*this, context, queue);
  SendMessageBatchResponse response;
  response.successful.reserve(request.entries.size());
  for (const SendMessageBatchRequestEntry& entry : request.entries) {
    const Outgoing message(entry);
    try {
      const Sender::Sent sent = sender.add(message);
      SendMessageBatchResultEntry& result = response.successful.emplace_back();
      result.id = entry.id;
      result.message_id = to_string(message_id(queue.hash_key, sent.sequence));
      result.md5_of_message_body = hex(sent.body_md5);
      describe_attributes(message, result);
      sender.tell(message, sent, result.message_id);
      if (queue.settings.fifo) result.sequence_number = sequence_number(sent.sequence);
    } catch (const protocol::ServiceError& error) {
      response.failed.push_back(to_failure(entry.id, error));
    }
  }
  sender.finish();
  return response;
}

}  // namespace matinee::sqs
