#include "services/sts/service.h"

#include <fmt/format.h>

#include "sts/operations.h"

namespace matinee::sts {

namespace {

using services::PrincipalKind;

constexpr storage::TableId keys_table{0x0401};
constexpr std::uint64_t current_key = 1;

constexpr std::int32_t user_seconds = 43'200;
/// Whoever asks for more as root gets this.
constexpr std::int32_t most_root_seconds = 3'600;

std::string root_of(const std::string& account) {
  return fmt::format("arn:aws:iam::{}:root", account);
}

void require_long_term_key(const Context& context, std::string_view operation) {
  if (context.session)
    throw AccessDenied(fmt::format("Cannot call {} with session credentials", operation));
}

std::int32_t seconds_of(const Context& context, const std::optional<std::int32_t>& wanted) {
  const std::int32_t seconds = wanted.value_or(user_seconds);
  return context.principal == PrincipalKind::root ? std::min(seconds, most_root_seconds) : seconds;
}

}  // namespace

Service::Service(storage::Store& store, runtime::Clock& clock, runtime::Random& random,
                 const Neighbours& neighbours)
    : ServiceBase(sts::model),
      store_(store),
      clock_(clock),
      random_(random),
      neighbours_(neighbours),
      keys_(store, keys_table) {
  SessionKey::Bytes bytes;
  if (std::optional<std::string> stored = keys_.find(current_key)) {
    if (stored->size() != bytes.size()) throw storage::DamagedRecord("a session key of no size");
    std::ranges::copy(*stored, bytes.begin());
    stored_ = true;
  } else {
    random_.fill(bytes);
  }
  key_bytes_.assign(bytes.begin(), bytes.end());
  key_ = std::make_shared<const SessionKey>(bytes);
}

/// Such as this service says it: whatever is wrong with a request, the role's ARN comes first.
protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  const auto is_no_arn = [](const protocol::Violation& violation) {
    return violation.path == "RoleArn" && violation.rule == protocol::Rule::pattern;
  };
  const auto is_short = [](const protocol::Violation& violation) {
    return violation.path == "RoleArn" && violation.rule != protocol::Rule::pattern;
  };
  const auto bad_arn = std::ranges::find_if(violations, is_no_arn);
  if (bad_arn == violations.end()) return ValidationError(protocol::describe(violations));
  if (std::ranges::any_of(violations, is_short)) {
    protocol::Violations others;
    for (const protocol::Violation& violation : violations)
      if (!is_no_arn(violation)) others.push_back(violation);
    return ValidationError(protocol::describe(others));
  }
  if (&operation != &operations::AssumeRole) return ValidationError("Request ARN is invalid");
  return ValidationError(fmt::format("{} is invalid", bad_arn->value));
}

/// The root of an account has the account's number for an id, users and sessions have their own.
GetCallerIdentityResponse Service::get_caller_identity(const Context& context,
                                                       const GetCallerIdentityRequest&) {
  const std::string root = root_of(context.account);
  const std::string arn = context.caller_arn.empty() ? root : context.caller_arn;
  const bool is_root = arn == root || context.access_key.empty();
  std::string id = is_root ? context.account : context.access_key;
  if (!context.caller_id.empty()) id = context.caller_id;
  return {.user_id = std::move(id), .account = context.account, .arn = arn};
}

GetSessionTokenResponse Service::get_session_token(const Context& context,
                                                   const GetSessionTokenRequest& request) {
  require_long_term_key(context, "GetSessionToken");
  require_device(request.serial_number, request.token_code);
  const GetCallerIdentityResponse caller = get_caller_identity(context, {});
  const services::CallerSession details{
      .issued_at = clock_.now(),
      .mfa_at = check_factor(context, request.serial_number, request.token_code)};
  Session session{.access_key = {},
                  .account = context.account,
                  .arn = *caller.arn,
                  .user_id = *caller.user_id,
                  .role_arn = {},
                  .expires_at = {},
                  .kind = context.principal,
                  .details = std::make_shared<const services::CallerSession>(details)};
  return {.credentials = issue(std::move(session), seconds_of(context, request.duration_seconds),
                               request.minimum_session_token_size.value_or(0))};
}

