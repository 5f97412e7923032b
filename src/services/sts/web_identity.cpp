#include "services/sts/web_identity.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

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
  return identity;
}

}  // namespace matinee::sts
