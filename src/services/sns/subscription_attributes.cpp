#include "services/sns/subscription_attributes.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>

#include "protocol/timestamps.h"
#include "services/arn.h"

namespace matinee::sns {

namespace {

constexpr std::string_view names[] = {"DeliveryPolicy",     "FilterPolicy",  "FilterPolicyScope",
                                      "RawMessageDelivery", "RedrivePolicy", "ReplayPolicy",
                                      "SubscriptionRoleArn"};

constexpr std::string_view source =
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, "
    "column: ";

[[noreturn]] void refuse_attribute(std::string_view text, GivenTo given_to) {
  refuse(given_to == GivenTo::create ? fmt::format("Attributes Reason: {}", text)
                                     : std::string(text));
}

std::string checked_raw(const Subscribing& subscribing, const std::string& value,
                        GivenTo given_to) {
  std::string spelled = value;
  std::ranges::transform(spelled, spelled.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  if (spelled != "true" && spelled != "false")
    refuse_attribute(
        fmt::format("RawMessageDelivery: Invalid value [{}]. Must be true or false.", value),
        given_to);
  const std::string_view protocol = subscribing.protocol;
  if (spelled == "true" && protocol != "sqs" && !protocol.starts_with("http") &&
      protocol != "firehose")
    refuse_attribute(
        fmt::format("Delivery protocol [{}] does not support raw message delivery.", protocol),
        given_to);
  return spelled;
}

std::string checked_redrive(const Subscribing& subscribing, const std::string& value,
                            GivenTo given_to) {
  if (value.empty()) return "";
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(value).get(object))
    refuse_attribute(fmt::format("RedrivePolicy: failed to parse JSON. {}", json_fault(value)),
                     given_to);
  if (object.size() == 0) return "";
  std::string_view target;
  if (object["deadLetterTargetArn"].get(target))
    refuse_attribute("RedrivePolicy: deadLetterTargetArn is required", given_to);
  const std::optional<services::Arn> arn = services::parse_arn(target);
  if (!arn || arn->service != "sqs")
    refuse_attribute("RedrivePolicy: deadLetterTargetArn is an invalid arn", given_to);
  const bool fifo_subscription = subscribing.fifo_topic && subscribing.endpoint.ends_with(".fifo");
  if (fifo_subscription && !target.ends_with(".fifo"))
    refuse_attribute(
        "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
        given_to);
  return value;
}

std::string checked_replay(const Subscribing& subscribing, const std::string& value,
                           GivenTo given_to) {
  if (value.empty() || value == "{}") return "";
  if (!subscribing.fifo_topic)
    refuse_attribute("ReplayPolicy: replay is supported for FIFO topics only", given_to);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(value).get(object))
    refuse_attribute(fmt::format("ReplayPolicy: failed to parse JSON. {}", json_fault(value)),
                     given_to);
  std::string_view type;
  if (object["PointType"].get(type) || type != "Timestamp")
    refuse_attribute("ReplayPolicy: PointType must be Timestamp", given_to);
  if (!find_replay_policy({{"ReplayPolicy", value}}))
    refuse_attribute("ReplayPolicy: StartingPoint and EndingPoint must be timestamps", given_to);
  return value;
}

std::string checked_delivery(const Subscribing& subscribing, const std::string& value,
                             GivenTo given_to) {
  if (value.empty()) return "";
  if (!subscribing.protocol.starts_with("http"))
    refuse_attribute(fmt::format("Delivery protocol [{}] does not support delivery policies.",
                                 subscribing.protocol),
                     given_to);
  parse_delivery_policy(value, PolicyOf::subscription);
  return value;
}

std::string spelled_text(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string() : found->second;
}

}  // namespace

/// As the reader says it that AWS uses: of a word that is none, and of a character that is out of
/// place.
std::string json_fault(std::string_view json) {
  const std::size_t start = json.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos)
    return fmt::format("No content to map due to end-of-input{}1]", source);
  const auto is_word = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) || letter == '_' || letter == '$';
  };
  if (std::isalpha(static_cast<unsigned char>(json[start]))) {
    std::size_t end = start;
    while (end < json.size() && is_word(json[end])) ++end;
    return fmt::format(
        "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false'){}{}]",
        json.substr(start, end - start), source, end + 1);
  }
  const std::size_t next = json.find_first_not_of(" \t\r\n", start + 1);
  if (json[start] == '{' && next != std::string_view::npos && json[next] != '"')
    return fmt::format(
        "Unexpected character ('{}' (code {})): was expecting double-quote to start field "
        "name{}{}]",
        json[next], static_cast<int>(static_cast<unsigned char>(json[next])), source, next + 1);
  return fmt::format("Unexpected end-of-input{}{}]", source, json.size() + 1);
}

