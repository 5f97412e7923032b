#include "gateway/authenticate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gateway/authentication_errors.h"
#include "gateway/signed_headers.h"
#include "protocol/sigv2.h"
#include "runtime/later_clock.h"

namespace matinee::gateway {

namespace sigv4 = protocol::sigv4;
using protocol::HttpRequest;
using sigv4::Claim;
using sigv4::Scheme;

namespace {

constexpr std::chrono::minutes most_skew_of_s3{15};
constexpr std::chrono::minutes most_skew{5};
constexpr std::chrono::seconds longest_lifetime = std::chrono::days(7);

bool is_s3(const Target& target) {
  return target.protocol == protocol::Protocol::rest_xml;
}

/// S3 Control signs as S3 does, streams as DynamoDB; all other services sign with their own names.
std::string_view scope_of(const protocol::ServiceModel& service) {
  if (service.name == "dynamodbstreams") return "dynamodb";
  return service.name == "s3control" ? "s3" : service.name;
}

/// What a link in a message of a topic asks for: the token or the name in it is enough.
bool is_link_of_topic(const protocol::Operation& operation) {
  return operation.service->name == "sns" &&
         (operation.name == "ConfirmSubscription" || operation.name == "Unsubscribe");
}

/// Only S3 has much for callers that it does not know.
bool is_anonymous(const Claim& claim, const Target& target) {
  return claim.scheme == Scheme::anonymous &&
         (target.service->name == "s3" ||
          (target.operation && is_link_of_topic(*target.operation)));
}

/// A form tells its operation only when it has come in.
bool may_be_link_of_topic(const Claim& claim, const Target& target) {
  return claim.scheme == Scheme::anonymous && !target.operation &&
         protocol::is_query(target.protocol) &&
         (target.service->name.empty() || target.service->name == "sns");
}

/// Who brings a token or an assertion of an identity provider has nothing to sign with.
bool needs_no_signature(const protocol::Operation& operation) {
  return operation.service->name == "sts" &&
         (operation.name == "AssumeRoleWithWebIdentity" || operation.name == "AssumeRoleWithSAML");
}

/// A form tells its operation only when it has come in: until then it may be one of those.
bool may_need_no_signature(const Claim& claim, const Target& target) {
  if (claim.scheme != Scheme::anonymous) return false;
  if (target.operation) return needs_no_signature(*target.operation);
  return protocol::is_query(target.protocol);
}

bool is_version_2(const Claim& claim) {
  return claim.scheme == Scheme::v2_header || claim.scheme == Scheme::v2_query;
}

/// Only S3 has ever gone on to accept the older signatures.
bool is_version_2_of_s3(const Claim& claim, const Target& target) {
  return is_version_2(claim) && target.service->name == "s3";
}

bool is_account(std::string_view key) {
  return key.size() == 12 && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::string_view default_account = "000000000000";

std::string_view account_of(std::string_view access_key) {
  return is_account(access_key) ? access_key : default_account;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Until when a presigned URL is good. Throws where its lifetime is none.
runtime::Time expiry_of(const Claim& claim) {
  if (claim.scheme == Scheme::v2_query) {
    const std::optional<std::int64_t> expires = parse_number(claim.timestamp);
    // Beyond that the sum with any date would not fit.
    if (!expires || *expires > 1'000'000'000'000)
      throw protocol::ServiceError(
          "AccessDenied", 403, "Invalid date (should be seconds since epoch): " + claim.timestamp);
    return runtime::Time(std::chrono::seconds(*expires));
  }
  if (!claim.expires) throw lacking_query_parameters();
  const std::optional<std::int64_t> seconds = parse_number(*claim.expires);
  if (!seconds) throw invalid_query_parameters("X-Amz-Expires should be a number");
  if (*seconds < 0) throw invalid_query_parameters("X-Amz-Expires must be non-negative");
  if (*seconds > longest_lifetime.count())
    throw invalid_query_parameters(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  return *sigv4::parse_timestamp(claim.timestamp) + std::chrono::seconds(*seconds);
}

}  // namespace

bool Authenticator::knows_others_than(std::string_view account) const {
  return std::ranges::any_of(
      options_.secrets, [&](const auto& secret) { return account_of(secret.first) != account; });
}

void Authenticator::identify(const Claim& claim, const Target& target,
                             services::Context& context) const {
  context.access_key = claim.access_key;
  context.account = account_of(claim.access_key);
  context.region = claim.region.empty() ? options_.default_region : std::string(claim.region);
  context.anonymous = is_anonymous(claim, target);
  context.signed_by = is_version_2(claim)                ? services::SignedBy::version_2
                      : claim.scheme == Scheme::v4_query ? services::SignedBy::query
                                                         : services::SignedBy::header;
  if (context.anonymous) return;
  if (const SessionCache::Found issued = find_issued(claim, target)) {
    const sts::Session& session = issued->session;
    context.account = session.account;
    context.caller_arn = session.arn;
    context.caller_id = session.user_id;
    context.role_arn = session.role_arn;
    context.principal = session.kind;
    context.session = session.details;
    return;
  }
  if (std::optional<services::AccessKeyOwner> user = find_user(claim, target)) {
    context.account = std::move(user->account);
    context.caller_arn = std::move(user->user_arn);
    context.caller_id = std::move(user->user_id);
    context.principal = services::PrincipalKind::user;
    return;
  }
  context.caller_arn = fmt::format("arn:aws:iam::{}:root", context.account);
}

void Authenticator::check_head(HttpRequest& head, const Claim& claim, const Target& target) const {
  const bool is_presigned = claim.scheme == Scheme::v4_query || claim.scheme == Scheme::v2_query;
  if (is_presigned && is_s3(target)) {
    if (!claim.fault.empty()) throw malformed_authentication(claim, target);
    check_expiry(claim, target);
  }
  if (!options_.check_signatures || is_anonymous(claim, target) ||
      may_be_link_of_topic(claim, target) ||
      (options_.trusts_providers && may_need_no_signature(claim, target)))
    return;
  if (is_version_2_of_s3(claim, target)) return check_version_2(head, claim, target);
  check_form(claim, target);
  const std::string secret = require_secret(claim, target);
  if (!is_presigned) {
    check_time(claim, target);
  } else if (!is_s3(target)) {
    check_lifetime(claim, target);
  }
  require_signed(head, claim, target);
  if (!is_s3(target)) return;
  const auto content = head.headers.find("x-amz-content-sha256");
  if (!content && claim.scheme == Scheme::v4_header)
    throw protocol::ServiceError("InvalidRequest", 400,
                                 "Missing required header for this request: x-amz-content-sha256");
  check_signature(head, claim, target);
  if (content && content->starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))
    head.chunk_signer = std::make_shared<sigv4::ChunkSigner>(
        keys_.find_or_derive(secret, claim), std::string(claim.timestamp), sigv4::scope_text(claim),
        std::string(claim.signature));
}

void Authenticator::check_body(const HttpRequest& request, const Claim& claim,
                               const Target& target) const {
  if (!options_.check_signatures || is_anonymous(claim, target) ||
      (options_.trusts_providers && may_need_no_signature(claim, target)))
    return;
  if (claim.scheme == Scheme::anonymous) throw missing_authentication(target);
  if (!is_s3(target)) return check_signature(request, claim, target);
  const auto claimed = request.headers.find("x-amz-content-sha256");
  // A body that was streamed has been compared by whoever received it.
  if (!claimed || !is_hash(*claimed) || (target.operation && target.operation->streaming_input))
    return;
  const std::string computed = sigv4::to_hex(sigv4::sha256(request.body.bytes));
  if (computed != *claimed) throw payload_mismatch(*claimed, computed);
}

void Authenticator::check_form_signature(const Claim& claim, std::string_view policy,
                                         const Target& target) const {
  if (!options_.check_signatures || is_anonymous(claim, target)) return;
  std::string computed;
  if (is_version_2(claim)) {
    computed = protocol::sigv2::sign(require_secret(claim, target), policy);
  } else {
    check_form(claim, target);
    const sigv4::Digest key = keys_.find_or_derive(require_secret(claim, target), claim);
    const std::string_view key_bytes(reinterpret_cast<const char*>(key.data()), key.size());
    computed = sigv4::to_hex(sigv4::hmac_sha256(key_bytes, policy));
  }
  if (!sigv4::same_signature(computed, claim.signature))
    throw signature_mismatch(claim, std::string(policy));
}

SessionCache::Found SessionCache::find_or_open(const sts::SessionKey& key, std::string_view token) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = sessions_.find(token); found != sessions_.end()) return found->second;
  }
  std::optional<sts::Issued> issued = key.open(token);
  if (!issued) return nullptr;
  auto opened = std::make_shared<const sts::Issued>(*std::move(issued));
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= most_sessions) sessions_.clear();
  return sessions_.try_emplace(std::string(token), std::move(opened)).first->second;
}

