// Who calls, where, and as which request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/clock.h"

namespace matinee::services {

/// Tells an operation that waits (a long poll) that its caller has gone, so that it stops waiting
/// and takes nothing. On the state thread only. One operation listens at a time.
class Cancellation {
 public:
  bool cancelled() const { return cancelled_; }

  /// Runs `callback` when the caller goes away, at once if it has gone already; replaces an earlier
  /// callback. An empty one stops listening: do that before what it captures ends.
  void on_cancel(runtime::Callback callback) {
    callback_ = std::move(callback);
    if (cancelled_) cancel();
  }
  void cancel() {
    cancelled_ = true;
    if (runtime::Callback callback = std::exchange(callback_, nullptr)) callback();
  }

 private:
  bool cancelled_ = false;
  runtime::Callback callback_;
};

/// How a request says who signed it.
enum class SignedBy : std::uint8_t {
  header,    // or by nothing at all
  query,     // a presigned URL or a form
  version_2  // of signatures, in either place: it names no region
};

/// What kind of principal calls.
enum class PrincipalKind : std::uint8_t {
  root,            // of an account; also callers in process, and anonymous ones, who are nobody
  user,            // of IAM, also with a session token
  role_session,    // of a role that was assumed
  federated_user,  // of GetFederationToken
};

struct CallerSession;

struct Context {
  std::string account = "000000000000";  // 12 digits: owner of all state that the call touches
  std::string region = "us-east-1";
  std::string access_key;  // empty for anonymous and in-process callers
  std::string caller_arn;  // arn:aws:iam::ACCOUNT:root, or a user or role; empty for anonymous
  PrincipalKind principal = PrincipalKind::root;
  /// aws:userid: of a user "AIDA...", of a session of a role "AROA...:NAME", of a federated user
  /// "ACCOUNT:NAME". Empty for root without a session, and others.
  std::string caller_id;
  std::string role_arn;  // that the caller has assumed; empty for others
  /// Of a caller with temporary credentials of this cloud; null for others. The same object from
  /// call to call while the credentials are in use (`caller_session.h`).
  std::shared_ptr<const CallerSession> session;
  bool anonymous = false;  // an unsigned request to a service that has anonymous callers (S3)
  /// "s3.amazonaws.com" where a service of this cloud calls for a resource of its own, which
  /// `source_arn` and `source_account` name: the aws:SourceArn and aws:SourceAccount of policies.
  std::string service_principal;
  std::string source_arn;
  std::string source_account;
  SignedBy signed_by = SignedBy::header;
  std::string request_id;  // UUID
  std::string host;        // of the URLs the client is given: "localhost:4566"
  bool secure = false;     // https
  std::string source_ip;
  std::optional<std::string> referer;          // of requests to S3: policies may ask for it
  std::optional<std::string> user_agent;       // likewise; of all where IAM is not off
  std::string trace_header;                    // X-Amzn-Trace-Id, in printing ASCII; else empty
  std::shared_ptr<Cancellation> cancellation;  // null where a call cannot be given up

  /// The name of the user that calls; empty where none does. Points into `caller_arn`.
  std::string_view user_name() const {
    if (principal != PrincipalKind::user) return {};
    const std::string_view arn = caller_arn;
    return arn.substr(arn.rfind('/') + 1);
  }
};

}  // namespace matinee::services
