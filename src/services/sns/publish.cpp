// Publish and PublishBatch: what may be published, and to whom.
#include <fmt/format.h>

#include <algorithm>

#include "protocol/utf8.h"
#include "services/sns/named.h"
#include "services/sns/targets.h"

namespace matinee::sns {

namespace {

constexpr std::size_t most_entries = 10;
constexpr std::size_t longest_sms = 1600;  // characters
constexpr std::size_t longest_id = 80;
constexpr std::size_t longest_token = 128;

template <class Request>
Published published_of(const Request& request) {
  return {.message = request.message,
          .subject = request.subject,
          .structure = request.message_structure,
          .attributes = request.message_attributes,
          .group = request.message_group_id,
          .deduplication_id = request.message_deduplication_id};
}

/// MessageGroupId and MessageDeduplicationId: 1 to 128 printing characters.
void require_token(std::string_view parameter, const std::optional<std::string>& token) {
  if (!token) return;
  const bool prints = std::ranges::all_of(*token, [](char c) { return c > ' ' && c <= '~'; });
  if (token->empty() || token->size() > longest_token || !prints)
    refuse(fmt::format("{} Reason: The request includes {} parameter that is not valid", parameter,
                       parameter));
}

void require_batch_id(std::string_view id) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
  };
  if (!std::ranges::all_of(id, fits) || id.empty())
    throw InvalidBatchEntryIdException(fmt::format(
        "The Id of a batch entry in the batch request contains an impermissible character: {}",
        id));
  if (id.size() > longest_id)
    throw InvalidBatchEntryIdException(
        fmt::format("The Id of a batch entry in the batch request is too long: {}", id));
}

void require_batch(const std::vector<PublishBatchRequestEntry>& entries, std::size_t most) {
  if (entries.empty())
    throw EmptyBatchRequestException("The batch request doesn't contain any entries.");
  if (entries.size() > most_entries)
    throw TooManyEntriesInBatchRequestException(
        "The batch request contains more entries than permissible.");
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    require_batch_id(entries[i].id);
    bytes += size_of(published_of(entries[i]));
    for (std::size_t j = 0; j < i; ++j)
      if (entries[i].id == entries[j].id)
        throw BatchEntryIdsNotDistinctException(
            "Two or more batch entries in the request have the same Id.");
  }
  if (bytes > most)
    throw BatchRequestTooLongException(
        "The length of all the messages in a batch put together is more than the limit.");
}

[[noreturn]] void tell_of_key(const protocol::ServiceError& error) {
  if (error.name() == "NotFoundException") throw KMSNotFoundException(error.message());
  if (error.name() == "DisabledException") throw KMSDisabledException(error.message());
  if (error.name() == "AccessDeniedException") throw KMSAccessDeniedException(error.message());
  if (error.name() == "KMSInvalidStateException" || error.name() == "InvalidKeyUsageException")
    throw KMSInvalidStateException(error.message());
  error.raise();
}

