// Assertions of SAML providers: what they say of their subject. Their XML signatures are not looked
// at, for which canonical XML would be needed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::sts {

struct Assertion {
  std::string issuer;
  std::string subject;       // the NameID
  std::string subject_type;  // its format, without the prefix that most have
  std::string recipient;     // of the subject's confirmation: what AWS calls the audience
  std::vector<std::pair<std::string, std::string>> roles;  // role ARN, provider ARN
  std::string session_name;
  std::optional<std::int32_t> session_seconds;
  std::optional<runtime::Time> session_ends;  // SessionNotOnOrAfter
  std::map<std::string, std::string> tags;
  std::vector<std::string> transitive_keys;
  std::string source_identity;
};

/// Reads a base64 encoded response. Throws InvalidIdentityTokenException, ExpiredTokenException.
Assertion read_assertion(const std::string& encoded, runtime::Time now);

/// What, with the subject, tells a person apart from all others: a hash of the issuer, the account
/// and the name of the provider.
std::string name_qualifier(std::string_view issuer, std::string_view account,
                           std::string_view provider_name);

}  // namespace matinee::sts
