// The client's side of Signature Version 4: what a request gets before it is sent.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/sigv4.h"

namespace matinee::protocol::sigv4 {

namespace {

/// Proxies and HTTP libraries change these on the way.
constexpr std::array<std::string_view, 8> unsigned_headers = {
    "accept-encoding", "authorization",    "connection", "content-length", "expect", "te",
    "user-agent",      "transfer-encoding"};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lower;
}

std::string signed_header_names(const Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    std::string lower = lower_case(name);
    if (std::ranges::find(unsigned_headers, lower) == unsigned_headers.end())
      names.push_back(std::move(lower));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return fmt::format("{}", fmt::join(names, ";"));
}

void add_parameter(HttpRequest& request, std::string_view name, std::string value) {
  request.target.append(request.target.contains('?') ? "&" : "?");
  request.target.append(name).append("=").append(percent_encode(value));
  request.query.emplace_back(name, std::move(value));
}

}  // namespace

void sign(HttpRequest& request, const Credentials& credentials, const Occasion& occasion,
          std::string payload_hash) {
  const Target& target = occasion.target;
  if (payload_hash.empty()) payload_hash = to_hex(sha256(request.body.bytes));
  const std::string timestamp = format_timestamp(occasion.time);
  request.headers.erase("authorization");
  request.headers.set("x-amz-date", timestamp);
  if (!credentials.session_token.empty())
    request.headers.set("x-amz-security-token", credentials.session_token);
  if (target.service == "s3") request.headers.set("x-amz-content-sha256", payload_hash);

  const std::string names = signed_header_names(request.headers);
  const Claim claim{.scheme = Scheme::v4_header,
                    .access_key = credentials.access_key,
                    .date = std::string_view(timestamp).substr(0, 8),
                    .region = target.region,
                    .service = target.service,
                    .signed_headers = names,
                    .timestamp = timestamp};
  thread_local KeyCache keys;
  const Computed computed =
      compute(request, claim, payload_hash, keys.find_or_derive(credentials.secret_key, claim));
  request.headers.set(
      "authorization",
      fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                  credentials.access_key, scope_text(claim), names, computed.signature));
}

void presign(HttpRequest& request, const Credentials& credentials, const Occasion& occasion,
             std::chrono::seconds lifetime) {
  const Target& target = occasion.target;
  const std::string timestamp = format_timestamp(occasion.time);
  const std::string names = signed_header_names(request.headers);
  const Claim claim{.scheme = Scheme::v4_query,
                    .access_key = credentials.access_key,
                    .date = std::string_view(timestamp).substr(0, 8),
                    .region = target.region,
                    .service = target.service,
                    .signed_headers = names,
                    .timestamp = timestamp};
  add_parameter(request, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  add_parameter(request, "X-Amz-Credential",
                fmt::format("{}/{}", credentials.access_key, scope_text(claim)));
  add_parameter(request, "X-Amz-Date", timestamp);
  add_parameter(request, "X-Amz-Expires", fmt::format("{}", lifetime.count()));
  add_parameter(request, "X-Amz-SignedHeaders", names);
  if (!credentials.session_token.empty())
    add_parameter(request, "X-Amz-Security-Token", credentials.session_token);
  const Digest key = derive_key(credentials.secret_key, claim.date, target);
  add_parameter(request, "X-Amz-Signature",
                compute(request, claim, payload_hash(request, claim), key).signature);
}

}  // namespace matinee::protocol::sigv4
