#include "services/sts/web_identity.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "policy/wildcard.h"
#include "services/sts/base64url.h"
#include "sts/errors.h"

namespace matinee::sts {

namespace {

using simdjson::dom::object;

[[noreturn]] void refuse_token() {
  throw InvalidIdentityTokenException(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access "
      "Token)");
}

std::string require_claim(const object& claims, std::string_view name) {
  std::string_view text;
  if (claims[name].get(text) || text.empty())
    throw InvalidIdentityTokenException(fmt::format("Missing a required claim: {}", name));
  return std::string(text);
}

/// A text, or a list of them.
std::vector<std::string> texts_of(const object& claims, std::string_view name) {
  std::vector<std::string> texts;
  std::string_view text;
  if (simdjson::dom::array list; !claims[name].get(list)) {
    for (const auto each : list)
      if (!each.get(text)) texts.emplace_back(text);
  } else if (!claims[name].get(text) && !text.empty()) {
    texts.emplace_back(text);
  }
  return texts;
}

void require_not_expired(const object& claims, runtime::Time now) {
  double expiry = 0;
  if (claims["exp"].get(expiry))
    throw InvalidIdentityTokenException("Missing a required claim: exp");
  const std::int64_t seconds = runtime::to_seconds(now);
  if (static_cast<double>(seconds) >= expiry)
    throw ExpiredTokenException(
        fmt::format("Token expired: current date/time {} must be before the expiration date/time "
                    "{:.0f}",
                    seconds, expiry));
}

/// The claims by which AWS lets a provider set session tags and the source identity.
void read_session_claims(const object& claims, IdentityToken& token) {
  object tags;
  if (!claims["https://aws.amazon.com/tags"].get(tags)) {
    object values;
    if (!tags["principal_tags"].get(values))
      for (const auto& [key, value] : values)
        for (const std::string& text : texts_of(values, key)) token.tags[std::string(key)] = text;
    token.transitive_keys = texts_of(tags, "transitive_tag_keys");
  }
  for (std::string& text : texts_of(claims, "https://aws.amazon.com/source_identity"))
    token.source_identity = std::move(text);
}

/// What AWS makes condition keys of, beside aud and sub, of tokens of these issuers. Hosts may have
/// a star, and what follows a host may be anything.
struct OwnClaims {
  std::string_view host;
  std::vector<std::string_view> claims;
};

const std::vector<OwnClaims>& own_claims() {
  static const std::vector<std::string_view> of_github = {
      "actor", "actor_id",   "enterprise_id", "environment",         "job_workflow_ref",
      "ref",   "repository", "repository_id", "repository_owner_id", "workflow"};
  static const std::vector<std::string_view> of_buildkite = {
      "build_branch",      "cluster_id",  "cluster_name", "organization_id",
      "organization_slug", "pipeline_id", "pipeline_slug"};
  static const std::vector<OwnClaims> all = {
      {"token.actions.githubusercontent.com*", of_github},
      {"token.actions.*.ghe.com", of_github},
      {"github.com/enterprises/*", of_github},
      {"agent.buildkite.com", of_buildkite},
      {"agent.*.buildkite.dev", of_buildkite},
      {"agent.*.buildkite.site", of_buildkite},
      {"gitlab.com",
       {"namespace_id", "pipeline_source", "project_id", "ref_protected", "runner_environment",
        "user_access_level", "user_email", "user_id", "user_login"}},
      {"oidc.circleci.com/org/*", {"oidc.circleci.com/project-id"}},
      {"idcs-*.identity.oraclecloud.com", {"rpst_id"}},
      {"accounts.google.com", {"google/organization_number"}},
      {"graph.facebook.com", {"app_id", "id"}},
      {"www.amazon.com", {"app_id", "user_id"}}};
  return all;
}

/// Numbers and truths in their usual spelling.
std::string text_of(const simdjson::dom::element& value) {
  std::string_view text;
  std::int64_t number = 0;
  bool truth = false;
  if (!value.get(text)) return std::string(text);
  if (!value.get(number)) return std::to_string(number);
  if (!value.get(truth)) return truth ? "true" : "false";
  return {};
}

void read_own_claims(const object& claims, IdentityToken& token) {
  for (const OwnClaims& own : own_claims()) {
    if (!policy::matches_wildcards(own.host, token.host())) continue;
    for (const std::string_view name : own.claims)
      if (simdjson::dom::element value; !claims[name].get(value))
        token.own_claims[std::string(name)] = text_of(value);
  }
}

}  // namespace

std::string_view IdentityToken::host() const {
  const std::string_view text = issuer;
  const std::size_t start = text.find("://");
  return start == std::string_view::npos ? text : text.substr(start + 3);
}

IdentityToken read_identity_token(std::string_view token, runtime::Time now) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', std::min(first + 1, token.size()));
  if (first == std::string_view::npos || second == std::string_view::npos) refuse_token();
  const auto json = decode_base64url(token.substr(first + 1, second - first - 1));
  simdjson::dom::parser parser;
  object claims;
  if (!json || parser.parse(*json).get(claims)) refuse_token();
  IdentityToken identity{.issuer = require_claim(claims, "iss"),
                         .subject = require_claim(claims, "sub")};
  identity.audiences = texts_of(claims, "aud");
  if (identity.audiences.empty())
    throw InvalidIdentityTokenException("Missing a required claim: aud");
  identity.audience = identity.audiences.front();
  require_not_expired(claims, now);
  identity.methods = texts_of(claims, "amr");
  for (std::string& text : texts_of(claims, "azp")) identity.authorized_party = std::move(text);
  read_session_claims(claims, identity);
  read_own_claims(claims, identity);
  return identity;
}

}  // namespace matinee::sts
