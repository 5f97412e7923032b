// Who may do what with a topic: its owner's account all that the topic's policy does not deny,
// others what the policy allows.
#include <fmt/format.h>

#include <algorithm>

#include "policy/wildcard.h"
#include "services/lower_paths.h"
#include "services/policy_context.h"
#include "services/sns/named.h"
#include "services/sns/permitted.h"
#include "services/sns/platforms.h"
#include "sns/operations.h"

namespace matinee::sns {

namespace {

/// The only service that says for whom it acts in a way that the default policy understands.
constexpr std::string_view alarms = "cloudwatch.amazonaws.com";

const std::string* find_member(const protocol::Operation& operation, const void* request,
                               std::string_view name) {
  if (!operation.input) return nullptr;
  const protocol::Field* field = operation.input->find(name);
  return field ? static_cast<const std::string*>(field->find(request)) : nullptr;
}

/// The ARN by which a request names a topic; null where it names none.
const std::string* find_topic_arn(const protocol::Operation& operation, const void* request) {
  for (const std::string_view member : {"TopicArn", "TargetArn", "ResourceArn"})
    if (const std::string* arn = find_member(operation, request, member)) return arn;
  return nullptr;
}

std::string_view action_of(const protocol::Operation& operation) {
  return &operation == &operations::PublishBatch ? "Publish" : operation.name;
}

/// What needs no signature: a token, or an address in a message, is enough.
bool is_for_all(const protocol::Operation& operation) {
  return &operation == &operations::ConfirmSubscription || &operation == &operations::Unsubscribe;
}

std::optional<std::vector<std::string>> owner_of_source(const Context& context) {
  if (context.service_principal.empty()) return std::vector{context.account};
  if (context.service_principal != alarms) return std::nullopt;
  return std::vector{context.source_account};
}

}  // namespace

/// A missing ARN has words of its own, the rest is told as most services do.
protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  const protocol::Violation& first = violations.front();
  if (first.rule == protocol::Rule::required && first.path.ends_with("Arn"))
    return InvalidParameterException(
        fmt::format("Invalid parameter: {} Reason: no value for required parameter", first.path));
  return ValidationError(protocol::describe(services::with_lower_paths(violations)));
}

/// The form of an ARN, and the platform, are looked at before what else a request has.
void Service::check_before_body(const Context&, const protocol::Operation& operation,
                                const void* request) {
  for (const std::string_view member :
       {"TopicArn", "SubscriptionArn", "PlatformApplicationArn", "EndpointArn"}) {
    const std::string* arn = find_member(operation, request, member);
    if (arn && !arn->empty()) require_arn_form(member, *arn);
  }
  if (const std::string* platform = find_member(operation, request, "Platform"))
    if (!platform->empty()) require_platform(*platform);
}

void Service::authorize(const Context& context, const protocol::Operation& operation,
                        const void* request) {
  // Where policies of identities decide, that of the topic was looked at with them.
  if (is_for_all(operation) || (decider() && decider()->enforces())) return;
  const std::string* arn = find_topic_arn(operation, request);
  const LiveTopic* topic = arn ? find_topic(*arn) : nullptr;
  // What is not there is for the operation to tell.
  if (!topic) return;
  const bool is_own = context.service_principal.empty() && context.account == topic->key.account;
  if (is_own && !topic->settings.policy) return;
  const std::string_view name = action_of(operation);
  const std::string action = fmt::format("SNS:{}", name);
  const policy::Keys keys = [&](std::string_view key) {
    if (key == "aws:sourceowner") return owner_of_source(context);
    auto found = find_key({context, operation, request, action, topic->arn}, key);
    return found ? found : services::find_global_key(context, now(), key);
  };
  std::shared_ptr<const policy::Document> document = topic->settings.policy;
  if (!document) document = default_document(topic->key);
  policy::Decision decision =
      policy::authorize({.account = topic->key.account, .policy = document.get()},
                        {.caller = services::caller_of(context),
                         .action = action,
                         .resource = topic->arn,
                         .keys = keys});
  const bool mends = services::is_root_of(context, topic->key.account) &&
                     (&operation == &operations::SetTopicAttributes ||
                      &operation == &operations::RemovePermission);
  if (!is_own && std::ranges::find(permitted, name) == std::end(permitted)) decision = {};
  if (decision.allowed() || mends) return;
  throw AuthorizationErrorException(fmt::format(
      "User: {} is not authorized to perform: {} on resource: {} {}",
      context.service_principal.empty() ? context.caller_arn : context.service_principal, action,
      topic->arn, policy::explain(decision, action)));
}

void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<services::Need>& needs) const {
  if (context.anonymous && is_for_all(operation)) return;
  ServiceBase::add_needs(context, operation, request, needs);
}

/// What is done with a subscription is done with its topic.
void Service::complete_arn(const Context&, std::string& arn) const {
  const SubscriptionName name = split_subscription(arn);
  if (!name.id.empty() && find_topic_key(name.topic_arn)) arn = std::string(name.topic_arn);
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const LiveTopic* topic = find_topic(std::string(inquiry.resource));
  if (!topic) return {};
  services::Guarded guarded{.account = topic->key.account};
  const std::string_view name = inquiry.action.substr(inquiry.action.find(':') + 1);
  const bool is_own =
      inquiry.context.service_principal.empty() && inquiry.context.account == topic->key.account;
  const bool is_permitted = std::ranges::find(permitted, name) != std::end(permitted);
  if (is_own || is_permitted) guarded.policy = topic->settings.policy;
  // The default policy would let users of the account do what their own policies do not allow.
  if (!guarded.policy && inquiry.context.service_principal == alarms)
    guarded.policy = default_document(topic->key);
  return guarded;
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag_prefix = "aws:resourcetag/";
  const auto member = [&](std::string_view name) -> std::optional<std::vector<std::string>> {
    const std::string* value = find_member(inquiry.operation, inquiry.request, name);
    if (!value) return std::nullopt;
    return std::vector{*value};
  };
  if (key == "sns:protocol") return member("Protocol");
  if (key == "sns:endpoint") return member("Endpoint");
  const LiveTopic* topic = find_topic(std::string(inquiry.resource));
  if (!topic) return std::nullopt;
  if (key == "aws:resourceaccount") return std::vector{topic->key.account};
  if (!key.starts_with(tag_prefix)) return std::nullopt;
  for (const auto& [name, value] : topic->record.tags)
    if (policy::equals_ignoring_case(name, key.substr(tag_prefix.size())))
      return std::vector{value};
  return std::nullopt;
}

/// SNS calls its actions SNS:Publish.
protocol::ServiceError Service::refusal(const services::Inquiry&, std::string sentence) const {
  constexpr std::string_view lower = " sns:";
  for (std::size_t at = sentence.find(lower); at != std::string::npos;
       at = sentence.find(lower, at))
    sentence.replace(at, lower.size(), " SNS:");
  return AuthorizationErrorException(std::move(sentence));
}

}  // namespace matinee::sns
