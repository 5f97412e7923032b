// One delivery for each subscription that wants a message.
#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "services/from_cloudformation.h"
#include "services/payload_settings.h"
#include "services/sns/http_headers.h"
#include "services/sns/named.h"
#include "services/sns/targets.h"

namespace matinee::sns {

namespace {

/// Beyond so many subscriptions with policies nobody reads why one did not match.
constexpr std::size_t most_told = 100;

using RetryKind = services::RetryPolicy::Kind;

/// A mail for people: the text, and how to get no more of them.
std::string mail(std::string_view text, std::string_view unsubscribe) {
  return fmt::format(
      "{}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or "
      "visit "
      "the link below to unsubscribe:\n{}\n",
      text, unsubscribe);
}

/// The envelopes of one message: made once for each text, and only if somebody gets them.
class Envelopes {
 public:
  Envelopes(const Message& message, const Signer& signer) : message_(message), signer_(signer) {}

  const Envelope& of(std::string_view text) {
    for (const auto& [known, envelope] : made_)
      if (known.data() == text.data()) return envelope;
    return made_.emplace_back(text, Envelope(message_, text, signer_)).second;
  }

 private:
  const Message& message_;
  const Signer& signer_;
  std::list<std::pair<std::string_view, Envelope>> made_;
};

}  // namespace

void Service::fan_out(const Context& context, LiveTopic& topic, const Message& message) {
  LiveSubscriptions& subscriptions = *topic.subscriptions;
  if (subscriptions.empty()) return;
  const std::vector<std::uint32_t> places = subscriptions.matching(message);
  measures_.of(topic.arn).filtered_out += subscriptions.size() - places.size();
  note_unmatched(context, topic, message, places);
  deliver(context, topic, message, places);
}

void Service::deliver(const Context& context, LiveTopic& topic, const Message& message,
                      std::span<const std::uint32_t> places) {
  if (places.empty() || !neighbours_.outbox) return;
  const Signer signer = signer_for(context, &topic);
  Envelopes envelopes(message, signer);
  for (const std::uint32_t place : places) {
    const LiveSubscription& subscription = topic.subscriptions->at(place);
    const std::string arn = fmt::format("{}:{}", topic.arn, subscription.id);
    const std::string& protocol = subscription.protocol;
    const bool is_push = protocol == "application";
    const std::string_view text =
        message.text_for(is_push ? platform_of(subscription.endpoint) : std::string_view(protocol));
    services::Delivery delivery = delivery_for(context, topic, subscription, message);
    delivery.via = arn;
    if (subscription.raw || protocol == "sms" || is_push)
      delivery.body = text;
    else if (protocol == "email")
      delivery.body = mail(text, unsubscribe_url(signer.address, arn));
    else if (protocol == "lambda")
      delivery.body = envelopes.of(text).function_event(arn);
    else
      delivery.body = envelopes.of(text).json(arn);
    // For functions too a dead letter is what a queue would have got.
    if (protocol == "lambda" && !delivery.dead_letter.queue.empty())
      delivery.dead_letter.body = envelopes.of(text).json(arn);
    if (protocol.starts_with("http"))
      delivery.parameters = http_parameters({.type = "Notification",
                                             .id = message.id,
                                             .topic_arn = topic.arn,
                                             .subscription_arn = arn,
                                             .raw = subscription.raw},
                                            content_type_of(subscription.delivery_policy.get(),
                                                            topic.settings.delivery_policy.get()));
    neighbours_.outbox->add(delivery);
  }
}

/// All but the body, and what depends on it.
services::Delivery Service::delivery_for(const Context& context, const LiveTopic& topic,
                                         const LiveSubscription& subscription,
                                         const Message& message) const {
  const std::string& protocol = subscription.protocol;
  services::Delivery delivery{.target = target_of(protocol, subscription.endpoint),
                              .body = {},
                              .service_principal = "sns.amazonaws.com",
                              .source_arn = topic.arn,
                              .source_account = topic.key.account,
                              .trace_header = context.trace_header};
  delivery.role = subscription.role;
  delivery.id = message.id;
  delivery.in_order = topic.settings.fifo;
  delivery.dead_letter.queue = subscription.dead_letter_queue;
  if (protocol == "sqs") {
    delivery.group = message.group;
    if (subscription.endpoint.ends_with(".fifo"))
      delivery.deduplication_id = message.deduplication_id;
  }
  if (protocol == "sqs" && subscription.raw) {
    delivery.attributes = message.attributes;
    delivery.dead_letter.attributes = message.attributes;
  }
  if (protocol.starts_with("email")) {
    delivery.subject = message.subject.value_or("AWS Notification Message");
  } else if (message.subject && protocol != "sqs") {
    delivery.subject = *message.subject;
  }
  if (protocol.starts_with("http"))
    delivery.retries =
        retry_policy(subscription.delivery_policy.get(), topic.settings.delivery_policy.get());
  else
    delivery.retries.kind =
        protocol == "sqs" || protocol == "lambda" ? RetryKind::topic : RetryKind::topic_people;
  return delivery;
}

namespace {

/// What Publish was told besides the message.
std::string told_settings(const Message& message) {
  services::PayloadSettings settings;
  for (const services::MessageAttribute& attribute : message.attributes)
    settings.add_attribute(attribute);
  settings.add("Subject", message.subject);
  if (message.texts) settings.add("MessageStructure", "json");
  settings.add("MessageGroupId", message.group);
  settings.add("MessageDeduplicationId", message.deduplication_id);
  return std::move(settings).text();
}

}  // namespace

void Service::note_sent(const Context& context, const LiveTopic& topic, const Message& message) {
  services::Journal* journal = neighbours_.journal;
  if (!journal) return;
  // What CloudFormation tells of a resource has values in it that nobody is to see.
  const bool is_secret = !topic.settings.kms_key.empty() ||
                         services::comes_from_cloudformation(context) ||
                         journal->is_withheld(context.request_id);
  // Also where nothing is told of it now: when it is delivered there may be less to tell.
  if (is_secret) journal->withhold(message.id);
  if (!(journal->keeps_all() || journal->wants(context.trace_header, message.id))) return;
  services::HopMessage told{.id = message.id, .bytes = message.text.size()};
  const std::string settings = told_settings(message);
  if (!is_secret) {
    told.body = message.text;
    told.settings = settings;
  }
  const bool by_service = !context.service_principal.empty();
  journal->note({.kind = services::HopKind::sent,
                 .account = topic.key.account,
                 .region = topic.key.region,
                 .trace = context.trace_header,
                 .resource = topic.arn,
                 .peer = by_service ? std::string_view(context.source_arn) : std::string_view(),
                 .caller = by_service ? std::string_view(context.service_principal)
                                      : std::string_view(context.caller_arn),
                 .messages = std::span(&told, 1)});
}

void Service::note_duplicate(const Context& context, const LiveTopic& topic,
                             const SeenRecord& seen) {
  services::Journal* journal = neighbours_.journal;
  if (!journal || !(journal->keeps_all() || journal->wants(context.trace_header, seen.message_id)))
    return;
  const services::HopMessage told{.id = seen.message_id};
  journal->note({.kind = services::HopKind::duplicate,
                 .account = topic.key.account,
                 .region = topic.key.region,
                 .trace = context.trace_header,
                 .resource = topic.arn,
                 .reason = "A message with the same deduplication id was published within the last "
                           "five minutes.",
                 .caller = context.caller_arn,
                 .messages = std::span(&told, 1)});
}

void Service::note_unmatched(const Context& context, LiveTopic& topic, const Message& message,
                             std::span<const std::uint32_t> places) {
  services::Journal* journal = neighbours_.journal;
  const std::size_t all = topic.subscriptions->size();
  if (!journal || places.size() == all || all > most_told ||
      !(journal->keeps_all() || journal->wants(context.trace_header, message.id)))
    return;
  const services::HopMessage told{.id = message.id, .bytes = message.text.size()};
  topic.subscriptions->each([&](std::uint32_t place, const LiveSubscription& subscription) {
    if (std::ranges::binary_search(places, place)) return true;
    const std::string reason = topic.subscriptions->why_not(place, message);
    const std::string arn = fmt::format("{}:{}", topic.arn, subscription.id);
    journal->note({.kind = services::HopKind::not_matched,
                   .account = topic.key.account,
                   .region = topic.key.region,
                   .trace = context.trace_header,
                   .resource = arn,
                   .peer = subscription.endpoint,
                   .reason = reason,
                   .messages = std::span(&told, 1)});
    return true;
  });
}

}  // namespace matinee::sns