SessionCache::Found Authenticator::find_issued(const Claim& claim, const Target& target) const {
  if (claim.session_token.empty() || !options_.session_key) return nullptr;
  SessionCache::Found issued = sessions_.find_or_open(*options_.session_key, claim.session_token);
  if (!issued || issued->session.access_key != claim.access_key) return nullptr;
  if (clock_.now() >= issued->session.expires_at) throw token_expired(claim, target);
  return issued;
}

std::optional<services::AccessKeyOwner> Authenticator::find_user(const Claim& claim,
                                                                 const Target& target) const {
  constexpr std::string_view prefix_of_users = "AKIA";
  if (!options_.access_keys || !claim.access_key.starts_with(prefix_of_users)) return std::nullopt;
  std::optional<services::AccessKeyOwner> user = options_.access_keys->find(claim.access_key);
  if (user && !user->active) throw unknown_access_key(claim, target);
  return user;
}

std::string Authenticator::require_secret(const Claim& claim, const Target& target) const {
  if (const auto found = options_.secrets.find(claim.access_key); found != options_.secrets.end())
    return found->second;
  if (const SessionCache::Found issued = find_issued(claim, target)) return issued->secret_key;
  if (std::optional<services::AccessKeyOwner> user = find_user(claim, target))
    return std::move(user->secret);
  throw claim.session_token.empty() ? unknown_access_key(claim, target)
                                    : unknown_token(claim, target);
}

