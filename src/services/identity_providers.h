// Those outside of the cloud who say who somebody is, and the second factors of users: what IAM
// keeps and STS asks for. On the state thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::services {

/// An OpenID Connect provider that an account trusts.
struct OpenIdProvider {
  std::string arn;                      // arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH
  std::vector<std::string> client_ids;  // the audiences for which it may speak
};

struct SamlProvider {
  std::string arn;        // arn:aws:iam::ACCOUNT:saml-provider/NAME
  std::string entity_id;  // the issuer of its assertions
  std::optional<runtime::Time> valid_until;
};

class IdentityProviders {
 public:
  virtual ~IdentityProviders() = default;

  /// Of the account, by the issuer of a token without "https://". Nothing where there is none.
  virtual std::optional<OpenIdProvider> find_open_id_provider(std::string_view account,
                                                              std::string_view issuer) const = 0;
  virtual std::optional<SamlProvider> find_saml_provider(std::string_view arn) const = 0;
};

class SecondFactors {
 public:
  enum class Verdict : std::uint8_t { good, wrong_code, unknown_device };

  virtual ~SecondFactors() = default;

  /// Whether the device of that serial number belongs to the user, or with an empty name to the
  /// account's root, and shows that code now. A code is good once. In a transaction.
  virtual Verdict check_code(std::string_view account, std::string_view user_name,
                             std::string_view serial_number, std::string_view code) = 0;
};

}  // namespace matinee::services
