#include "services/sts/service.h"

#include <fmt/format.h>

#include "services/sts/requests.h"
#include "sts/operations.h"

namespace matinee::sts {

namespace {

constexpr storage::TableId keys_table{0x0401};
constexpr std::uint64_t current_key = 1;

constexpr std::int32_t role_seconds = 3'600;
constexpr std::int32_t user_seconds = 43'200;
/// Of a role that was assumed with the credentials of another one.
constexpr std::int32_t most_chained_seconds = 3'600;

std::string root_of(const std::string& account) {
  return fmt::format("arn:aws:iam::{}:root", account);
}

Session session_of(const Role& role, const std::string& name) {
  return {.access_key = {},
          .account = role.account,
          .arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", role.partition, role.account,
                             role.name, name),
          .user_id = fmt::format("{}:{}", role.id, name),
          .role_arn = role.arn,
          .expires_at = {}};
}

AssumedRoleUser describe(const Session& session) {
  return {.assumed_role_id = session.user_id, .arn = session.arn};
}

void require_long_term_key(const Context& context, std::string_view operation) {
  if (!context.caller_id.empty())
    throw AccessDenied(fmt::format("Cannot call {} with session credentials", operation));
}

}  // namespace

Service::Service(storage::Store& store, runtime::Clock& clock, runtime::Random& random)
    : ServiceBase(sts::model),
      store_(store),
      clock_(clock),
      random_(random),
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
  if (&operation == &operations::AssumeRoleWithWebIdentity)
    return ValidationError("Request ARN is invalid");
  return ValidationError(fmt::format("{} is invalid", bad_arn->value));
}

/// The root of an account has the account's number for an id; a session has what it was issued
/// with, and a user one that follows from the access key here.
GetCallerIdentityResponse Service::get_caller_identity(const Context& context,
                                                       const GetCallerIdentityRequest&) {
  const std::string root = root_of(context.account);
  const std::string arn = context.caller_arn.empty() ? root : context.caller_arn;
  const bool is_root = arn == root || context.access_key.empty();
  std::string id = is_root ? context.account : context.access_key;
  if (!context.caller_id.empty()) id = context.caller_id;
  return {.user_id = std::move(id), .account = context.account, .arn = arn};
}

AssumeRoleResponse Service::assume_role(const Context& context, const AssumeRoleRequest& request) {
  if (request.tags) require_distinct_keys(*request.tags);
  require_device(request.serial_number, request.token_code);
  if (request.policy) require_json_policy(*request.policy);
  const std::int32_t seconds = request.duration_seconds.value_or(role_seconds);
  const bool is_chained = context.caller_arn.contains(":assumed-role/");
  if (is_chained && seconds > most_chained_seconds)
    throw ValidationError(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining");
  const std::optional<Role> role = parse_role(request.role_arn);
  if (!role)
    throw AccessDenied(
        fmt::format("User: {} is not authorized to perform: sts:AssumeRole on "
                    "resource: {}",
                    context.caller_arn, request.role_arn));
  const Session session = session_of(*role, request.role_session_name);
  AssumeRoleResponse response;
  response.credentials = issue(session, seconds);
  response.assumed_role_user = describe(session);
  response.packed_policy_size = packed_size(request.policy, request.policy_arns, request.tags);
  response.source_identity = request.source_identity;
  return response;
}

/// The provider cannot be asked here: the token has to be well-formed and not expired, and is
/// believed. Where signatures are checked, the gateway lets no such call in, as nobody signs it.
AssumeRoleWithWebIdentityResponse Service::assume_role_with_web_identity(
    const Context&, const AssumeRoleWithWebIdentityRequest& request) {
  const std::optional<Role> role = parse_role(request.role_arn);
  if (!role) throw AccessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  if (request.policy) require_json_policy(*request.policy);
  const IdentityToken token = read_identity_token(request.web_identity_token, clock_.now());
  const Session session = session_of(*role, request.role_session_name);
  AssumeRoleWithWebIdentityResponse response;
  response.credentials = issue(session, request.duration_seconds.value_or(role_seconds));
  response.subject_from_web_identity_token = token.subject;
  response.assumed_role_user = describe(session);
  response.packed_policy_size = packed_size(request.policy, request.policy_arns, std::nullopt);
  response.provider = token.issuer;
  response.audience = token.audience;
  return response;
}

GetSessionTokenResponse Service::get_session_token(const Context& context,
                                                   const GetSessionTokenRequest& request) {
  require_long_term_key(context, "GetSessionToken");
  require_device(request.serial_number, request.token_code);
  const GetCallerIdentityResponse caller = get_caller_identity(context, {});
  const Session session{.access_key = {},
                        .account = context.account,
                        .arn = *caller.arn,
                        .user_id = *caller.user_id,
                        .role_arn = {},
                        .expires_at = {}};
  return {.credentials = issue(session, request.duration_seconds.value_or(user_seconds))};
}

GetFederationTokenResponse Service::get_federation_token(const Context& context,
                                                         const GetFederationTokenRequest& request) {
  require_long_term_key(context, "GetFederationToken");
  if (request.tags) require_distinct_keys(*request.tags);
  if (request.policy) require_json_policy(*request.policy);
  const Session session{
      .access_key = {},
      .account = context.account,
      .arn = fmt::format("arn:aws:sts::{}:federated-user/{}", context.account, request.name),
      .user_id = fmt::format("{}:{}", context.account, request.name),
      .role_arn = {},
      .expires_at = {}};
  GetFederationTokenResponse response;
  response.credentials = issue(session, request.duration_seconds.value_or(user_seconds));
  response.federated_user = FederatedUser{.federated_user_id = session.user_id, .arn = session.arn};
  response.packed_policy_size =
      packed_size(request.policy, request.policy_arns, request.tags).value_or(0);
  return response;
}

/// In whose name a call with that key acts here.
GetAccessKeyInfoResponse Service::get_access_key_info(const Context&,
                                                      const GetAccessKeyInfoRequest& request) {
  return {.account = account_of_access_key(request.access_key_id).value_or(Context().account)};
}

/// No service here hides a message in an error, so no text is one.
DecodeAuthorizationMessageResponse Service::decode_authorization_message(
    const Context&, const DecodeAuthorizationMessageRequest&) {
  throw InvalidAuthorizationMessageException("Message is not valid");
}

void Service::keep_key() {
  if (std::exchange(stored_, true)) return;
  store_.on_rollback([this] { stored_ = false; });
  keys_.put(current_key, key_bytes_);
}

Credentials Service::issue(Session session, std::int32_t seconds) {
  keep_key();
  session.access_key = make_access_key(session.account, random_);
  // Clients are told full seconds.
  session.expires_at =
      std::chrono::floor<std::chrono::seconds>(clock_.now()) + std::chrono::seconds(seconds);
  Issued issued = key_->issue(std::move(session));
  return {.access_key_id = std::move(issued.session.access_key),
          .secret_access_key = std::move(issued.secret_key),
          .session_token = std::move(issued.token),
          .expiration = issued.session.expires_at};
}

}  // namespace matinee::sts
