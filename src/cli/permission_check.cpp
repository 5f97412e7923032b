#include "cli/permission_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "templates/references.h"

namespace matinee::cli {
namespace {

using templates::Reference;
using templates::Resource;
using templates::Template;
using templates::Value;

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::string_view queue_type = "AWS::SQS::Queue";
constexpr std::string_view topic_type = "AWS::SNS::Topic";
constexpr std::string_view role_type = "AWS::IAM::Role";

/// A service by which a function uses a kind of resource.
struct Use {
  std::string_view type;
  std::string_view service;  // "sqs", of actions
  std::string_view what;     // "queues", for people
};

constexpr std::array<Use, 6> uses{{{queue_type, "sqs", "queues"},
                                   {topic_type, "sns", "topics"},
                                   {"AWS::S3::Bucket", "s3", "buckets"},
                                   {"AWS::DynamoDB::Table", "dynamodb", "tables"},
                                   {"AWS::SecretsManager::Secret", "secretsmanager", "secrets"},
                                   {"AWS::SSM::Parameter", "ssm", "parameters"}}};

/// Calls `found` for every map in a value, the outer ones first.
void for_each_map(const Value& value, const std::function<void(const Value&)>& found) {
  if (value.is_map()) found(value);
  for (const templates::Member& member : value.members()) for_each_map(member.value, found);
  for (const Value& element : value.elements()) for_each_map(element, found);
}

/// The texts of a value that is a text, or has some at any depth: of both branches of a Fn::If.
void add_texts(const Value& value, std::vector<std::string>& texts) {
  if (value.is_string()) texts.push_back(value.text());
  for (const templates::Member& member : value.members()) add_texts(member.value, texts);
  for (const Value& element : value.elements()) add_texts(element, texts);
}

/// The resources that a value refers to, by Ref, Fn::GetAtt or Fn::Sub.
std::set<std::string> referred(const Template& checked, const Value& value) {
  std::set<std::string> names;
  templates::find_references(value, {.found = [&](const Reference& reference) {
                               if (checked.find_resource(reference.name))
                                 names.insert(reference.name);
                             }});
  return names;
}

/// Whether an action such as "sqs:*" or "sqs:Send*" is about a service, and about an operation
/// where one is named.
bool covers(std::string_view pattern, std::string_view service, std::string_view operation) {
  if (pattern == "*") return true;
  const std::size_t colon = pattern.find(':');
  if (colon == std::string_view::npos || pattern.substr(0, colon) != service) return false;
  std::string_view rest = pattern.substr(colon + 1);
  if (operation.empty()) return true;
  const std::size_t star = rest.find('*');
  return star == std::string_view::npos ? rest == operation
                                        : operation.starts_with(rest.substr(0, star));
}

/// What a role may do, as far as the template says so.
struct Abilities {
  std::vector<std::string> actions;
  bool is_known = true;  // no policy of elsewhere is attached

  bool may(std::string_view service, std::string_view operation) const {
    return !is_known || std::ranges::any_of(actions, [&](const std::string& action) {
      return covers(action, service, operation);
    });
  }
};

/// What AWS's own policies for functions allow; others may allow anything.
std::optional<std::vector<std::string>> actions_of_managed(std::string_view arn) {
  const std::string_view name = arn.substr(arn.rfind('/') + 1);
  if (name == "AWSLambdaBasicExecutionRole" || name == "AWSXRayDaemonWriteAccess")
    return std::vector<std::string>{"logs:*"};
  if (name == "AWSLambdaSQSQueueExecutionRole")
    return std::vector<std::string>{"logs:*", "sqs:ReceiveMessage", "sqs:DeleteMessage",
                                    "sqs:GetQueueAttributes"};
  return std::nullopt;
}

class PermissionCheck {
 public:
  explicit PermissionCheck(const Template& checked) : checked_(checked) {}

  std::vector<TemplateFault> run() {
    for (const Resource& resource : checked_.resources) {
      look_at_source(resource);
      if (resource.type == "AWS::Lambda::EventSourceMapping") look_at_mapping(resource);
      if (resource.type == function_type) look_at_function(resource);
    }
    return std::move(warnings_);
  }

 private:
  const Template& checked_;
  std::vector<TemplateFault> warnings_;

  void warn(const Resource& at, std::string message) {
    warnings_.push_back({TemplateFault::Severity::warning, at.place, at.id, std::move(message)});
  }

  const Resource* find(const std::string& name, std::string_view type) const {
    const Resource* resource = checked_.find_resource(name);
    return resource && resource->type == type ? resource : nullptr;
  }

  /// What hands something over by itself: the other end has to allow it to the service.
  void look_at_source(const Resource& resource) {
    const Value& properties = resource.properties;
    if (resource.type == "AWS::Events::Rule")
      if (const Value* targets = properties.find("Targets"))
        for (const Value& target : targets->elements())
          if (const Value* arn = target.find("Arn"))
            // With a role it is the role that has to be allowed to.
            if (!target.find("RoleArn")) look_at_ends(resource, *arn, "events.amazonaws.com");
    if (resource.type == "AWS::SNS::Subscription")
      if (const Value* endpoint = properties.find("Endpoint"))
        look_at_ends(resource, *endpoint, "sns.amazonaws.com");
    if (resource.type == "AWS::S3::Bucket")
      if (const Value* notifications = properties.find("NotificationConfiguration"))
        look_at_ends(resource, *notifications, "s3.amazonaws.com");
  }