std::string checked_subscription_attribute(const Subscribing& subscribing, const std::string& name,
                                           const std::string& value, GivenTo given_to) {
  if (std::ranges::find(names, name) == std::end(names))
    refuse(given_to == GivenTo::create
               ? fmt::format("Attributes Reason: Unknown attribute: {}", name)
               : std::string("AttributeName"));
  if (name == "RawMessageDelivery") return checked_raw(subscribing, value, given_to);
  if (name == "RedrivePolicy") return checked_redrive(subscribing, value, given_to);
  if (name == "ReplayPolicy") return checked_replay(subscribing, value, given_to);
  if (name == "DeliveryPolicy") return checked_delivery(subscribing, value, given_to);
  if (name == "FilterPolicyScope" && value != "MessageBody" && value != "MessageAttributes")
    refuse_attribute(
        fmt::format("FilterPolicyScope: Invalid value [{}]. Please use either MessageBody or "
                    "MessageAttributes",
                    value),
        given_to);
  return value;
}

std::string dead_letter_queue(const Attributes& attributes) {
  const std::string policy = spelled_text(attributes, "RedrivePolicy");
  if (policy.empty()) return "";
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view target;
  if (parser.parse(policy).get(document) || document["deadLetterTargetArn"].get(target)) return "";
  return std::string(target);
}

std::optional<ReplayPolicy> find_replay_policy(const Attributes& attributes) {
  const std::string policy = spelled_text(attributes, "ReplayPolicy");
  if (policy.empty()) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view starting;
  std::string_view ending;
  if (parser.parse(policy).get(document) || document["StartingPoint"].get(starting))
    return std::nullopt;
  const std::optional<protocol::Timestamp> from = protocol::parse_iso8601(starting);
  if (!from) return std::nullopt;
  ReplayPolicy found{.starting = *from, .ending = std::nullopt};
  if (document["EndingPoint"].get(ending)) return found;
  found.ending = protocol::parse_iso8601(ending);
  if (!found.ending) return std::nullopt;
  return found;
}

bool is_raw(const Attributes& attributes) {
  return spelled_text(attributes, "RawMessageDelivery") == "true";
}

bool filters_body(const Attributes& attributes) {
  return spelled_text(attributes, "FilterPolicyScope") == "MessageBody";
}

std::string filter_policy_of(const Attributes& attributes) {
  std::string policy = spelled_text(attributes, "FilterPolicy");
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (policy.empty() || (!parser.parse(policy).get(object) && object.size() == 0)) return "";
  return policy;
}

bool has_same_attributes(const Attributes& kept, const Attributes& given) {
  return std::ranges::all_of(given, [&](const auto& attribute) {
    const auto& [name, value] = attribute;
    const auto found = kept.find(name);
    if (found != kept.end()) return found->second == value;
    return value.empty() || (name == "RawMessageDelivery" && value == "false") ||
           (name == "FilterPolicyScope" && value == "MessageAttributes") ||
           (name == "FilterPolicy" && filter_policy_of(given).empty());
  });
}

void tell_subscription_attributes(const SubscriptionRecord& record, const TopicRecord& topic,
                                  Attributes& told) {
  for (const auto& [name, value] : record.attributes)
    if (!value.empty() && !name.starts_with("FilterPolicy")) told[name] = value;
  told.try_emplace("RawMessageDelivery", "false");
  const auto filter = record.attributes.find("FilterPolicy");
  if (filter != record.attributes.end() && !filter->second.empty()) {
    told["FilterPolicy"] = filter->second;
    told["FilterPolicyScope"] =
        filters_body(record.attributes) ? "MessageBody" : "MessageAttributes";
  }
  if (record.protocol.starts_with("http")) {
    const std::string own = spelled_text(record.attributes, "DeliveryPolicy");
    DeliveryPolicy policy;
    if (const std::string of_topic = attribute_of(topic, "DeliveryPolicy"); !of_topic.empty())
      policy = parse_delivery_policy(of_topic, PolicyOf::topic);
    if (!own.empty() && !policy.disable_overrides) {
      const DeliveryPolicy given = parse_delivery_policy(own, PolicyOf::subscription);
      if (given.healthy) policy.healthy = given.healthy;
      if (given.most_a_second) policy.most_a_second = given.most_a_second;
      if (given.content_type) policy.content_type = given.content_type;
    }
    told["EffectiveDeliveryPolicy"] = effective_policy(policy, PolicyOf::subscription);
  }
  constexpr std::string_view states[] = {"", "Pending", "In progress", "Completed", "Failed"};
  if (record.replay != ReplayStatus::none)
    told["ReplayStatus"] = states[static_cast<std::size_t>(record.replay)];
}

}  // namespace matinee::sns
