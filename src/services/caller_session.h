// What temporary credentials say of their holder, beside who it is: what decisions about its calls
// need to know.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "storage/record.h"

namespace matinee::services {

/// A session of a role, of a federated user, or of a user or root who has asked for a session
/// token. It never changes: whoever has its address may keep what follows from it.
struct CallerSession {
  std::string policy;                        // the inline session policy; empty without
  std::vector<std::string> policy_arns;      // managed session policies
  std::map<std::string, std::string> tags;   // session tags, inherited ones too; keys as given
  std::vector<std::string> transitive_keys;  // those of `tags` that go on to the next role
  std::string source_identity;               // empty without
  runtime::Time issued_at = {};              // aws:TokenIssueTime
  std::optional<runtime::Time> mfa_at = {};  // when a second factor was shown
  /// Of GetFederationToken: the ARN of the user, or root, whose permissions the session has.
  std::string issuer_arn;
  /// aws:FederatedProvider: the ARN of the provider in IAM, or the name of a well-known one.
  std::string provider;
  /// The condition keys that come with a web identity or an assertion, in lower case:
  /// "accounts.google.com:sub", "saml:aud".
  std::map<std::string, std::vector<std::string>> provider_keys;
  bool is_chained = false;  // assumed with the credentials of another role

  static constexpr auto fields = std::tuple{storage::field<1>(&CallerSession::policy),
                                            storage::field<2>(&CallerSession::policy_arns),
                                            storage::field<3>(&CallerSession::tags),
                                            storage::field<4>(&CallerSession::transitive_keys),
                                            storage::field<5>(&CallerSession::source_identity),
                                            storage::field<6>(&CallerSession::issued_at),
                                            storage::field<7>(&CallerSession::mfa_at),
                                            storage::field<8>(&CallerSession::issuer_arn),
                                            storage::field<9>(&CallerSession::provider),
                                            storage::field<10>(&CallerSession::provider_keys),
                                            storage::field<11>(&CallerSession::is_chained)};
};

}  // namespace matinee::services