  void look_at_ends(const Resource& source, const Value& value, std::string_view service) {
    for (const std::string& name : referred(checked_, value)) {
      if (find(name, queue_type) && !has_policy("AWS::SQS::QueuePolicy", name, service))
        warn(source, fmt::format("No queue policy lets {} send to {}: nothing will arrive there.",
                                 service, name));
      if (find(name, topic_type) && !has_policy("AWS::SNS::TopicPolicy", name, service))
        warn(source,
             fmt::format("No topic policy lets {} publish to {}: nothing will arrive there.",
                         service, name));
      if (find(name, function_type) && !has_permission(name, service))
        warn(source, fmt::format("No AWS::Lambda::Permission lets {} call {}.", service, name));
    }
  }

  bool has_policy(std::string_view type, const std::string& name, std::string_view service) const {
    return std::ranges::any_of(checked_.resources, [&](const Resource& resource) {
      if (resource.type != type) return false;
      const Value* named =
          resource.properties.find(type == "AWS::SQS::QueuePolicy" ? "Queues" : "Topics");
      if (!named || !referred(checked_, *named).contains(name)) return false;
      bool is_allowed = false;
      for_each_map(resource.properties, [&](const Value& statement) {
        const Value* principal = statement.find("Principal");
        if (!principal || statement.text_or("Effect") != "Allow") return;
        std::vector<std::string> texts;
        add_texts(*principal, texts);
        if (std::ranges::any_of(
                texts, [&](const std::string& text) { return text == "*" || text == service; }))
          is_allowed = true;
      });
      return is_allowed;
    });
  }

  bool has_permission(const std::string& function, std::string_view service) const {
    return std::ranges::any_of(checked_.resources, [&](const Resource& resource) {
      if (resource.type != "AWS::Lambda::Permission") return false;
      const Value* named = resource.properties.find("FunctionName");
      const std::string principal = resource.properties.text_or("Principal");
      // A name that is written out may be that of the function.
      return named && (named->is_string() || referred(checked_, *named).contains(function)) &&
             (principal.empty() || principal == service || principal == "*");
    });
  }

  /// The role of a function, where the template makes it.
  const Resource* role_of(const Resource& function) const {
    const Value* role = function.properties.find("Role");
    if (!role) return nullptr;
    for (const std::string& name : referred(checked_, *role))
      if (const Resource* found = find(name, role_type)) return found;
    return nullptr;
  }

  Abilities abilities_of(const Resource& role) const {
    Abilities abilities;
    const auto add = [&](const Value& value) {
      for_each_map(value, [&](const Value& statement) {
        const Value* action = statement.find("Action");
        if (statement.find("NotAction")) abilities.is_known = false;
        if (action && statement.text_or("Effect") == "Allow") add_texts(*action, abilities.actions);
      });
    };
    if (const Value* policies = role.properties.find("Policies")) add(*policies);
    if (const Value* managed = role.properties.find("ManagedPolicyArns"))
      add_managed(*managed, abilities);
    for (const Resource& resource : checked_.resources) {
      if (!resource.type.starts_with("AWS::IAM::") || resource.type == role_type) continue;
      for (const std::string_view member : {"Roles", "RoleName"})
        if (const Value* named = resource.properties.find(member))
          if (referred(checked_, *named).contains(role.id)) add(resource.properties);
    }
    return abilities;
  }

  void add_managed(const Value& managed, Abilities& abilities) const {
    for (const std::string& name : referred(checked_, managed))
      if (checked_.find_resource(name)) abilities.is_known = false;
    std::vector<std::string> texts;
    add_texts(managed, texts);
    for (const std::string& text : texts) {
      if (!text.contains("policy/")) continue;
      const auto actions = actions_of_managed(text);
      if (!actions) abilities.is_known = false;
      if (actions)
        abilities.actions.insert(abilities.actions.end(), actions->begin(), actions->end());
    }
  }

  void look_at_mapping(const Resource& mapping) {
    const Value* named = mapping.properties.find("FunctionName");
    const Value* source = mapping.properties.find("EventSourceArn");
    if (!named || !source) return;
    for (const std::string& name : referred(checked_, *named)) {
      const Resource* function = find(name, function_type);
      const Resource* role = function ? role_of(*function) : nullptr;
      if (!role) continue;
      for (const std::string& queue : referred(checked_, *source))
        if (find(queue, queue_type)) require(mapping, *role, "sqs", "ReceiveMessage");
    }
  }

  void require(const Resource& at, const Resource& role, std::string_view service,
               std::string_view operation) {
    if (abilities_of(role).may(service, operation)) return;
    warn(at, fmt::format("The role {} may not {}:{}.", role.id, service, operation));
  }

  void look_at_function(const Resource& function) {
    const Resource* role = role_of(function);
    if (!role) return;
    if (const Value* dead_letters = function.properties.find("DeadLetterConfig")) {
      for (const std::string& name : referred(checked_, *dead_letters)) {
        if (find(name, queue_type)) require(function, *role, "sqs", "SendMessage");
        if (find(name, topic_type)) require(function, *role, "sns", "Publish");
      }
    }
    const Value* environment = function.properties.find("Environment");
    if (!environment) return;
    const Abilities abilities = abilities_of(*role);
    for (const std::string& name : referred(checked_, *environment))
      for (const Use& use : uses)
        if (find(name, use.type) && !abilities.may(use.service, ""))
          warn(function, fmt::format("It is told of {}, and its role {} may do nothing with {}.",
                                     name, role->id, use.what));
  }
};

}  // namespace

std::vector<TemplateFault> find_missing_permissions(const Template& checked) {
  return PermissionCheck(checked).run();
}

}  // namespace matinee::cli
