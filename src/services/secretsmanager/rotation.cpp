// Rotation: a function makes new values. What was asked for is kept and described; as long as no
// functions are served, nothing can be rotated.
#include <charconv>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/rotation_schedule.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"

namespace matinee::secretsmanager {
namespace {

/// "3h", whose form the model has checked.
std::optional<std::int64_t> read_hours(std::string_view duration) {
  std::int64_t hours = 0;
  if (duration.empty()) return std::nullopt;
  std::from_chars(duration.data(), duration.data() + duration.size(), hours);
  return hours;
}

std::optional<RotationSchedule> schedule_of(const RotationRecord& rotation) {
  if (rotation.days) return RotationSchedule::every_days(*rotation.days);
  if (rotation.schedule.empty()) return std::nullopt;
  return RotationSchedule::parse(rotation.schedule);
}

void take_rules(const RotationRulesType& rules, RotationRecord& rotation) {
  if (rules.automatically_after_days && rules.schedule_expression)
    throw InvalidParameterException(
        "You cannot specify both rotation frequency and schedule expression together.");
  rotation.days = rules.automatically_after_days;
  rotation.schedule = rules.schedule_expression.value_or("");
  rotation.duration = rules.duration.value_or("");
  const auto schedule = schedule_of(rotation);
  if (!rotation.schedule.empty() && !schedule)
    throw InvalidParameterException(
        "The ScheduleExpression is not valid. Specify a rate() of at least 4 hours and at most 999 "
        "days, or a cron() with the minutes 0, the year * and hours at least 4 apart.");
  if (rotation.duration.empty()) return;
  if (!schedule)
    throw InvalidParameterException(
        "You can't specify Duration without AutomaticallyAfterDays or ScheduleExpression.");
  if (!schedule->takes(*read_hours(rotation.duration)))
    throw InvalidParameterException(
        "The Duration is not valid: the rotation window must not extend into the next rotation "
        "window or the next UTC day.");
}

void take_partner(const RotateSecretRequest& request, RotationRecord& rotation) {
  if (request.external_secret_rotation_role_arn)
    rotation.partner_role = *request.external_secret_rotation_role_arn;
  if (!request.external_secret_rotation_metadata) return;
  rotation.partner_data.clear();
  for (const ExternalSecretRotationMetadataItem& item : *request.external_secret_rotation_metadata)
    rotation.partner_data.emplace_back(item.key.value_or(""), item.value.value_or(""));
}

// A partner's secret has no function: AWS rotates it with the partner.
void require_function(const SecretRecord& secret, const RotationRecord& rotation) {
  if (rotation.function.empty() && secret.type.empty())
    throw InvalidRequestException(
        "No Lambda rotation function ARN is associated with this secret.");
}

}  // namespace

void Service::plan_rotation(RotationRecord& rotation) const {
  rotation.next.reset();
  if (const auto schedule = schedule_of(rotation))
    rotation.next = schedule->next(now(), read_hours(rotation.duration));
}

RotateSecretResponse Service::begin_rotation(const Context& context,
                                             const RotateSecretRequest& request) {
  storage::Transaction transaction(store_);
  Found found = require_writable(context, request.secret_id);
  require_token(request.client_request_token);
  RotationRecord rotation = found.secret.rotation.value_or(RotationRecord{});
  if (request.rotation_lambda_arn && !request.rotation_lambda_arn->empty())
    rotation.function = *request.rotation_lambda_arn;
  require_function(found.secret, rotation);
  if (request.rotation_rules) take_rules(*request.rotation_rules, rotation);
  take_partner(request, rotation);
  const VersionRecord* pending = find_stage(found.secret, pending_stage);
  if (pending && !pending->stages.contains(std::string(current_stage)))
    throw InvalidRequestException(
        "A previous rotation isn't complete. That rotation will be reattempted.");
  rotation.enabled = true;
  plan_rotation(rotation);
  found.secret.rotation = std::move(rotation);
  save(context, found);
  transaction.commit();
  throw protocol::ServiceError(
      "NotImplemented", 501,
      "The secret is not rotated: that calls a Lambda function, and Lambda is not served here yet. "
      "Its rotation configuration is kept.");
}

/// A task, so that its transaction is its own: what is kept of a request outlives the answer that
/// nothing was rotated.
runtime::Task<RotateSecretResponse> Service::rotate_secret(const Context& context,
                                                           const RotateSecretRequest& request) {
  co_return begin_rotation(context, request);
}

CancelRotateSecretResponse Service::cancel_rotate_secret(const Context& context,
                                                         const CancelRotateSecretRequest& request) {
  Found found = require_writable(context, request.secret_id);
  CancelRotateSecretResponse response{.arn = secret_arn(found.place, found.secret),
                                      .name = found.secret.name};
  if (const VersionRecord* pending = find_stage(found.secret, pending_stage);
      pending && !pending->stages.contains(std::string(current_stage)))
    response.version_id = pending->id;
  if (found.secret.rotation && found.secret.rotation->enabled) {
    found.secret.rotation->enabled = false;
    found.secret.rotation->next.reset();
    save(context, found);
  }
  return response;
}

}  // namespace matinee::secretsmanager
