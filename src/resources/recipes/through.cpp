#include "resources/recipes/through.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/type.h"
#include "templates/template_error.h"
#include "templates/text_readers.h"

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

/// Of a bus's policy one with a statement, under its id, in place of one that had it.
Value policy_with_statement(const Value& parts, const Scope&) {
  Value policy;
  if (const Value* old = parts.find("Policy"); old && old->is_map()) policy = *old;
  policy.set("Version", policy.text_or("Version", "2012-10-17"));
  Value statements = Value::list();
  if (const Value* old = policy.find("Statement"))
    for (const Value& statement : old->elements())
      if (statement.text_or("Sid") != parts.text_or("Sid")) statements.append(statement);
  Value added = Value::map("Sid", parts.text_or("Sid"));
  if (const Value* statement = parts.find("Statement"))
    for (const Member& member : statement->members())
      if (member.name != "Sid") added.set(member.name, member.value);
  statements.append(std::move(added));
  return policy.set("Statement", std::move(statements));
}

/// A generated password, alone or as a member of the template's JSON.
Value secret_string(const Value& parts, const Scope&) {
  const Value* password = parts.find("Password");
  if (!password) return {};
  const Value* rules = parts.find("Rules");
  const std::string key = rules ? rules->text_or("GenerateStringKey") : "";
  const std::string text = rules ? rules->text_or("SecretStringTemplate") : "";
  if (key.empty() != text.empty())
    throw HandlerError("InvalidRequest",
                       "SecretStringTemplate and GenerateStringKey must be given together.");
  if (key.empty()) return *password;
  Value secret;
  try {
    secret = templates::read_json(text);
  } catch (const templates::TemplateError&) {
  }
  if (!secret.is_map())
    throw HandlerError("InvalidRequest", "Could not parse SecretStringTemplate JSON.");
  return to_json(secret.set(key, *password));
}

/// Properties that are not the same as before, apart from tags; null where there are none.
Value changes_but_tags(const Value& before, const Scope& scope) {
  Value changes;
  const auto add = [&](const Value& from, const Value& other) {
    for (const Member& member : from.members()) {
      const Value* same = other.find(member.name);
      if (member.name != "Tags" && (!same || !(*same == member.value)))
        changes.set(member.name, member.value);
    }
  };
  add(before, *scope.properties);
  add(*scope.properties, before);
  return changes;
}

struct NamedThrough {
  std::string_view name;
  Through function;
};

constexpr NamedThrough functions[] = {
    {"changes_but_tags", changes_but_tags},
    {"policy_with_statement", policy_with_statement},
    {"secret_string", secret_string},
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
