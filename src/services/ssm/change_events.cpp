// What the Parameter Store tells EventBridge: changes of parameters, and policies that were carried
// out. The forms are those of AWS's documentation (sysman-paramstore-cwe).
#include <fmt/format.h>

#include "protocol/timestamps.h"
#include "services/event_detail.h"
#include "services/ssm/service.h"

namespace matinee::ssm {
namespace {

std::string time_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  return text;
}

/// "2 hours", "1 day": in the unit that the policy counts in.
std::string span_text(const PolicyRecord& policy) {
  const bool in_days = policy.text.contains(R"("Unit":"Days")");
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(policy.span).count();
  const auto count = in_days ? hours / 24 : hours;
  return fmt::format("{} {}{}", count, in_days ? "day" : "hour", count == 1 ? "" : "s");
}

/// AWS documents the words for NoChangeNotification; the others are ours.
std::string reason_of(const PolicyRecord& policy) {
  if (policy.type == "NoChangeNotification")
    return fmt::format("The parameter has not been changed for {}.", span_text(policy));
  if (policy.type == "ExpirationNotification")
    return fmt::format("The parameter will expire in {}.", span_text(policy));
  return "The parameter has expired and was deleted.";
}

}  // namespace

void Service::tell_change(const Context& context, const Reference& reference,
                          const VersionDetails& details, Change change) {
  if (!events_) return;
  services::EventDetail detail;
  detail.add("exception", change.exception);
  if (details.data_type != "text") detail.add("dataType", details.data_type);
  detail.add("operation", change.operation)
      .add("name", reference.name)
      .add("type", details.type)
      .add("description", details.description);
  events_->put({.account = reference.place.account,
                .region = reference.place.region,
                .source = "aws.ssm",
                .detail_type = "Parameter Store Change",
                .resources = {parameter_arn(reference.place, reference.name)},
                .detail = detail.take(),
                .trace_header = context.trace_header});
}

void Service::tell_policy(const Catalog::Due& due) {
  if (!events_) return;
  const runtime::Time created = due.policy.created.value_or(due.details.modified);
  events_->put(
      {.account = due.reference.place.account,
       .region = due.reference.place.region,
       .source = "aws.ssm",
       .detail_type = "Parameter Store Policy Action",
       .resources = {parameter_arn(due.reference.place, due.reference.name)},
       .detail = services::EventDetail()
                     .add("policy-type", due.policy.type)
                     .add("parameter-name", due.reference.name)
                     .add("parameter-type", due.details.type)
                     .add("policy-content", due.policy.text)
                     .add("action-status", "Success")
                     .add("action-reason",
                          fmt::format("{} This notification was generated based on the policy "
                                      "created at {}.",
                                      reason_of(due.policy), time_text(created)))
                     .take()});
}

}  // namespace matinee::ssm
