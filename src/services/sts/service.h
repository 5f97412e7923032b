// The Security Token Service: who calls, and temporary credentials.
//
// There is no IAM: any role can be assumed by anybody who is let in at all, and whoever acts with
// temporary credentials may do what the root user of the account may. What a request says of
// policies, tags and devices is checked for its form, and restricts nothing.
#pragma once

#include <memory>
#include <span>

#include "services/endpoint.h"
#include "services/sts/session_key.h"
#include "storage/table.h"
#include "sts/shapes.h"

namespace matinee::sts {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  Service(storage::Store& store, runtime::Clock& clock, runtime::Random& random);

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;

  /// That checks what this service issues; as good after the service is gone.
  std::shared_ptr<const SessionKey> session_key() const { return key_; }

  GetCallerIdentityResponse get_caller_identity(const Context&, const GetCallerIdentityRequest&);
  AssumeRoleResponse assume_role(const Context&, const AssumeRoleRequest&);
  AssumeRoleWithWebIdentityResponse assume_role_with_web_identity(
      const Context&, const AssumeRoleWithWebIdentityRequest&);
  GetSessionTokenResponse get_session_token(const Context&, const GetSessionTokenRequest&);
  GetFederationTokenResponse get_federation_token(const Context&, const GetFederationTokenRequest&);
  GetAccessKeyInfoResponse get_access_key_info(const Context&, const GetAccessKeyInfoRequest&);
  DecodeAuthorizationMessageResponse decode_authorization_message(
      const Context&, const DecodeAuthorizationMessageRequest&);

 private:
  /// The key of a new directory is stored with the first credentials that it seals.
  using KeysTable = storage::Table<std::uint64_t, std::string>;

  storage::Store& store_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  KeysTable keys_;
  std::string key_bytes_;
  bool stored_ = false;
  std::shared_ptr<const SessionKey> key_;

  void keep_key();
  /// Credentials for `session`, whose access key and end are filled in here.
  Credentials issue(Session session, std::int32_t seconds);
};

}  // namespace matinee::sts