/// "+" and digits, or digits alone.
bool is_reachable(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return !number.empty() && number.size() <= 15 &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

/// A topic that is encrypted takes nothing while its key cannot be used.
void Service::require_key(const Context& context, const LiveTopic& topic) const {
  if (!neighbours_.keys || topic.settings.kms_key.empty()) return;
  Context owner = context;
  owner.account = topic.key.account;
  try {
    neighbours_.keys->require_key(owner, {.key = topic.settings.kms_key,
                                          .service = "sns.amazonaws.com",
                                          .context = {{"aws:sns:topicArn", topic.arn}}});
  } catch (const protocol::ServiceError& error) {
    tell_of_key(error);
  }
}

void Service::require_fifo_rules(const LiveTopic& topic, const Published& published) const {
  require_token("MessageGroupId", published.group);
  require_token("MessageDeduplicationId", published.deduplication_id);
  if (!topic.settings.fifo) {
    if (published.deduplication_id)
      refuse(
          "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
          "that is not valid for this topic type");
    return;
  }
  if (!published.group) refuse("The MessageGroupId parameter is required for FIFO topics");
  if (!published.deduplication_id && !topic.settings.content_based_deduplication)
    refuse(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly");
}

void Service::require_publishable(const Context& context, const LiveTopic& topic,
                                  const PublishRequest& request) const {
  const Published published = published_of(request);
  require_message(published, topic.settings.most_message_bytes);
  require_fifo_rules(topic, published);
  require_key(context, topic);
}

Service::Accepted Service::accept(const Context& context, LiveTopic& topic,
                                  const Published& published, std::optional<Texts> texts) {
  Message message{.id = runtime_.random.uuid(),
                  .topic_arn = topic.arn,
                  .text = published.message,
                  .texts = std::move(texts),
                  .subject = published.subject,
                  .attributes = attributes_of(published.attributes),
                  .at = now(),
                  .group = published.group.value_or(""),
                  .deduplication_id = {},
                  .sequence = std::nullopt};
  std::string hash;
  if (topic.settings.fifo) {
    message.deduplication_id = published.deduplication_id
                                   ? *published.deduplication_id
                                   : content_deduplication_id(published.message);
    hash = deduplication_hash(topic, message);
    if (const std::optional<SeenRecord> seen = find_seen(topic, hash)) {
      note_duplicate(context, topic, *seen);
      return {.message_id = seen->message_id, .sequence = sequence_text(seen->sequence)};
    }
    message.sequence = next_sequence();
    remember(topic, hash, message);
    keep_in_archive(topic, message);
  }
  TopicCounts& counts = measures_.of(topic.arn);
  ++counts.published;
  counts.bytes += published.message.size();
  note_sent(context, topic, message);
  fan_out(context, topic, message);
  Accepted accepted{.message_id = std::move(message.id), .sequence = std::nullopt};
  if (message.sequence) accepted.sequence = sequence_text(*message.sequence);
  return accepted;
}

PublishResponse Service::publish(const Context& context, const PublishRequest& request) {
  const int targets =
      (request.topic_arn ? 1 : 0) + (request.target_arn ? 1 : 0) + (request.phone_number ? 1 : 0);
  if (targets == 0) refuse("TopicArn or TargetArn Reason: no value for required parameter");
  if (targets > 1) refuse("TopicArn or TargetArn Reason: only one of them may be given");
  if (request.phone_number) return publish_to_phone(context, request);
  const std::string& arn = request.topic_arn ? *request.topic_arn : *request.target_arn;
  const std::string_view parameter = request.topic_arn ? "TopicArn" : "TargetArn";
  const bool is_device =
      request.target_arn && request.target_arn->find(":endpoint/") != std::string::npos;
  if (is_device) return publish_to_device(context, request);
  LiveTopic& topic = require_topic(context, parameter, arn);
  require_subscriptions(topic);
  const Published published = published_of(request);
  std::optional<Texts> texts = require_message(published, topic.settings.most_message_bytes);
  require_fifo_rules(topic, published);
  require_key(context, topic);
  Accepted accepted = accept(context, topic, published, std::move(texts));
  return {.message_id = std::move(accepted.message_id),
          .sequence_number = std::move(accepted.sequence)};
}

/// What is wrong with one message is told of that one, what is wrong with the ids of all.
PublishBatchResponse Service::publish_batch(const Context& context,
                                            const PublishBatchRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  require_subscriptions(topic);
  const auto& entries = request.publish_batch_request_entries;
  require_batch(entries, topic.settings.most_message_bytes);
  for (const PublishBatchRequestEntry& entry : entries)
    require_fifo_rules(topic, published_of(entry));
  require_key(context, topic);
  PublishBatchResponse response{.successful = std::vector<PublishBatchResultEntry>{},
                                .failed = std::vector<BatchResultErrorEntry>{}};
  services::Gathering gathering(neighbours_.outbox);
  for (const PublishBatchRequestEntry& entry : entries) {
    const Published published = published_of(entry);
    std::optional<Texts> texts;
    try {
      texts = require_message(published, topic.settings.most_message_bytes);
    } catch (const protocol::ServiceError& error) {
      response.failed->push_back({.id = entry.id,
                                  .code = error.code(),
                                  .message = error.message(),
                                  .sender_fault = error.sender_fault()});
      continue;
    }
    Accepted accepted = accept(context, topic, published, std::move(texts));
    response.successful->push_back({.id = entry.id,
                                    .message_id = std::move(accepted.message_id),
                                    .sequence_number = std::move(accepted.sequence)});
  }
  gathering.finish();
  return response;
}

PublishResponse Service::publish_to_phone(const Context& context, const PublishRequest& request) {
  const std::string& number = *request.phone_number;
  if (!is_reachable(number))
    refuse(fmt::format("PhoneNumber Reason: {} is not valid to publish to", number));
  const Published published = published_of(request);
  const std::optional<Texts> texts = require_message(published, usual_message_bytes);
  const std::string id = runtime_.random.uuid();
  // Whoever has opted out gets nothing, and the publisher is not told.
  if (opted_out_.contains({context.account, context.region, number})) return {.message_id = id};
  const Message message{.id = id, .text = published.message, .texts = texts};
  // As many messages of 140 bytes as it takes, but no more than that together.
  if (protocol::count_characters(message.text_for("sms")) > longest_sms) refuse("Message too long");
  send_to_person(
      context,
      {.target = target_of("sms", number), .body = std::string(message.text_for("sms")), .id = id});
  return {.message_id = id};
}

PublishResponse Service::publish_to_device(const Context& context, const PublishRequest& request) {
  const std::string& arn = *request.target_arn;
  const DeviceRecord device = require_device(context, "TargetArn", arn);
  const auto enabled = device.attributes.find("Enabled");
  if (enabled != device.attributes.end() && enabled->second == "false")
    throw EndpointDisabledException("Endpoint is disabled");
  const Published published = published_of(request);
  const std::optional<Texts> texts = require_message(published, usual_message_bytes);
  const std::string id = runtime_.random.uuid();
  const Message message{.id = id, .text = published.message, .texts = texts};
  send_to_person(context, {.target = target_of("application", arn),
                           .body = std::string(message.text_for(platform_of(arn))),
                           .id = id,
                           .subject = published.subject.value_or("")});
  return {.message_id = id};
}

void Service::send_to_person(const Context& context, services::Delivery delivery) {
  if (!neighbours_.outbox) return;
  delivery.service_principal = "sns.amazonaws.com";
  delivery.source_arn = fmt::format("arn:aws:sns:{}:{}:", context.region, context.account);
  delivery.source_account = context.account;
  delivery.trace_header = context.trace_header;
  delivery.in_order = false;
  delivery.retries = {.kind = services::RetryPolicy::Kind::topic_people};
  neighbours_.outbox->add(delivery);
}

}  // namespace matinee::sns
