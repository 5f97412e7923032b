// Subscriptions that are there: confirmed, read, changed, listed, and taken away.
#include <fmt/format.h>

#include <algorithm>

#include "services/sns/http_headers.h"
#include "services/sns/named.h"
#include "services/sns/targets.h"

namespace matinee::sns {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t token_digits = 288;
constexpr std::size_t digits_of_id = 32;

bool is_token(std::string_view token) {
  return token.size() == token_digits &&
         token.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The UUID whose digits a token begins with.
std::string id_of(std::string_view token) {
  return fmt::format("{}-{}-{}-{}-{}", token.substr(0, 8), token.substr(8, 4), token.substr(12, 4),
                     token.substr(16, 4), token.substr(20, digits_of_id - 20));
}

Subscription described(const SubscriptionRecord& record, std::string_view topic_arn,
                       std::string_view id) {
  return {.subscription_arn = record.pending ? std::string("PendingConfirmation")
                                             : fmt::format("{}:{}", topic_arn, id),
          .owner = record.owner,
          .protocol = record.protocol,
          .endpoint = record.endpoint,
          .topic_arn = std::string(topic_arn)};
}

}  // namespace

std::optional<Service::Named> Service::find_subscription(const std::string& arn) {
  const SubscriptionName name = split_subscription(arn);
  if (name.id.empty()) return std::nullopt;
  LiveTopic* topic = find_topic(std::string(name.topic_arn));
  if (!topic) return std::nullopt;
  Named named{.topic = topic, .id = std::string(name.id), .record = {}};
  std::optional<SubscriptionRecord> record = subscriptions_.find(named.key());
  if (!record) return std::nullopt;
  named.record = *std::move(record);
  return named;
}

Service::Named Service::require_subscription(const Context& context, const std::string& arn) {
  note_address(context);
  require_arn_form("SubscriptionArn", arn);
  if (split_subscription(arn).id.empty()) refuse("SubscriptionId");
  std::optional<Named> named = find_subscription(arn);
  if (!named) throw NotFoundException("Subscription does not exist");
  return *std::move(named);
}

/// Those who have the topic, and those who have the subscription.
void Service::require_rights(const Context& context, const Named& named,
                             std::string_view action) const {
  if (context.account == named.record.owner || context.account == named.topic->key.account) return;
  throw AuthorizationErrorException(
      fmt::format("User: {} is not authorized to perform: SNS:{} on resource: {}",
                  context.caller_arn, action, named.topic->arn));
}

void Service::put_subscription(const Named& named) {
  subscriptions_.put(named.key(), named.record);
  if (!named.topic->subscriptions) return;
  if (!named.record.pending) named.topic->subscriptions->put(named.id, named.record);
  forget_on_rollback(named.topic->arn);
}

void Service::remove_subscription(const Named& named) {
  const auto& [account, region, name] = named.topic->key;
  subscriptions_.erase(named.key());
  subscribed_.erase({account, region, name, named.record.protocol, named.record.endpoint});
  owners_.erase({named.record.owner, region, named.arn()});
  end_replay(named.key());
  TopicRecord changed = named.topic->record;
  std::uint64_t& count = named.record.pending ? changed.pending : changed.confirmed;
  if (count > 0) --count;
  change_record(*named.topic, std::move(changed));
  if (named.topic->subscriptions) named.topic->subscriptions->remove(named.id);
}

UnsubscribeResponse Service::unsubscribe(const Context& context,
                                         const UnsubscribeRequest& request) {
  require_arn_form("SubscriptionArn", request.subscription_arn);
  if (split_subscription(request.subscription_arn).id.empty()) refuse("SubscriptionId");
  const std::optional<Named> named = find_subscription(request.subscription_arn);
  if (!named) return {};
  if (!context.anonymous)
    require_rights(context, *named, "Unsubscribe");
  else if (named->record.authenticates_on_unsubscribe)
    throw AuthorizationErrorException(
        "This subscription was confirmed with AuthenticateOnUnsubscribe: only signed requests may "
        "remove it.");
  remove_subscription(*named);
  if (!named->record.pending &&
      (named->record.protocol.starts_with("http") || named->record.protocol.starts_with("email")))
    say_goodbye(context, *named);
  return {};
}

/// The endpoint is told, and may take it back for as long as a token is good.
void Service::say_goodbye(const Context& context, const Named& named) {
  removed_.put(named.key(), named.record);
  if (named.record.token.empty()) return;
  Named gone = named;
  gone.record.token_expires = now() + std::chrono::days(3);
  removed_.put(gone.key(), gone.record);
  send_confirmation(context, gone, "UnsubscribeConfirmation");
}

void Service::send_confirmation(const Context& context, const Named& named, std::string_view type) {
  if (!neighbours_.outbox) return;
  const Signer signer = signer_for(context, named.topic);
  const std::string id = runtime_.random.uuid();
  const std::string arn = named.arn();
  const DeliveryPolicy* policy = named.topic->settings.delivery_policy.get();
  const Confirmation confirmation{.type = type,
                                  .id = id,
                                  .topic_arn = named.topic->arn,
                                  .subscription_arn = arn,
                                  .token = named.record.token,
                                  .at = now()};
  services::Delivery delivery{.target = target_of(named.record.protocol, named.record.endpoint),
                              .body = named.record.protocol == "email"
                                          ? confirmation_mail(confirmation, signer)
                                          : confirmation_json(confirmation, signer),
                              .service_principal = "sns.amazonaws.com",
                              .source_arn = named.topic->arn,
                              .source_account = named.topic->key.account};
  // What is published must not wait for an endpoint that takes it for something else.
  delivery.in_order = named.topic->settings.fifo;
  delivery.id = id;
  delivery.via = arn;
  delivery.subject = "AWS Notification - Subscription Confirmation";
  delivery.retries = {.kind = services::RetryPolicy::Kind::topic_people};
  if (named.record.protocol == "sqs") {
    delivery.retries.kind = services::RetryPolicy::Kind::topic;
    if (named.topic->settings.fifo) {
      delivery.group = "SubscriptionConfirmation";
      delivery.deduplication_id = id;
    }
  }
  if (named.record.protocol.starts_with("http")) {
    delivery.parameters = http_parameters(
        {.type = type, .id = id, .topic_arn = named.topic->arn, .subscription_arn = {}},
        content_type_of(nullptr, policy));
    delivery.retries = retry_policy(nullptr, policy);
  }
  neighbours_.outbox->add(delivery);
}

std::optional<std::string> Service::restore(LiveTopic& topic, const std::string& id,
                                            const std::string& token) {
  Named named{.topic = &topic, .id = id, .record = {}};
  std::optional<SubscriptionRecord> record = removed_.find(named.key());
  if (!record || record->token != token || record->token_expires <= now()) return std::nullopt;
  named.record = *std::move(record);
  const auto& [account, region, name] = topic.key;
  removed_.erase(named.key());
  subscribed_.put({account, region, name, named.record.protocol, named.record.endpoint}, id);
  owners_.put({named.record.owner, region, named.arn()}, "");
  TopicRecord changed = topic.record;
  ++changed.confirmed;
  change_record(topic, std::move(changed));
  put_subscription(named);
  return named.arn();
}

/// A token confirms again what it has confirmed already.
ConfirmSubscriptionResponse Service::confirm_subscription(
    const Context& context, const ConfirmSubscriptionRequest& request) {
  note_address(context);
  require_arn_form("TopicArn", request.topic_arn);
  if (!is_token(request.token)) throw InvalidParameterException("Invalid token");
  const std::string id = id_of(request.token);
  std::optional<Named> named = find_subscription(fmt::format("{}:{}", request.topic_arn, id));
  if (!named) {
    LiveTopic* topic = find_topic(request.topic_arn);
    if (std::optional<std::string> arn = topic ? restore(*topic, id, request.token) : std::nullopt)
      return {.subscription_arn = *arn};
  }
  if (!named || named->record.token != request.token || named->record.token_expires <= now())
    refuse("Token");
  if (named->record.pending) {
    named->record.pending = false;
    named->record.authenticated = !context.anonymous;
    named->record.authenticates_on_unsubscribe =
        !context.anonymous && request.authenticate_on_unsubscribe.value_or("") == "true";
    TopicRecord changed = named->topic->record;
    if (changed.pending > 0) --changed.pending;
    ++changed.confirmed;
    change_record(*named->topic, std::move(changed));
    put_subscription(*named);
  }
  return {.subscription_arn = named->arn()};
}

GetSubscriptionAttributesResponse Service::get_subscription_attributes(
    const Context& context, const GetSubscriptionAttributesRequest& request) {
  const Named named = require_subscription(context, request.subscription_arn);
  require_rights(context, named, "GetSubscriptionAttributes");
  const SubscriptionRecord& record = named.record;
  const auto truth = [](bool value) { return value ? "true" : "false"; };
  Attributes told{{"SubscriptionArn", named.arn()},
                  {"TopicArn", named.topic->arn},
                  {"Protocol", record.protocol},
                  {"Endpoint", record.endpoint},
                  {"Owner", record.owner},
                  {"PendingConfirmation", truth(record.pending)},
                  {"ConfirmationWasAuthenticated", truth(record.authenticated)},
                  {"SubscriptionPrincipal", record.principal}};
  tell_subscription_attributes(record, named.topic->record, told);
  return {.attributes = std::move(told)};
}

SetSubscriptionAttributesResponse Service::set_subscription_attributes(
    const Context& context, const SetSubscriptionAttributesRequest& request) {
  Named named = require_subscription(context, request.subscription_arn);
  require_rights(context, named, "SetSubscriptionAttributes");
  SubscriptionRecord& record = named.record;
  const std::string& name = request.attribute_name;
  std::string value =
      checked_subscription_attribute({.protocol = record.protocol,
                                      .endpoint = record.endpoint,
                                      .fifo_topic = named.topic->settings.fifo},
                                     name, request.attribute_value.value_or(""), GivenTo::set);
  if (value.empty())
    record.attributes.erase(name);
  else
    record.attributes[name] = std::move(value);
  if (name == "FilterPolicy" || name == "FilterPolicyScope")
    require_filter(filter_policy_of(record.attributes),
                   filters_body(record.attributes) ? Scope::body : Scope::attributes, GivenTo::set);
  if (name == "ReplayPolicy") begin_replay(named);
  put_subscription(named);
  return {};
}

ListSubscriptionsResponse Service::list_subscriptions(const Context& context,
                                                      const ListSubscriptionsRequest& request) {
  storage::KeyRange range = owners_.prefix(context.account, context.region);
  if (request.next_token)
    range = owners_.after(
        range, {context.account, context.region, require_page_token(*request.next_token)});
  ListSubscriptionsResponse response{.subscriptions = std::vector<Subscription>{},
                                     .next_token = std::nullopt};
  std::string last;
  for (auto place = owners_.cursor(range); place.valid(); place.next()) {
    if (response.subscriptions->size() == page_size) {
      response.next_token = page_token(last);
      break;
    }
    last = std::get<2>(place.key());
    const SubscriptionName name = split_subscription(last);
    const std::optional<TopicKey> topic = find_topic_key(name.topic_arn);
    const auto record =
        subscriptions_.find({topic->account, topic->region, topic->name, std::string(name.id)});
    if (record) response.subscriptions->push_back(described(*record, name.topic_arn, name.id));
  }
  return response;
}

ListSubscriptionsByTopicResponse Service::list_subscriptions_by_topic(
    const Context& context, const ListSubscriptionsByTopicRequest& request) {
  const LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  const auto& [account, region, name] = topic.key;
  storage::KeyRange range = subscriptions_.prefix(account, region, name);
  if (request.next_token)
    range = subscriptions_.after(range,
                                 {account, region, name, require_page_token(*request.next_token)});
  ListSubscriptionsByTopicResponse response{.subscriptions = std::vector<Subscription>{},
                                            .next_token = std::nullopt};
  std::string last;
  for (auto place = subscriptions_.cursor(range); place.valid(); place.next()) {
    if (response.subscriptions->size() == page_size) {
      response.next_token = page_token(last);
      break;
    }
    last = std::get<3>(place.key());
    response.subscriptions->push_back(described(place.record(), topic.arn, last));
  }
  return response;
}

}  // namespace matinee::sns
