// What calls must be allowed, and what policies may ask of groups.
#include <fmt/format.h>

#include "scheduler/errors.h"
#include "scheduler/operations.h"
#include "services/request_members.h"
#include "services/role_trust.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

namespace {

constexpr std::string_view resource_tag = "aws:resourcetag/";

/// The action of an operation on one schedule; empty for others.
std::string_view action_on_schedule(const protocol::Operation& operation) {
  if (&operation == &operations::CreateSchedule) return "scheduler:CreateSchedule";
  if (&operation == &operations::UpdateSchedule) return "scheduler:UpdateSchedule";
  if (&operation == &operations::GetSchedule) return "scheduler:GetSchedule";
  if (&operation == &operations::DeleteSchedule) return "scheduler:DeleteSchedule";
  return {};
}

/// The group in an ARN of a group or of a schedule.
std::optional<std::string> group_in(std::string_view arn) {
  const std::size_t slash = arn.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view rest = arn.substr(slash + 1);
  return std::string(rest.substr(0, rest.find('/')));
}

}  // namespace

/// A request without a group is about the default one, which a table of members cannot say.
void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<services::Need>& needs) const {
  const std::string_view action = action_on_schedule(operation);
  if (action.empty()) return ServiceBase::add_needs(context, operation, request, needs);
  const std::string* group = services::find_text(operation, request, "GroupName");
  const std::string* name = services::find_text(operation, request, "Name");
  needs.push_back({.action = action,
                   .resource = arn_of_schedule({context.account, context.region,
                                                group ? *group : std::string(default_group),
                                                name ? *name : std::string("*")})});
}

/// Schedules have the tags of their group.
std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  if (!key.starts_with(resource_tag)) return std::nullopt;
  const std::optional<std::string> name = group_in(inquiry.resource);
  if (!name) return std::nullopt;
  const auto record = groups_.find({inquiry.context.account, inquiry.context.region, *name});
  if (!record) return std::nullopt;
  // Keys of conditions have no case.
  for (const auto& [tag, value] : record->tags) {
    std::string lower;
    for (const char c : tag) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower == key.substr(resource_tag.size())) return std::vector{value};
  }
  return std::nullopt;
}

/// AWS tries to assume the role when a schedule is made; here that is asked where policies decide.
/// To the trust policy the group is the source, as AWS documents it.
void Service::require_role(const services::Inquiry& inquiry, const std::string& role) {
  services::Decider* decider = this->decider();
  if (!decider) return;
  decider->require_pass_role(*this, inquiry, role, service_principal);
  if (!decider->enforces() || !neighbours_.directory) return;
  Context scheduler{.account = inquiry.context.account, .region = inquiry.context.region};
  scheduler.service_principal = service_principal;
  scheduler.source_account = inquiry.context.account;
  scheduler.source_arn = arn_of_group({inquiry.context.account, inquiry.context.region,
                                       group_in(inquiry.resource).value_or(default_group)});
  if (services::why_not_trusted(*decider, *neighbours_.directory,
                                {.role = role, .taker = scheduler, .operation = inquiry.operation}))
    throw ValidationException(
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
}

protocol::ServiceError Service::refusal(const services::Inquiry&, std::string sentence) const {
  constexpr int forbidden = 403;
  return {"AccessDeniedException", forbidden, std::move(sentence)};
}

}  // namespace matinee::scheduler
