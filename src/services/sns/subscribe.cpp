// Subscribe: what may be subscribed, and who has to be asked first.
#include <fmt/format.h>

#include <algorithm>

#include "services/arn.h"
#include "services/http_delivery.h"
#include "services/sns/named.h"
#include "services/sns/targets.h"

namespace matinee::sns {

namespace {

constexpr std::string_view protocols[] = {"application", "email",  "email-json", "firehose", "http",
                                          "https",       "lambda", "sms",        "sqs"};
constexpr std::string_view pending = "pending confirmation";
constexpr std::chrono::days token_lifetime{3};

bool is_email(std::string_view endpoint) {
  const std::size_t at = endpoint.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < endpoint.size() &&
         endpoint.find('@', at + 1) == std::string_view::npos &&
         endpoint.find_first_of(" \t\r\n") == std::string_view::npos;
}

/// Digits, with signs between them that people write in numbers.
bool is_phone(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  constexpr std::string_view digits = "0123456789";
  constexpr std::size_t most_digits = 15;
  std::size_t count = 0;
  char last = '+';
  for (const char letter : number) {
    const bool is_digit = digits.find(letter) != std::string_view::npos;
    const bool is_sign = letter == '/' || letter == '-' || letter == '.';
    if (!is_digit && (!is_sign || digits.find(last) == std::string_view::npos)) return false;
    count += is_digit ? 1 : 0;
    last = letter;
  }
  return count > 0 && count <= most_digits && digits.find(last) != std::string_view::npos;
}

services::Arn require_arn(std::string_view service, const std::string& endpoint,
                          std::string_view called) {
  std::optional<services::Arn> arn = services::parse_arn(endpoint);
  if (!arn || arn->service != service || arn->region.empty() || arn->account.empty())
    refuse(fmt::format("{} endpoint ARN", called));
  return *std::move(arn);
}

void require_queue(const std::string& endpoint, bool fifo_topic) {
  const services::Arn arn = require_arn("sqs", endpoint, "SQS");
  if (arn.resource.find(':') != std::string::npos) refuse("SQS endpoint ARN");
  if (!fifo_topic && arn.resource.ends_with(".fifo"))
    refuse(
        "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS "
        "topics");
}

/// The cloud that has the endpoint.
std::string account_of(const SubscribeRequest& request) {
  if (request.protocol != "sqs" && request.protocol != "lambda") return "";
  const std::optional<services::Arn> arn = services::parse_arn(request.endpoint.value_or(""));
  return arn ? arn->account : "";
}

}  // namespace

void Service::require_endpoint(const Context& context, const LiveTopic& topic,
                               const SubscribeRequest& request) {
  const std::string& protocol = request.protocol;
  if (std::ranges::find(protocols, protocol) == std::end(protocols))
    refuse(fmt::format("Amazon SNS does not support this protocol string: {}", protocol));
  if (protocol == "firehose")
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Matinee does not serve Amazon Data Firehose.");
  const std::string endpoint = request.endpoint.value_or("");
  if (protocol == "sqs")
    require_queue(endpoint, topic.settings.fifo);
  else if (topic.settings.fifo)
    refuse(fmt::format("Protocol Reason: FIFO topics do not support the protocol {}", protocol));
  if (protocol == "lambda") {
    const services::Arn arn = require_arn("lambda", endpoint, "Lambda");
    if (!arn.resource.starts_with("function:")) refuse("Lambda endpoint ARN");
  }
  if (protocol.starts_with("http") &&
      (!endpoint.starts_with(protocol + "://") || !services::is_http_url(endpoint)))
    refuse("Endpoint must match the specified protocol");
  if (protocol.starts_with("email") && !is_email(endpoint)) refuse("Email address");
  if (protocol == "sms" && !is_phone(endpoint))
    throw InvalidParameterException(fmt::format("Invalid SMS endpoint: {}", endpoint));
  if (protocol == "application") require_device(context, "Endpoint", endpoint);
  if (neighbours_.outbox && !neighbours_.outbox->serves(target_of(protocol, endpoint)))
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not deliver to {} yet, so it takes no subscription of {}.",
                    protocol, endpoint));
}

