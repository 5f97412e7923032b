#include "resources/recipes/through.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::resources {

namespace {

using templates::Member;

struct LoggedProtocol {
  std::string_view property;
  std::string_view attribute;
};
constexpr LoggedProtocol logged_protocols[] = {{"http/s", "HTTP"},
                                               {"sqs", "SQS"},
                                               {"lambda", "Lambda"},
                                               {"firehose", "Firehose"},
                                               {"application", "Application"}};
constexpr std::string_view logged_attributes[] = {
    "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"};

Value status_attributes(const Value& settings) {
  Value attributes = Value::map();
  for (const Value& setting : settings.elements())
    for (const LoggedProtocol& protocol : logged_protocols)
      if (setting.text_or("Protocol") == protocol.property)
        for (const std::string_view name : logged_attributes)
          if (const Value* value = setting.find(name))
            attributes.set(fmt::format("{}{}", protocol.attribute, name), *value);
  return attributes;
}

/// Of DeliveryStatusLogging the attributes of a topic; those that an update removes become empty.
Value sns_delivery_status(const Value& settings, const Scope& scope) {
  Value attributes = status_attributes(settings);
  const Value* before = scope.before ? scope.before->find("DeliveryStatusLogging") : nullptr;
  if (before)
    for (const Member& old : status_attributes(*before).members())
      if (!attributes.find(old.name))
        attributes.set(old.name, old.name.ends_with("Rate") ? Value(100) : Value(""));
  return attributes;
}

/// The other way round.
Value sns_delivery_status_of(const Value& attributes, const Scope&) {
  Value settings;
  for (const LoggedProtocol& protocol : logged_protocols) {
    Value setting = Value::map("Protocol", protocol.property);
    for (const std::string_view name : logged_attributes) {
      const std::string value = attributes.text_or(fmt::format("{}{}", protocol.attribute, name));
      if (!value.empty()) setting.set(name, value);
    }
    if (setting.members().size() > 1) settings.append(std::move(setting));
  }
  return settings;
}

/// The policy that a topic has before anybody sets one.
Value sns_default_policy(const Value& arn, const Scope&) {
  Value statement;
  statement.set("Sid", "__default_statement_ID")
      .set("Effect", "Allow")
      .set("Principal", Value::map("AWS", "*"))
      .set("Action", Value::list({"SNS:GetTopicAttributes", "SNS:SetTopicAttributes",
                                  "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic",
                                  "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"}))
      .set("Resource", arn);
  const std::string& text = arn.text();
  const std::string_view before_name = std::string_view(text).substr(0, text.rfind(':'));
  const std::string_view account = before_name.substr(before_name.rfind(':') + 1);
  statement.set("Condition", Value::map("StringEquals", Value::map("AWS:SourceOwner", account)));
  Value policy;
  policy.set("Version", "2008-10-17")
      .set("Id", "__default_policy_ID")
      .set("Statement", Value::list({std::move(statement)}));
  return to_json(policy);
}

struct NamedThrough {
  std::string_view name;
  Through function;
};

constexpr NamedThrough functions[] = {
    {"sns_default_policy", sns_default_policy},
    {"sns_delivery_status", sns_delivery_status},
    {"sns_delivery_status_of", sns_delivery_status_of},
};

}  // namespace

Through find_through(std::string_view name) {
  const auto* found = std::ranges::find(functions, name, &NamedThrough::name);
  return found == std::end(functions) ? nullptr : found->function;
}

}  // namespace matinee::resources
