// Rotation: a function makes new values. What was asked for is kept and described; the calls are
// made by rotation_runs.cpp.
#include <charconv>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/rotation_schedule.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"
#include "services/secretsmanager/tokens.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::uint32_t test_step = 2;
constexpr int server_fault = 500;

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

void Service::plan_rotation(RotationRecord& rotation) {
  rotation.next.reset();
  if (!rotation.run) rotation.due.reset();
  store_.on_commit([this] { await_rotation(); });
  const auto schedule = schedule_of(rotation);
  if (!schedule) return;
  rotation.next = schedule->next(now(), read_hours(rotation.duration));
  // As soon as the window opens, so that there is time to try again in it. Without a function, as
  // partners' secrets are, nobody can be called.
  if (!rotation.run && !rotation.function.empty()) rotation.due = schedule->next_start(now());
}

RotationRecord Service::configure_rotation(const Found& found,
                                           const RotateSecretRequest& request) const {
  require_token(request.client_request_token);
  RotationRecord rotation = found.secret.rotation.value_or(RotationRecord{});
  if (request.rotation_lambda_arn && !request.rotation_lambda_arn->empty())
    rotation.function = *request.rotation_lambda_arn;
  require_function(found.secret, rotation);
  if (request.rotation_rules) take_rules(*request.rotation_rules, rotation);
  take_partner(request, rotation);
  rotation.enabled = true;
  return rotation;
}

RotateSecretResponse Service::begin_rotation(const Context& context,
                                             const RotateSecretRequest& request) {
  storage::Transaction transaction(store_);
  Found found = require_writable(context, request.secret_id);
  RotationRecord rotation = configure_rotation(found, request);
  const std::string version = *request.client_request_token;
  RotateSecretResponse response{.arn = secret_arn(found.place, found.secret),
                                .name = found.secret.name,
                                .version_id = version};
  const VersionRecord* pending = find_stage(found.secret, pending_stage);
  if (pending && !pending->stages.contains(std::string(current_stage))) {
    // The same request once more.
    if (rotation.run && rotation.run->version == version) return response;
    // One that was given up is made again, by what is configured already.
    if (functions_ && found.secret.rotation && !found.secret.rotation->run) {
      found.secret.rotation->run =
          RotationRun{.version = pending->id, .token = runtime_.random.uuid()};
      found.secret.rotation->due = now();
      save(context, found);
      store_.on_commit([this] { await_rotation(); });
      transaction.commit();
    }
    throw InvalidRequestException(
        "A previous rotation isn't complete. That rotation will be reattempted.");
  }
  rotation.run.reset();
  plan_rotation(rotation);
  const bool is_possible = functions_ && !rotation.function.empty();
  if (is_possible) {
    if (find_version(found.secret, version))
      throw ResourceExistsException(
          "A version of the secret with this ClientRequestToken exists already.");
    found.secret.versions.push_back(VersionRecord{
        .id = version, .created = now(), .key = found.secret.key, .has_value = false});
    move_stage(found.secret, std::string(pending_stage), version);
    const bool is_test = !request.rotate_immediately.value_or(true);
    rotation.run = RotationRun{.version = version,
                               .token = runtime_.random.uuid(),
                               .step = is_test ? test_step : 0,
                               .is_test = is_test};
    rotation.due = now();
  }
  found.secret.rotation = std::move(rotation);
  save(context, found);
  transaction.commit();
  if (is_possible) return response;
  throw protocol::ServiceError(
      "NotImplemented", 501,
      "The secret is not rotated: that calls a Lambda function, and there is none here. Its "
      "rotation configuration is kept.");
}

/// A task, so that its transaction is its own: what is kept of a request outlives the answer that
/// nothing was rotated.
runtime::Task<RotateSecretResponse> Service::rotate_secret(const Context& context,
                                                           const RotateSecretRequest& request) {
  const Found found = require_writable(context, request.secret_id);
  const RotationRecord rotation = configure_rotation(found, request);
  if (functions_ && !rotation.function.empty()) {
    services::FunctionCall trial{.function = rotation.function,
                                 .payload = "{}",
                                 .service_principal = std::string(rotation_principal),
                                 .source_arn = secret_arn(found.place, found.secret),
                                 .source_account = found.place.account,
                                 .is_try = true};
    bool is_refused = false;
    try {
      co_await functions_->call(std::move(trial));
    } catch (const protocol::ServiceError& error) {
      if (error.status() >= server_fault) throw;
      is_refused = true;
    }
    // To a caller that its policy does not know, a function is as good as not there.
    if (is_refused)
      throw protocol::ServiceError(
          "AccessDeniedException", 400,
          "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
          "policy grants access to the principal secretsmanager.amazonaws.com.");
  }
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
    found.secret.rotation->run.reset();
    found.secret.rotation->due.reset();
    save(context, found);
  }
  return response;
}

}  // namespace matinee::secretsmanager
