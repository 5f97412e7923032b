// NotificationARNs: topics that are told every event of a stack.
#include <fmt/format.h>

#include "protocol/timestamps.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr const char* subject = "AWS CloudFormation Notification";

/// One line a member, as AWS sends it.
std::string text_of(const StackKey& key, const EventRecord& event) {
  std::string time;
  protocol::append_iso8601_milliseconds(time, event.time);
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{}='{}'\n", name, value);
  };
  add("StackId", arn_of(key));
  add("Timestamp", time);
  add("EventId", event.id);
  add("LogicalResourceId", event.logical_id);
  add("Namespace", std::get<0>(key));
  add("PhysicalResourceId", event.physical_id);
  add("PrincipalId", std::get<0>(key));
  add("ResourceProperties", event.properties.value_or("null"));
  add("ResourceStatus", event.status);
  add("ResourceStatusReason", event.reason.value_or(""));
  add("ResourceType", event.type);
  add("StackName", name_of(key));
  add("ClientRequestToken", event.client_token.empty() ? "null" : event.client_token);
  return text;
}

}  // namespace

void Service::notify(const StackKey& key, const StackRecord& stack, const EventRecord& event) {
  if (!neighbours_.outbox) return;
  const auto definition = catalog_.definitions.find({key, current_slot});
  if (!definition) return;
  for (const std::string& topic : definition->notification_arns) {
    services::Delivery delivery{.target = topic,
                                .body = text_of(key, event),
                                .service_principal = "",
                                .source_arn = arn_of(key),
                                .source_account = std::get<0>(key)};
    delivery.subject = subject;
    // Topics are told in the name of who makes the stack: its account, or its role.
    if (!stack.role.empty()) {
      delivery.role = stack.role;
      delivery.service_principal = "cloudformation.amazonaws.com";
    }
    delivery.retries.kind = services::RetryPolicy::Kind::event;
    neighbours_.outbox->add(delivery);
  }
}

}  // namespace matinee::cloudformation
