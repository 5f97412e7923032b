// Why a subscriber would not get a message: `matinee why --topic`.
#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json.h"
#include "services/sns/named.h"
#include "sns/operations.h"

namespace matinee::sns {

namespace {

/// So many subscriptions are told of one by one.
constexpr std::size_t most_told = 50;

/// A request of Publish in JSON, or the message itself.
PublishRequest read_request(const std::string& document) {
  PublishRequest request{.message = document};
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view message;
  if (parser.parse(document).get(object) || object["Message"].get(message)) return request;
  PublishRequest given;
  std::string text = document;
  protocol::json::read(PublishRequest::shape, text, &given, nullptr);
  return given;
}

std::string told(const LiveSubscription& subscription) {
  return fmt::format("{} {}", subscription.protocol, subscription.endpoint);
}

services::Inquiry publishing(const Context& context, const PublishRequest& request,
                             const std::string& topic) {
  return {.context = context,
          .operation = operations::Publish,
          .request = &request,
          .action = "sns:Publish",
          .resource = topic};
}

std::string with_stop(const std::string& reason) {
  return reason.ends_with('.') ? reason : reason + ".";
}

}  // namespace

/// What Publish would say to whoever asks; nothing where it would take the message.
std::optional<std::string> Service::why_not_published(const Context& context,
                                                      const LiveTopic& topic,
                                                      const PublishRequest& request) {
  try {
    // Looking at a key notes its use, which shall not stay.
    const storage::Transaction transaction(store_);
    if (decider() && decider()->enforces())
      decider()->require(*this, publishing(context, request, topic.arn));
    else
      authorize(context, operations::Publish, &request);
    require_publishable(context, topic, request);
    return std::nullopt;
  } catch (const protocol::ServiceError& error) {
    return fmt::format("Publish would refuse it: {}: {}", error.code(), with_stop(error.message()));
  }
}

/// What a subscription that wants the message would do with it.
bool Service::explain_subscriber(const LiveTopic& topic, const LiveSubscription& subscription,
                                 const services::Delivery& delivery,
                                 services::Explanation& explanation) const {
  const auto refusal =
      neighbours_.outbox ? neighbours_.outbox->find_refusal(delivery) : std::nullopt;
  if (!refusal) {
    explanation.sentences.push_back(fmt::format("{} gets it.", told(subscription)));
    return true;
  }
  std::string sentence =
      fmt::format("{} would refuse it: {}", told(subscription), with_stop(*refusal));
  if (!subscription.dead_letter_queue.empty())
    sentence +=
        fmt::format(" It would go to the dead-letter queue {}.", subscription.dead_letter_queue);
  explanation.sentences.push_back(std::move(sentence));
  if (refusal->contains("is not authorized to perform: sqs:"))
    explanation.remedies.push_back(
        fmt::format("Let sns.amazonaws.com do sqs:SendMessage in the policy of {}, for "
                    "aws:SourceArn {}.",
                    subscription.endpoint, topic.arn));
  return false;
}

runtime::Task<services::Explanation> Service::explain(Context context,
                                                      services::Question question) {
  const Context asker = context;
  context.anonymous = true;  // topics of all regions and accounts
  while (!read_subscriptions(require_topic(context, "TopicArn", question.resource)))
    co_await runtime_.loop.turns().next();
  LiveTopic& topic = require_topic(context, "TopicArn", question.resource);
  PublishRequest request = read_request(question.document);
  request.topic_arn = topic.arn;
  services::Explanation explanation;
  const std::optional<std::string> refusal = why_not_published(asker, topic, request);
  if (refusal) explanation.sentences.push_back(*refusal);
  Message message{.topic_arn = topic.arn,
                  .text = request.message,
                  .attributes = attributes_of(request.message_attributes),
                  .group = request.message_group_id.value_or(""),
                  .deduplication_id = request.message_deduplication_id.value_or("")};
  if (!refusal && request.message_structure == "json") message.texts = texts_of(request.message);
  LiveSubscriptions& subscriptions = *topic.subscriptions;
  const std::size_t all = subscriptions.size();
  const std::vector<std::uint32_t> wanting = subscriptions.matching(message);
  const std::size_t place_of_count = explanation.sentences.size();
  if (topic.record.pending > 0) {
    explanation.sentences.push_back(
        topic.record.pending == 1
            ? std::string("1 more waits for its confirmation, and gets nothing.")
            : fmt::format("{} more wait for their confirmation, and get nothing.",
                          topic.record.pending));
    explanation.remedies.emplace_back(
        "Confirm the pending subscriptions with the tokens that were sent to them.");
  }
  std::size_t getting = wanting.size();
  std::size_t count = 0;
  subscriptions.each([&](std::uint32_t place, const LiveSubscription& subscription) {
    if (++count > most_told) return false;
    if (std::ranges::binary_search(wanting, place)) {
      services::Delivery delivery = delivery_for(asker, topic, subscription, message);
      delivery.body = message.text;
      if (!explain_subscriber(topic, subscription, delivery, explanation)) --getting;
      return true;
    }
    explanation.sentences.push_back(fmt::format("{} does not get it. {}", told(subscription),
                                                subscriptions.why_not(place, message)));
    explanation.remedies.push_back(fmt::format(
        "Change the FilterPolicy of {}:{}, or what is published.", topic.arn, subscription.id));
    return true;
  });
  explanation.holds = getting > 0 && !refusal;
  explanation.sentences.insert(
      explanation.sentences.begin() + static_cast<std::ptrdiff_t>(place_of_count),
      fmt::format("{} of {} confirmed subscriptions of {} get it{}.", getting, all, topic.arn,
                  refusal ? " once it is published" : ""));
  if (all == 0)
    explanation.remedies.push_back(fmt::format("Subscribe something to {}.", topic.arn));
  co_return explanation;
}

}  // namespace matinee::sns
