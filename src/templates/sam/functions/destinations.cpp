// EventInvokeConfig: where results of asynchronous calls go. A queue or a topic is made where none
// is named.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templates/sam/functions/function.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

struct Kind {
  std::string_view name;
  std::string_view in_policy;
  std::string_view action;
};

constexpr auto kinds = std::to_array<Kind>({{"SQS", "SQS", "sqs:SendMessage"},
                                            {"SNS", "SNS", "sns:publish"},
                                            {"EventBridge", "EventBridge", "events:PutEvents"},
                                            {"Lambda", "Lambda", "lambda:InvokeFunction"},
                                            {"S3Bucket", "S3", "s3:PutObject"}});

/// One of OnSuccess and OnFailure.
struct Destination {
  Function& function;
  std::string id;  // of the configuration
  std::string_view event;
  const Value& config;
  const Kind* kind = nullptr;
};

const Kind& require_kind(const Destination& destination) {
  const Value* type = destination.config.find("Type");
  const auto found = std::ranges::find_if(
      kinds, [&](const Kind& kind) { return type && *type == Value(kind.name); });
  if (found == kinds.end())
    destination.function.refuse(
        fmt::format("'Type: {}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']",
                    type && type->is_scalar() ? type->text() : "None"),
        destination.config);
  return *found;
}

/// The condition under which the destination is left to the transform, as a name; it is made where
/// the template has none. "": it always is.
std::string condition_of_making(const Destination& destination, const Value::List& choice) {
  if (is_no_value(choice[1])) return choice[0].text();
  std::string name = "NOT" + choice[0].text() + suffix_of(destination.id);
  destination.function.translation.add_condition(
      name, Value::map("Fn::Not", list_of({Value::map("Condition", choice[0])})));
  return name;
}

/// Adds the queue or topic; `condition` may be empty. Returns its ARN.
Value make_target(const Destination& destination, const std::string& condition) {
  Function& function = destination.function;
  const bool is_queue = destination.kind->name == "SQS";
  const std::string id =
      fmt::format("{}{}{}", destination.id, destination.event, is_queue ? "Queue" : "Topic");
  Value made = function.make(is_queue ? "AWS::SQS::Queue" : "AWS::SNS::Topic");
  propagate_tags(made, function.properties);
  if (!condition.empty()) {
    const Value* of_function = find_given(function.source, "Condition");
    std::string both = condition;
    if (of_function) {
      both = fmt::format("{}AND{}{}", of_function->text(), condition, suffix_of(function.id));
      const auto part = [](Value name) {
        return Value::map("Condition", Value::map("Condition", std::move(name)));
      };
      function.translation.add_condition(
          both, Value::map("Fn::And", list_of({part(*of_function), part(condition)})));
    }
    made.set("Condition", both);
  }
  function.translation.add(id, std::move(made));
  function.translation.name_property(function.id,
                                     is_queue ? "DestinationQueue" : "DestinationTopic", id);
  return is_queue ? get_att(id, "Arn") : ref_to(id);
}

Value read_target(const Destination& destination) {
  const Value* given = find_given(destination.config, "Destination");
  const bool can_make = destination.kind->name == "SQS" || destination.kind->name == "SNS";
  if (!given && !can_make)
    destination.function.refuse("Destination is required if Type is not ['SQS', 'SNS']",
                                destination.config);
  if (!given) return make_target(destination, "");
  const Value::List* choice = find_choice(*given);
  if (!choice || !can_make || is_no_value((*choice)[1]) == is_no_value((*choice)[2])) return *given;
  const std::string condition = condition_of_making(destination, *choice);
  Value made = make_target(destination, condition);
  return choose(condition, std::move(made),
                is_no_value((*choice)[1]) ? (*choice)[2] : (*choice)[1]);
}

void allow_sending(const Destination& destination, const Value& target) {
  Value statements = Value::list();
  if (destination.kind->name == "S3Bucket") {
    statements.append(
        allowing("s3:PutObject", Value::map("Fn::Join", list_of({"/", list_of({target, "*"})}))));
    statements.append(allowing("s3:ListBucket", target));
  } else {
    statements.append(allowing(destination.kind->action, target));
  }
  destination.function.policies.push_back(role_policy(
      fmt::format("{}{}{}Policy", destination.id, destination.event, destination.kind->in_policy),
      std::move(statements)));
}

Value read_destinations(Function& function, const std::string& id, const Value& config) {
  Value made = Value::map();
  const Value* given = find_given(config, "DestinationConfig");
  if (!given) return made;
  for (const std::string_view event : {"OnSuccess", "OnFailure"}) {
    const Value* one = find_given(*given, event);
    if (!one) continue;
    Destination destination{function, id, event, *one};
    destination.kind = &require_kind(destination);
    Value target = read_target(destination);
    allow_sending(destination, target);
    made.set(event, Value::map("Destination", std::move(target)));
  }
  return made;
}

}  // namespace

void add_destinations(Function& function) {
  const Value* given = function.find("EventInvokeConfig");
  if (is_nothing(given)) return;
  const Value config = function.translation.resolve(*given);
  const std::string id = function.id + "EventInvokeConfig";
  Value made = function.make("AWS::Lambda::EventInvokeConfig");
  for (const std::string_view attribute : {"Metadata", "UpdatePolicy"})
    set_given(made, attribute, find_given(function.source, attribute));
  Value& properties = made["Properties"];
  properties.set("FunctionName", ref_to(function.id));
  properties.set("Qualifier", function.alias.empty() ? "$LATEST" : function.alias);
  for (const std::string_view name : {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"})
    set_given(properties, name, find_given(config, name));
  properties.set("DestinationConfig", read_destinations(function, id, config));
  if (!function.alias.empty()) made.set("DependsOn", list_of({function.alias_id()}));
  function.translation.add(id, std::move(made));
}

}  // namespace matinee::templates::sam