Attributes Service::checked_attributes(const SubscribeRequest& request,
                                       const LiveTopic& topic) const {
  Attributes checked;
  const std::string endpoint = request.endpoint.value_or("");
  const Subscribing subscribing{
      .protocol = request.protocol, .endpoint = endpoint, .fifo_topic = topic.settings.fifo};
  for (const auto& [name, value] : request.attributes.value_or(Attributes{}))
    checked[name] = checked_subscription_attribute(subscribing, name, value, GivenTo::create);
  require_filter(filter_policy_of(checked), filters_body(checked) ? Scope::body : Scope::attributes,
                 GivenTo::create);
  return checked;
}

/// Who has the endpoint may subscribe it at once; others have to be asked.
bool Service::needs_confirmation(const Context& context, const SubscribeRequest& request) const {
  const std::string& protocol = request.protocol;
  if (protocol.starts_with("http") || protocol.starts_with("email")) return true;
  const std::string account = account_of(request);
  return !account.empty() && account != context.account;
}

/// Large messages go to a hundred queues, streams and functions at most.
void Service::require_size_fits(const LiveTopic& topic, std::string_view protocol) const {
  if (topic.settings.most_message_bytes <= usual_message_bytes) return;
  if (protocol != "sqs" && protocol != "lambda" && protocol != "firehose")
    refuse(
        fmt::format("Protocol Reason: Topics with a MaximumMessageSize above {} do not support "
                    "the protocol {}",
                    usual_message_bytes, protocol));
  if (topic.record.confirmed + topic.record.pending >= most_for_large)
    refuse(
        fmt::format("TopicArn Reason: Topics with a MaximumMessageSize above {} can have at "
                    "most {} subscriptions",
                    usual_message_bytes, most_for_large));
}

SubscribeResponse Service::subscribe(const Context& context, const SubscribeRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  require_endpoint(context, topic, request);
  Attributes attributes = checked_attributes(request, topic);
  const auto& [account, region, name] = topic.key;
  const std::string endpoint = request.endpoint.value_or("");
  const std::optional<std::string> known =
      subscribed_.find({account, region, name, request.protocol, endpoint});
  std::string id;
  bool is_pending = false;
  if (known) {
    id = *known;
    SubscriptionRecord record = *subscriptions_.find({account, region, name, id});
    if (!has_same_attributes(record.attributes, attributes))
      refuse("Attributes Reason: Subscription already exists with different attributes");
    is_pending = record.pending;
    if (is_pending) {
      ask_to_confirm(context, topic, id, record);
      subscriptions_.put({account, region, name, id}, record);
    }
  } else {
    require_size_fits(topic, request.protocol);
    id = add_subscription(context, topic, request, std::move(attributes));
    is_pending = needs_confirmation(context, request);
  }
  const bool tells_arn = !is_pending || request.return_subscription_arn.value_or(false);
  return {.subscription_arn =
              tells_arn ? fmt::format("{}:{}", topic.arn, id) : std::string(pending)};
}

std::string Service::add_subscription(const Context& context, LiveTopic& topic,
                                      const SubscribeRequest& request, Attributes attributes) {
  const auto& [account, region, name] = topic.key;
  const std::string id = runtime_.random.uuid();
  const bool is_pending = needs_confirmation(context, request);
  SubscriptionRecord record{.protocol = request.protocol,
                            .endpoint = request.endpoint.value_or(""),
                            .owner = context.account,
                            .principal = context.caller_arn,
                            .attributes = std::move(attributes),
                            .pending = is_pending,
                            .authenticated = !is_pending,
                            .created_at = now()};
  if (is_pending) ask_to_confirm(context, topic, id, record);
  subscribed_.put({account, region, name, record.protocol, record.endpoint}, id);
  owners_.put({record.owner, region, fmt::format("{}:{}", topic.arn, id)}, "");
  TopicRecord changed = topic.record;
  ++(is_pending ? changed.pending : changed.confirmed);
  change_record(topic, std::move(changed));
  Named named{.topic = &topic, .id = id, .record = std::move(record)};
  begin_replay(named);
  put_subscription(named);
  return id;
}

/// The token names the subscription, so that nothing has to be looked for.
void Service::ask_to_confirm(const Context& context, LiveTopic& topic, const std::string& id,
                             SubscriptionRecord& record) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::size_t random_digits = 256;
  std::string digits = id;
  std::erase(digits, '-');
  record.token = digits + runtime_.random.text(random_digits, hex);
  record.token_expires = now() + token_lifetime;
  send_confirmation(context, {.topic = &topic, .id = id, .record = record},
                    "SubscriptionConfirmation");
}

}  // namespace matinee::sns
