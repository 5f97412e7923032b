// Tokens of OpenID Connect providers: JSON web tokens, by which somebody proves who it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "runtime/http_client.h"
#include "runtime/task.h"

namespace matinee::sts {

/// The claims of an OpenID Connect token.
struct IdentityToken {
  std::string issuer;
  std::string subject;
  std::string audience;  // the first of several
  std::vector<std::string> audiences;
  std::vector<std::string> methods;  // amr: how the holder was authenticated
  std::string authorized_party;      // azp; empty without
  // The claims that AWS has given names to:
  std::map<std::string, std::string> tags;
  std::vector<std::string> transitive_keys;
  std::string source_identity;
  /// Those that policies can ask of this issuer besides: "actor" of GitHub.
  std::map<std::string, std::string> own_claims;

  /// The issuer as IAM knows it: without "https://".
  std::string_view host() const;
};

/// Its signature is not looked at. Throws InvalidIdentityTokenException, ExpiredTokenException.
IdentityToken read_identity_token(std::string_view token, runtime::Time now);

/// What has come of a check of a token's signature.
enum class SignatureCheck : std::uint8_t { good, bad, not_reached };

/// Asks the issuer for its keys, and checks the signature with them: RS256 to RS512, ES256 to
/// ES512.
runtime::Task<SignatureCheck> check_signature(runtime::HttpClient& http, std::string issuer,
                                              std::string token);

/// The same with keys that are known: a JSON web key set.
bool is_signed_by(std::string_view token, std::string_view key_set);

}  // namespace matinee::sts