void Authenticator::check_form(const Claim& claim, const Target& target) const {
  switch (claim.scheme) {
    case Scheme::anonymous:
      throw missing_authentication(target);
    case Scheme::v4_header:
    case Scheme::v4_query:
      break;
    case Scheme::v2_header:
    case Scheme::v2_query:
    case Scheme::unknown:
      throw unsupported_authentication(target);
  }
  if (!claim.fault.empty()) throw malformed_authentication(claim, target);
  if (claim.timestamp.substr(0, 8) != claim.date) throw wrong_date(claim, target);
  const std::string_view scope = scope_of(*target.service);
  if (claim.service != scope) throw wrong_service(claim, scope, target);
}

void Authenticator::check_time(const Claim& claim, const Target& target) const {
  const runtime::Time now = runtime::wall_time(clock_);
  const runtime::Duration skew = now - *sigv4::parse_timestamp(claim.timestamp);
  const runtime::Duration most = is_s3(target) ? most_skew_of_s3 : most_skew;
  if (skew > most || -skew > most) throw time_too_skewed(claim, now, target);
}

/// As long as it says, and without a word of that as long as others.
void Authenticator::check_lifetime(const Claim& claim, const Target& target) const {
  const auto seconds = claim.expires ? parse_number(*claim.expires) : std::nullopt;
  if (!seconds || *seconds < 0) return check_time(claim, target);
  const runtime::Time now = runtime::wall_time(clock_);
  const runtime::Time signed_at = *sigv4::parse_timestamp(claim.timestamp);
  const auto lifetime = std::min(std::chrono::seconds(*seconds), longest_lifetime);
  if (now > signed_at + lifetime || signed_at > now + most_skew)
    throw time_too_skewed(claim, now, target);
}

void Authenticator::check_expiry(const Claim& claim, const Target& target) const {
  const runtime::Time now = runtime::wall_time(clock_);
  const runtime::Time expiry = expiry_of(claim);
  if (now > expiry) throw url_expired(claim, expiry, now);
  if (claim.scheme == Scheme::v4_query &&
      *sigv4::parse_timestamp(claim.timestamp) > now + most_skew_of_s3)
    throw time_too_skewed(claim, now, target);
}

void Authenticator::check_signature(const HttpRequest& request, const Claim& claim,
                                    const Target& target) const {
  const sigv4::Digest key = keys_.find_or_derive(require_secret(claim, target), claim);
  const std::string hash = sigv4::payload_hash(request, claim);
  // A header that was not sent would count as one that was sent empty.
  if (!has_signed_headers(request.headers, claim) || !sigv4::verify(request, claim, hash, key))
    throw signature_mismatch(claim, sigv4::compute(request, claim, hash, key), target);
}

void Authenticator::check_version_2(const HttpRequest& head, const Claim& claim,
                                    const Target& target) const {
  if (!claim.fault.empty()) throw malformed_authentication(claim, target);
  const std::string& secret = require_secret(claim, target);
  if (claim.scheme == Scheme::v2_header) {
    const std::optional<runtime::Time> time = protocol::sigv2::signing_time(head.headers);
    if (!time) throw undated_request();
    const runtime::Time now = runtime::wall_time(clock_);
    if (now - *time > most_skew_of_s3 || *time - now > most_skew_of_s3)
      throw time_too_skewed(claim, now, target);
  }
  if (!protocol::sigv2::verify(head, claim, secret))
    throw signature_mismatch(claim, protocol::sigv2::string_to_sign(head, claim));
}

}  // namespace matinee::gateway
