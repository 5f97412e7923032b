// Who calls: account and region from what the request claims, and, where the server is told to,
// whether its signature proves the claim. Errors are AWS's own for the protocol of the request.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/resolve.h"
#include "protocol/sigv4.h"
#include "runtime/clock.h"
#include "services/access_keys.h"
#include "services/context.h"
#include "services/sts/session_key.h"

namespace matinee::gateway {

struct AuthenticationOptions {
  /// Refuse requests that are not signed with one of the keys. Otherwise anybody is who they claim
  /// to be.
  bool check_signatures = false;
  std::map<std::string, std::string, std::less<>> secrets = {};  // by access key
  std::string default_region = "us-east-1";                      // of requests that name none
  /// Checks the temporary credentials that this cloud has issued. Null where it issues none.
  std::shared_ptr<const sts::SessionKey> session_key = nullptr;
  /// Whether somebody may assume a role with no signature but that of an identity provider: where
  /// roles trust only whom their policies name. Elsewhere an invented token would open every door.
  bool trusts_providers = false;
  /// The keys of IAM's users. Null where there are none.
  std::shared_ptr<const services::AccessKeys> access_keys = nullptr;
};

/// The sessions whose tokens have come lately, because opening a token costs more than finding it.
/// From any thread.
class SessionCache {
 public:
  using Found = std::shared_ptr<const sts::Issued>;

  /// Null for a token that `key` has not issued.
  Found find_or_open(const sts::SessionKey& key, std::string_view token);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  static constexpr std::size_t most_sessions = 256;

  std::mutex mutex_;
  std::unordered_map<std::string, Found, Hash, std::equal_to<>> sessions_;
};

/// From any thread.
class Authenticator {
 public:
  Authenticator(AuthenticationOptions options, runtime::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  /// Whether requests have to be signed.
  bool checks_signatures() const { return options_.check_signatures; }
  /// Whether any of the keys that may sign is of another account.
  bool knows_others_than(std::string_view account) const;

  /// Account, region, access key and ARN of the caller. The account is the access key where that
  /// has 12 digits, or that of temporary credentials or of the user whose key it is, else
  /// 000000000000. Whoever does not sign a request to S3 is anonymous. Throws ServiceError where
  /// temporary credentials have expired, or a user's key is inactive.
  void identify(const protocol::sigv4::Claim& claim, const Target& target,
                services::Context& context) const;

  /// All that can be checked before the body is there: that a presigned URL has not expired, even
  /// where anybody is let in; and where signatures are checked, the key, the time, that what has to
  /// be signed is signed, and for S3 the signature. Gives the head its chunk signer. Throws
  /// ServiceError.
  void check_head(protocol::HttpRequest& head, const protocol::sigv4::Claim& claim,
                  const Target& target) const;
  /// The rest, once `request.body` is complete: the signature of services other than S3, and the
  /// hash of a body that was collected in memory. Throws ServiceError.
  void check_body(const protocol::HttpRequest& request, const protocol::sigv4::Claim& claim,
                  const Target& target) const;
  /// Where signatures are checked, that of a browser's form, which is over its policy as it was
  /// sent. Throws ServiceError.
  void check_form_signature(const protocol::sigv4::Claim& claim, std::string_view policy,
                            const Target& target) const;

 private:
  AuthenticationOptions options_;
  runtime::Clock& clock_;
  mutable protocol::sigv4::KeyCache keys_;
  mutable SessionCache sessions_;

  /// The temporary credentials of the claim, or nothing where they are not of this cloud. Throws
  /// where they have expired.
  SessionCache::Found find_issued(const protocol::sigv4::Claim& claim, const Target& target) const;
  /// The user whose key the claim names, or nothing where it is not one of IAM's. Throws where the
  /// key is inactive.
  std::optional<services::AccessKeyOwner> find_user(const protocol::sigv4::Claim& claim,
                                                    const Target& target) const;
  std::string require_secret(const protocol::sigv4::Claim& claim, const Target& target) const;
  void check_form(const protocol::sigv4::Claim& claim, const Target& target) const;
  void check_time(const protocol::sigv4::Claim& claim, const Target& target) const;
  /// Of a presigned request to other services than S3.
  void check_lifetime(const protocol::sigv4::Claim& claim, const Target& target) const;
  void check_expiry(const protocol::sigv4::Claim& claim, const Target& target) const;
  void check_signature(const protocol::HttpRequest& request, const protocol::sigv4::Claim& claim,
                       const Target& target) const;
  void check_version_2(const protocol::HttpRequest& head, const protocol::sigv4::Claim& claim,
                       const Target& target) const;
};

}  // namespace matinee::gateway
