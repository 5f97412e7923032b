// Roles that are assumed, by whom, and for how long.
#include <fmt/format.h>

#include "runtime/log.h"
#include "services/sts/service.h"
#include "services/sts/trust.h"
#include "sts/operations.h"

namespace matinee::sts {

namespace {

using services::PrincipalKind;

constexpr std::int32_t role_seconds = 3'600;
/// Of a role that was assumed with the credentials of another one.
constexpr std::int32_t most_chained_seconds = 3'600;

}  // namespace

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  return {.let_in = &inquiry.operation == &operations::AssumeRole};
}

/// Whoever may not assume a role is told no reason, unless somebody has said no.
protocol::ServiceError Service::refusal(const services::Inquiry& inquiry,
                                        std::string sentence) const {
  const std::size_t reason = sentence.find(" because no ");
  if (&inquiry.operation == &operations::AssumeRole && reason != std::string::npos)
    sentence.resize(reason);
  return AccessDenied(std::move(sentence));
}

Service::Assumption Service::begin(std::string_view action, const std::string& role_arn,
                                   const std::string& refusal) const {
  std::optional<Role> role = parse_role(role_arn);
  if (!role) throw AccessDenied(refusal);
  Assumption assumption{.role = *std::move(role), .action = std::string(action)};
  if (neighbours_.directory)
    assumption.known =
        neighbours_.directory->find_role(assumption.role.account, assumption.role.name);
  // With another path it is another role.
  if (assumption.known && assumption.known->arn != role_arn) assumption.known = nullptr;
  if (assumption.known) assumption.role.id = assumption.known->id;
  if (!assumption.known && neighbours_.iam == services::IamMode::enforce)
    throw AccessDenied(refusal);
  return assumption;
}

void Service::require_trust(const Context& context, const Assumption& assumption) const {
  if (neighbours_.iam == services::IamMode::off || !assumption.known) return;
  const std::optional<std::string> refusal =
      find_refusal({.context = context,
                    .role = *assumption.known,
                    .action = assumption.action,
                    .wishes = assumption.wishes,
                    .session_name = assumption.session_name,
                    .external_id = assumption.external_id,
                    .mfa_at = assumption.mfa_at,
                    .seconds = assumption.seconds,
                    .now = clock_.now(),
                    .provider = assumption.provider,
                    .provider_keys = &assumption.provider_keys},
                   *neighbours_.directory);
  if (!refusal) return;
  if (neighbours_.iam == services::IamMode::enforce) throw AccessDenied(*refusal);
  spdlog::info("Would be refused: {}", *refusal);
}

Service::Assumed Service::assume(const Context& context, Assumption assumption) {
  const bool is_chained =
      assumption.provider.empty() && context.principal == PrincipalKind::role_session;
  if (is_chained && context.session) inherit(assumption.wishes, *context.session);
  if (!assumption.wishes.policy.empty()) require_session_policy(assumption.wishes.policy);
  const std::optional<std::int32_t> percent = packed_size(assumption.wishes);
  require_trust(context, assumption);
  const std::int32_t seconds = assumption.seconds.value_or(role_seconds);
  if (is_chained && seconds > most_chained_seconds)
    throw ValidationError(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining");
  // What services take on is not limited by it, as AWS documents.
  const bool is_limited = context.service_principal.empty() && assumption.known;
  if (is_limited && seconds > assumption.known->max_session_seconds)
    throw ValidationError(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");

  const Role& role = assumption.role;
  SessionWishes& wishes = assumption.wishes;
  Assumed assumed{.packed_size = percent};
  if (!wishes.source_identity.empty()) assumed.source_identity = wishes.source_identity;
  auto details = std::make_shared<services::CallerSession>();
  details->policy = std::move(wishes.policy);
  details->policy_arns = std::move(wishes.policy_arns);
  details->tags = std::move(wishes.tags);
  details->transitive_keys = std::move(wishes.transitive_keys);
  details->source_identity = std::move(wishes.source_identity);
  details->issued_at = clock_.now();
  details->mfa_at = assumption.mfa_at;
  details->provider = std::move(assumption.provider);
  details->provider_keys = std::move(assumption.provider_keys);
  details->is_chained = is_chained;
  Session session{.access_key = {},
                  .account = role.account,
                  .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", role.partition,
                                     role.account, role.name, assumption.session_name),
                  .user_id = fmt::format("{}:{}", role.id, assumption.session_name),
                  .role_arn = role.arn,
                  .expires_at = {},
                  .kind = PrincipalKind::role_session,
                  .details = std::move(details)};
  assumed.user = {.assumed_role_id = session.user_id, .arn = session.arn};
  assumed.credentials = issue(std::move(session), seconds, assumption.least_token);
  return assumed;
}

AssumeRoleResponse Service::assume_role(const Context& context, const AssumeRoleRequest& request) {
  constexpr std::string_view action = "sts:AssumeRole";
  // Neither with keys of the account's root user nor with a session of GetSessionToken. Who learns
  // has no other keys: where policies do not decide, it may.
  if (neighbours_.iam == services::IamMode::enforce && context.principal == PrincipalKind::root)
    throw AccessDenied("Roles may not be assumed by root accounts.");
  SessionWishes wishes{.policy = request.policy.value_or(""),
                       .policy_arns = arns_of(request.policy_arns),
                       .tags = require_tags(request.tags)};
  wishes.transitive_keys = require_transitive_keys(request.transitive_tag_keys, wishes.tags);
  require_device(request.serial_number, request.token_code);
  Assumption assumption =
      begin(action, request.role_arn, not_authorized(context.caller_arn, action, request.role_arn));
  wishes.source_identity = request.source_identity.value_or("");
  // Once it is set, nobody changes it.
  const std::string known_source = context.session ? context.session->source_identity : "";
  if (request.source_identity && !known_source.empty() && known_source != wishes.source_identity)
    throw AccessDenied(
        not_authorized(context.caller_arn, "sts:SetSourceIdentity", request.role_arn));
  assumption.wishes = std::move(wishes);
  assumption.session_name = request.role_session_name;
  assumption.seconds = request.duration_seconds;
  assumption.external_id = request.external_id.value_or("");
  assumption.mfa_at = check_factor(context, request.serial_number, request.token_code);
  assumption.least_token = request.minimum_session_token_size.value_or(0);
  Assumed assumed = assume(context, std::move(assumption));
  AssumeRoleResponse response;
  response.credentials = std::move(assumed.credentials);
  response.assumed_role_user = std::move(assumed.user);
  response.packed_policy_size = assumed.packed_size;
  response.source_identity = std::move(assumed.source_identity);
  return response;
}

services::RoleCredentials Service::take_on(const services::RoleWish& wish) {
  constexpr std::string_view action = "sts:AssumeRole";
  Assumption assumption = begin(action, wish.role, not_authorized(wish.service, action, wish.role));
  Context service{.account = assumption.role.account};
  service.service_principal = wish.service;
  service.source_arn = wish.source_arn;
  service.source_account = assumption.role.account;
  assumption.session_name = wish.session_name;
  assumption.seconds = wish.seconds;
  const Assumed assumed = assume(service, std::move(assumption));
  return {.access_key = assumed.credentials.access_key_id,
          .secret_key = assumed.credentials.secret_access_key,
          .token = assumed.credentials.session_token,
          .expires_at = assumed.credentials.expiration};
}

}  // namespace matinee::sts
