// Why a subscriber would not get a message: `matinee why --topic`.
#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json.h"
#include "services/sns/named.h"

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

}  // namespace

runtime::Task<services::Explanation> Service::explain(Context context,
                                                      services::Question question) {
  context.anonymous = true;  // topics of all regions and accounts
  LiveTopic& topic = require_topic(context, "TopicArn", question.resource);
  const PublishRequest request = read_request(question.document);
  Message message{.topic_arn = topic.arn,
                  .text = request.message,
                  .attributes = attributes_of(request.message_attributes)};
  if (request.message_structure == "json") message.texts = texts_of(request.message);
  if (!topic.subscriptions) load_subscriptions(topic);
  services::Explanation explanation;
  const std::size_t all = topic.subscriptions->size();
  const std::vector<std::uint32_t> wanting = topic.filters.matching(message);
  explanation.holds = !wanting.empty();
  explanation.sentences.push_back(fmt::format("{} of {} confirmed subscriptions of {} get it.",
                                              wanting.size(), all, topic.arn));
  if (topic.record.pending > 0) {
    explanation.sentences.push_back(
        fmt::format("{} more wait for their confirmation, and get nothing.", topic.record.pending));
    explanation.remedies.emplace_back(
        "Confirm the pending subscriptions with the tokens that were sent to them.");
  }
  for (std::uint32_t place = 0; place < std::min(all, most_told); ++place) {
    const LiveSubscription& subscription = (*topic.subscriptions)[place];
    if (std::ranges::binary_search(wanting, place)) {
      explanation.sentences.push_back(fmt::format("{} gets it.", told(subscription)));
      continue;
    }
    explanation.sentences.push_back(fmt::format("{} does not get it. {}", told(subscription),
                                                topic.filters.why_not(place, message)));
    explanation.remedies.push_back(fmt::format(
        "Change the FilterPolicy of {}:{}, or what is published.", topic.arn, subscription.id));
  }
  if (all == 0)
    explanation.remedies.push_back(fmt::format("Subscribe something to {}.", topic.arn));
  co_return explanation;
}

}  // namespace matinee::sns
