// The Security Token Service: who calls, and temporary credentials.
//
// Roles and users are IAM's, which `Neighbours` leads to. Unless trust policies are required, a
// role that IAM does not know can be assumed too, by anybody who is let in at all: its id follows
// from its ARN. What limits a session is sealed into its token (`session_key.h`).
#pragma once

#include <memory>
#include <span>

#include "runtime/task.h"
#include "services/endpoint.h"
#include "services/role_sessions.h"
#include "services/sts/neighbours.h"
#include "services/sts/requests.h"
#include "services/sts/session_key.h"
#include "services/sts/web_identity.h"
#include "storage/table.h"
#include "sts/shapes.h"

namespace matinee::sts {

using services::Context;

class Service final : public services::ServiceBase, public services::RoleSessions {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  Service(storage::Store& store, runtime::Clock& clock, runtime::Random& random,
          const Neighbours& neighbours = {});

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;

  /// Roles are looked at by the operation itself, which knows more than the request says.
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;

  /// That checks what this service issues; as good after the service is gone.
  std::shared_ptr<const SessionKey> session_key() const { return key_; }

  GetCallerIdentityResponse get_caller_identity(const Context&, const GetCallerIdentityRequest&);
  services::RoleCredentials take_on(const services::RoleWish& wish) override;
  AssumeRoleResponse assume_role(const Context&, const AssumeRoleRequest&);
  runtime::Task<AssumeRoleWithWebIdentityResponse> assume_role_with_web_identity(
      const Context&, const AssumeRoleWithWebIdentityRequest&);
  AssumeRoleWithSAMLResponse assume_role_with_saml(const Context&,
                                                   const AssumeRoleWithSAMLRequest&);
  GetSessionTokenResponse get_session_token(const Context&, const GetSessionTokenRequest&);
  GetFederationTokenResponse get_federation_token(const Context&, const GetFederationTokenRequest&);
  GetAccessKeyInfoResponse get_access_key_info(const Context&, const GetAccessKeyInfoRequest&);
  DecodeAuthorizationMessageResponse decode_authorization_message(
      const Context&, const DecodeAuthorizationMessageRequest&);

 private:
  /// The key of a new directory is stored with the first credentials that it seals.
  using KeysTable = storage::Table<std::uint64_t, std::string>;

  /// A role that is to be assumed.
  struct Assumption {
    Role role;
    std::shared_ptr<const identity::Identity> known;  // by IAM; null for others
    std::string action;                               // "sts:AssumeRole"
    std::string session_name;
    SessionWishes wishes;
    std::optional<std::int32_t> seconds;
    std::string external_id;
    std::optional<runtime::Time> mfa_at;
    std::int32_t least_token = 0;  // bytes
    // Of who comes from an identity provider:
    std::string provider;
    std::map<std::string, std::vector<std::string>> provider_keys;
  };
  struct Assumed {
    Credentials credentials;
    AssumedRoleUser user;
    std::optional<std::int32_t> packed_size;
    std::optional<std::string> source_identity;
  };

  storage::Store& store_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  Neighbours neighbours_;
  KeysTable keys_;
  std::string key_bytes_;
  bool stored_ = false;
  std::shared_ptr<const SessionKey> key_;

  void keep_key();
  /// Credentials for `session`, whose access key and end are filled in here.
  Credentials issue(Session session, std::int32_t seconds, std::int32_t least_token = 0);

  /// The role, or a refusal where there is none. `refusal` is what the caller is told.
  Assumption begin(std::string_view action, const std::string& role_arn,
                   const std::string& refusal) const;
  void require_trust(const Context& context, const Assumption& assumption) const;
  /// Checks what all ways to assume a role have in common, and issues.
  Assumed assume(const Context& context, Assumption assumption);
  std::optional<runtime::Time> check_factor(const Context& context,
                                            const std::optional<std::string>& serial_number,
                                            const std::optional<std::string>& code);
  /// The provider of the account that has issued the token, where it is registered.
  std::optional<services::OpenIdProvider> find_provider(const std::string& account,
                                                        const IdentityToken& token) const;
  AssumeRoleWithWebIdentityResponse accept(const Context& context,
                                           const AssumeRoleWithWebIdentityRequest& request,
                                           IdentityToken token);
};

}  // namespace matinee::sts
