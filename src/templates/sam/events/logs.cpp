// CloudWatchLogs: what a log group gets is sent to the function.
#include <fmt/format.h>

#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

void translate_log_subscription(const Event& event) {
  const Value& group = *event.find("LogGroupName");
  const std::string permission_id = event.id + "Permission";
  Value permission = event.permit("logs.amazonaws.com");
  const std::string arn = fmt::format(
      "arn:{}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{__LogGroupName__}}:*",
      event.function.translation.context().partition);
  permission["Properties"].set(
      "SourceArn", Value::map("Fn::Sub", list_of({arn, Value::map("__LogGroupName__", group)})));
  event.add("Permission", std::move(permission));
  Value filter = event.function.make("AWS::Logs::SubscriptionFilter");
  filter.set("DependsOn", list_of({permission_id}));
  Value& properties = filter["Properties"];
  properties.set("LogGroupName", group);
  properties.set("FilterPattern", *event.find("FilterPattern"));
  properties.set("DestinationArn", event.function.arn());
  event.add("", std::move(filter));
}

}  // namespace matinee::templates::sam
