// Credentials of a profile in the shared files: keys, a role assumed with another profile's keys,
// or a role assumed with a web identity token.
#pragma once

#include <set>

#include "client/credentials.h"
#include "client/surroundings.h"

namespace matinee::client {

/// What a role is assumed for.
struct RoleRequest {
  std::string role_arn;
  std::string session_name;  // empty: made up
  std::optional<std::string> external_id;
  std::optional<int> duration_seconds;
};

/// Resolves one profile; profiles may lead to other profiles.
class ProfileCredentials {
 public:
  /// `around` must outlive it; STS is asked at `endpoints`.
  ProfileCredentials(const Surroundings& around, Endpoints endpoints)
      : around_(around), endpoints_(std::move(endpoints)) {}

  /// Nothing where the profile does not exist or says nothing about credentials. Throws ClientError
  /// where it says something that cannot be followed.
  runtime::Task<std::optional<Credentials>> find(std::string profile);

  /// AssumeRole with the keys of `caller`.
  runtime::Task<Credentials> assume(RoleRequest role, protocol::sigv4::Credentials caller);
  /// AssumeRoleWithWebIdentity with the token in a file.
  runtime::Task<Credentials> assume_with_token(RoleRequest role, std::string token_file);

 private:
  const Surroundings& around_;
  Endpoints endpoints_;
  std::set<std::string> visited_;

  runtime::Task<Credentials> find_role(std::string profile, const Settings& settings);
  runtime::Task<Credentials> find_source(std::string profile, const Settings& settings);
  runtime::Task<Credentials> find_named_source(std::string profile, std::string source);
};

/// Keys in settings or the like: nothing where there is no access key. Throws ClientError for an
/// access key without a secret one; `place` says where they are.
std::optional<Credentials> find_keys(const Settings& settings, const std::string& place);

}  // namespace matinee::client