GetFederationTokenResponse Service::get_federation_token(const Context& context,
                                                         const GetFederationTokenRequest& request) {
  require_long_term_key(context, "GetFederationToken");
  SessionWishes wishes{.policy = request.policy.value_or(""),
                       .policy_arns = arns_of(request.policy_arns),
                       .tags = require_tags(request.tags)};
  if (request.policy) require_session_policy(wishes.policy);
  const std::int32_t percent = packed_size(wishes).value_or(0);
  const services::CallerSession details{
      .policy = std::move(wishes.policy),
      .policy_arns = std::move(wishes.policy_arns),
      .tags = std::move(wishes.tags),
      .issued_at = clock_.now(),
      .issuer_arn = context.caller_arn.empty() ? root_of(context.account) : context.caller_arn};
  Session session{
      .access_key = {},
      .account = context.account,
      .arn = fmt::format("arn:aws:sts::{}:federated-user/{}", context.account, request.name),
      .user_id = fmt::format("{}:{}", context.account, request.name),
      .role_arn = {},
      .expires_at = {},
      .kind = PrincipalKind::federated_user,
      .details = std::make_shared<const services::CallerSession>(details)};
  GetFederationTokenResponse response;
  response.federated_user = FederatedUser{.federated_user_id = session.user_id, .arn = session.arn};
  response.credentials = issue(std::move(session), seconds_of(context, request.duration_seconds),
                               request.minimum_session_token_size.value_or(0));
  response.packed_policy_size = percent;
  return response;
}

/// In whose name a call with that key acts here.
GetAccessKeyInfoResponse Service::get_access_key_info(const Context&,
                                                      const GetAccessKeyInfoRequest& request) {
  if (neighbours_.access_keys)
    if (auto owner = neighbours_.access_keys->find(request.access_key_id))
      return {.account = std::move(owner->account)};
  return {.account = account_of_access_key(request.access_key_id).value_or(Context().account)};
}

/// AWS hides messages in the errors of a few services only, none of which is here: so no text is
/// one.
DecodeAuthorizationMessageResponse Service::decode_authorization_message(
    const Context&, const DecodeAuthorizationMessageRequest&) {
  throw InvalidAuthorizationMessageException("Message is not valid");
}

std::optional<runtime::Time> Service::check_factor(const Context& context,
                                                   const std::optional<std::string>& serial_number,
                                                   const std::optional<std::string>& code) {
  using Verdict = services::SecondFactors::Verdict;
  if (!serial_number || !code) return std::nullopt;
  const Verdict verdict = neighbours_.factors
                              ? neighbours_.factors->check_code(
                                    context.account, context.user_name(), *serial_number, *code)
                              : Verdict::unknown_device;
  if (verdict == Verdict::wrong_code)
    throw AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
  // Root has no devices here that could be asked, unless it has made one.
  const bool is_believed =
      neighbours_.iam != services::IamMode::enforce && context.principal == PrincipalKind::root;
  if (verdict == Verdict::unknown_device && !is_believed)
    throw AccessDenied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA "
        "serial number is valid and associated with this user.");
  return clock_.now();
}

void Service::keep_key() {
  if (std::exchange(stored_, true)) return;
  store_.on_rollback([this] { stored_ = false; });
  keys_.put(current_key, key_bytes_);
}

Credentials Service::issue(Session session, std::int32_t seconds, std::int32_t least_token) {
  keep_key();
  session.access_key = make_access_key(session.account, random_);
  // Clients are told full seconds.
  session.expires_at =
      std::chrono::floor<std::chrono::seconds>(clock_.now()) + std::chrono::seconds(seconds);
  Issued issued = key_->issue(session);
  if (const auto least = static_cast<std::size_t>(least_token); issued.token.size() < least) {
    session.padding.assign((least - issued.token.size()) * 3 / 4 + 3, ' ');
    issued = key_->issue(std::move(session));
  }
  return {.access_key_id = std::move(issued.session.access_key),
          .secret_access_key = std::move(issued.secret_key),
          .session_token = std::move(issued.token),
          .expiration = issued.session.expires_at};
}

}  // namespace matinee::sts
