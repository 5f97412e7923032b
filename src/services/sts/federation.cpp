// Roles that are assumed by those whom an identity provider knows. Nobody signs these requests:
// the token or the assertion is the proof.
#include <fmt/format.h>

#include <array>

#include "runtime/log.h"
#include "services/arn.h"
#include "services/sts/saml.h"
#include "services/sts/service.h"

namespace matinee::sts {

namespace {

constexpr std::string_view web_action = "sts:AssumeRoleWithWebIdentity";
constexpr std::string_view saml_action = "sts:AssumeRoleWithSAML";
constexpr std::int32_t least_seconds = 900;
constexpr std::int32_t role_seconds = 3'600;

std::string refusal_of(std::string_view action) {
  return fmt::format("Not authorized to perform {}", action);
}

/// The providers that trust policies name by their hosts, and nobody has to register.
bool is_well_known(std::string_view host) {
  constexpr std::array<std::string_view, 4> hosts = {"accounts.google.com",
                                                     "cognito-identity.amazonaws.com",
                                                     "graph.facebook.com", "www.amazon.com"};
  return has(hosts, host);
}

std::string account_of(const std::string& role_arn) {
  const std::optional<Role> role = parse_role(role_arn);
  return role ? role->account : std::string();
}

void add_key(std::map<std::string, std::vector<std::string>>& keys, std::string name,
             std::vector<std::string> values) {
  if (values.empty() || values.front().empty()) return;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  keys[std::move(name)] = std::move(values);
}

std::map<std::string, std::vector<std::string>> keys_of(const IdentityToken& token) {
  std::map<std::string, std::vector<std::string>> keys;
  const std::string host(token.host());
  // Where a party was authorized to ask, it is the audience, and the audience the original one.
  const bool has_party = !token.authorized_party.empty();
  add_key(keys, host + ":aud", has_party ? std::vector{token.authorized_party} : token.audiences);
  if (has_party) add_key(keys, host + ":oaud", token.audiences);
  add_key(keys, host + ":sub", {token.subject});
  add_key(keys, host + ":amr", token.methods);
  for (const auto& [name, value] : token.own_claims) add_key(keys, host + ":" + name, {value});
  return keys;
}

std::map<std::string, std::vector<std::string>> keys_of(const Assertion& assertion,
                                                        const std::string& qualifier) {
  std::map<std::string, std::vector<std::string>> keys;
  add_key(keys, "saml:aud", {assertion.recipient});
  add_key(keys, "saml:iss", {assertion.issuer});
  add_key(keys, "saml:sub", {assertion.subject});
  add_key(keys, "saml:sub_type", {assertion.subject_type});
  add_key(keys, "saml:namequalifier", {qualifier});
  return keys;
}

/// The keys of tags must be among the tags.
std::vector<std::string> known_keys(const std::vector<std::string>& keys,
                                    const std::map<std::string, std::string>& tags) {
  return require_transitive_keys(keys, tags);
}

}  // namespace

std::optional<services::OpenIdProvider> Service::find_provider(const std::string& account,
                                                               const IdentityToken& token) const {
  if (!neighbours_.providers || account.empty()) return std::nullopt;
  return neighbours_.providers->find_open_id_provider(account, token.host());
}

/// The signature is checked for providers that are registered: of others nobody has said that they
/// are to be asked.
runtime::Task<AssumeRoleWithWebIdentityResponse> Service::assume_role_with_web_identity(
    const Context& context, const AssumeRoleWithWebIdentityRequest& request) {
  const Context caller = context;
  if (!parse_role(request.role_arn)) throw AccessDenied(refusal_of(web_action));
  if (request.policy) require_session_policy(*request.policy);
  IdentityToken token = read_identity_token(request.web_identity_token, clock_.now());
  if (neighbours_.http && find_provider(account_of(request.role_arn), token)) {
    const SignatureCheck check =
        co_await check_signature(*neighbours_.http, token.issuer, request.web_identity_token);
    if (check == SignatureCheck::bad)
      throw InvalidIdentityTokenException(
          "Couldn't retrieve verification key from your identity provider,  please reference "
          "AssumeRoleWithWebIdentity documentation for requirements");
    if (check == SignatureCheck::not_reached)
      spdlog::warn("{} cannot be asked for its keys: the claims of its token are believed.",
                   token.issuer);
  }
  storage::Transaction transaction(store_);
  AssumeRoleWithWebIdentityResponse response = accept(caller, request, std::move(token));
  transaction.commit();
  co_return response;
}

AssumeRoleWithWebIdentityResponse Service::accept(const Context& context,
                                                  const AssumeRoleWithWebIdentityRequest& request,
                                                  IdentityToken token) {
  const std::string account = account_of(request.role_arn);
  const std::optional<services::OpenIdProvider> provider = find_provider(account, token);
  if (provider && !provider->client_ids.empty() &&
      !std::ranges::any_of(token.audiences, [&](const std::string& audience) {
        return has(provider->client_ids, audience);
      }))
    throw InvalidIdentityTokenException("Incorrect token audience");
  if (!provider && !is_well_known(token.host()) && neighbours_.iam == services::IamMode::enforce)
    throw InvalidIdentityTokenException(
        fmt::format("No OpenIDConnect provider found in your account for {}", token.issuer));
  Assumption assumption = begin(web_action, request.role_arn, refusal_of(web_action));
  assumption.session_name = request.role_session_name;
  assumption.wishes = {.policy = request.policy.value_or(""),
                       .policy_arns = arns_of(request.policy_arns),
                       .tags = token.tags,
                       .transitive_keys = known_keys(token.transitive_keys, token.tags),
                       .source_identity = token.source_identity};
  assumption.seconds = request.duration_seconds;
  assumption.least_token = request.minimum_session_token_size.value_or(0);
  assumption.provider = provider ? provider->arn : std::string(token.host());
  assumption.provider_keys = keys_of(token);
  Assumed assumed = assume(context, std::move(assumption));
  AssumeRoleWithWebIdentityResponse response;
  response.credentials = std::move(assumed.credentials);
  response.assumed_role_user = std::move(assumed.user);
  response.packed_policy_size = assumed.packed_size;
  response.source_identity = std::move(assumed.source_identity);
  response.provider = provider ? provider->arn : token.issuer;
  response.audience = std::move(token.audience);
  response.subject_from_web_identity_token = std::move(token.subject);
  return response;
}

AssumeRoleWithSAMLResponse Service::assume_role_with_saml(
    const Context& context, const AssumeRoleWithSAMLRequest& request) {
  const std::optional<services::Arn> provider_arn = services::parse_arn(request.principal_arn);
  constexpr std::string_view kind = "saml-provider/";
  if (!parse_role(request.role_arn) || !provider_arn || !provider_arn->resource.starts_with(kind))
    throw ValidationError("Request ARN is invalid");
  Assertion assertion = read_assertion(request.saml_assertion, clock_.now());
  std::optional<services::SamlProvider> provider;
  if (neighbours_.providers)
    provider = neighbours_.providers->find_saml_provider(request.principal_arn);
  if (!provider && neighbours_.iam == services::IamMode::enforce)
    throw InvalidIdentityTokenException("Specified provider doesn't exist");
  if (provider && !provider->entity_id.empty() && provider->entity_id != assertion.issuer)
    throw InvalidIdentityTokenException("Issuer not present in specified provider");
  if (!has(assertion.roles, std::pair(request.role_arn, request.principal_arn)))
    throw AccessDenied(refusal_of(saml_action));
  if (provider)
    spdlog::warn("The signature of an assertion of {} is not checked: its claims are believed.",
                 assertion.issuer);
  Assumption assumption = begin(saml_action, request.role_arn, refusal_of(saml_action));
  const std::string name = provider_arn->resource.substr(kind.size());
  const std::string qualifier = name_qualifier(assertion.issuer, provider_arn->account, name);
  assumption.session_name = assertion.session_name;
  assumption.wishes = {.policy = request.policy.value_or(""),
                       .policy_arns = arns_of(request.policy_arns),
                       .tags = assertion.tags,
                       .transitive_keys = known_keys(assertion.transitive_keys, assertion.tags),
                       .source_identity = assertion.source_identity};
  // The shortest of what is asked for counts.
  std::int32_t seconds =
      request.duration_seconds.value_or(assertion.session_seconds.value_or(role_seconds));
  if (assertion.session_seconds) seconds = std::min(seconds, *assertion.session_seconds);
  if (assertion.session_ends) {
    const auto left =
        std::chrono::floor<std::chrono::seconds>(*assertion.session_ends - clock_.now());
    if (left.count() < seconds) seconds = static_cast<std::int32_t>(left.count());
  }
  assumption.seconds = std::max(seconds, least_seconds);
  assumption.least_token = request.minimum_session_token_size.value_or(0);
  assumption.provider = request.principal_arn;
  assumption.provider_keys = keys_of(assertion, qualifier);
  Assumed assumed = assume(context, std::move(assumption));
  AssumeRoleWithSAMLResponse response;
  response.credentials = std::move(assumed.credentials);
  response.assumed_role_user = std::move(assumed.user);
  response.packed_policy_size = assumed.packed_size;
  response.source_identity = std::move(assumed.source_identity);
  response.subject = std::move(assertion.subject);
  response.subject_type = std::move(assertion.subject_type);
  response.issuer = std::move(assertion.issuer);
  response.audience = std::move(assertion.recipient);
  response.name_qualifier = qualifier;
  return response;
}

}  // namespace matinee::sts
