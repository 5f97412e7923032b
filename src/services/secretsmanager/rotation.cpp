// Rotation: a function makes new values. As long as no functions are served, rotating is not.
#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"

namespace matinee::secretsmanager {
namespace {

void require_rules(const RotateSecretRequest& request) {
  if (!request.rotation_rules) return;
  const RotationRulesType& rules = *request.rotation_rules;
  if (rules.automatically_after_days && rules.schedule_expression)
    throw InvalidParameterException(
        "You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.");
}

}  // namespace

/// Nothing is kept of a request that cannot be carried out: a secret that says that it is rotated
/// would never be.
RotateSecretResponse Service::rotate_secret(const Context& context,
                                            const RotateSecretRequest& request) {
  const Found found = require_writable(context, request.secret_id);
  require_token(request.client_request_token);
  require_rules(request);
  const bool configured = found.secret.rotation && !found.secret.rotation->function.empty();
  if (!request.rotation_lambda_arn && !configured)
    throw InvalidRequestException(
        "No Lambda rotation function ARN is associated with this secret.");
  const VersionRecord* pending = find_stage(found.secret, pending_stage);
  if (pending && !pending->stages.contains(std::string(current_stage)))
    throw InvalidRequestException(
        "A previous rotation isn't complete. That rotation will be reattempted.");
  throw protocol::ServiceError(
      "NotImplemented", 501,
      "Secrets cannot be rotated here: that calls a Lambda function, and Lambda is not served.");
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
