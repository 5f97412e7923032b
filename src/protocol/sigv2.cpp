#include "protocol/sigv2.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <map>

#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "runtime/assertion.h"

namespace matinee::protocol::sigv2 {

namespace {

/// The query parameters that belong to the resource; all others are not signed.
constexpr std::array<std::string_view, 43> resource_parameters = {"accelerate",
                                                                  "acl",
                                                                  "analytics",
                                                                  "attributes",
                                                                  "cors",
                                                                  "defaultObjectAcl",
                                                                  "delete",
                                                                  "encryption",
                                                                  "intelligent-tiering",
                                                                  "inventory",
                                                                  "legal-hold",
                                                                  "lifecycle",
                                                                  "location",
                                                                  "logging",
                                                                  "metrics",
                                                                  "notification",
                                                                  "object-lock",
                                                                  "ownershipControls",
                                                                  "partNumber",
                                                                  "policy",
                                                                  "policyStatus",
                                                                  "publicAccessBlock",
                                                                  "replication",
                                                                  "requestPayment",
                                                                  "response-cache-control",
                                                                  "response-content-disposition",
                                                                  "response-content-encoding",
                                                                  "response-content-language",
                                                                  "response-content-type",
                                                                  "response-expires",
                                                                  "restore",
                                                                  "retention",
                                                                  "select",
                                                                  "select-type",
                                                                  "storageClass",
                                                                  "tagging",
                                                                  "torrent",
                                                                  "uploadId",
                                                                  "uploads",
                                                                  "versionId",
                                                                  "versioning",
                                                                  "versions",
                                                                  "website"};

bool is_in_query(const sigv4::Claim& claim) {
  return claim.scheme == sigv4::Scheme::v2_query;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

/// A header, which a presigned URL may have in its query.
std::string_view find_header(const HttpRequest& request, const sigv4::Claim& claim,
                             std::string_view name) {
  if (const auto value = request.headers.find(name)) return *value;
  if (!is_in_query(claim)) return {};
  for (const auto& [parameter, value] : request.query)
    if (same_header(parameter, name)) return value;
  return {};
}

std::string amazon_headers(const HttpRequest& request, const sigv4::Claim& claim) {
  std::map<std::string, std::string> lines;
  const auto add = [&](std::string_view name, std::string_view value) {
    std::string lower = lower_case(name);
    if (!lower.starts_with("x-amz-")) return;
    const auto [line, is_new] = lines.try_emplace(std::move(lower), trimmed(value));
    if (!is_new) line->second.append(",").append(trimmed(value));
  };
  for (const auto& [name, value] : request.headers) add(name, value);
  // Clients that are given such a URL often send the header as well.
  if (is_in_query(claim))
    for (const auto& [name, value] : request.query)
      if (!request.headers.contains(name)) add(name, value);
  std::string text;
  for (const auto& [name, value] : lines) text.append(name).append(":").append(value).append("\n");
  return text;
}

/// "/bucket/a%20key?acl&versionId=null"
std::string resource(const HttpRequest& request, std::string_view end) {
  const std::string_view sent = path_of_target(request.target);
  std::string text;
  // The bucket stands in front of the path where the host has named it.
  if (request.path != sent) text = request.path.substr(0, request.path.find('/', 1));
  text.append(sent).append(end);
  std::vector<std::string> parameters;
  for (const auto& [name, value] : request.query)
    if (std::ranges::binary_search(resource_parameters, name))
      parameters.push_back(value.empty() ? name : name + "=" + value);
  std::ranges::sort(parameters);
  char separator = '?';
  for (const std::string& parameter : parameters) {
    text.push_back(std::exchange(separator, '&'));
    text.append(parameter);
  }
  return text;
}

std::string text_to_sign(const HttpRequest& request, const sigv4::Claim& claim,
                         std::string_view end_of_path) {
  std::string text(request.method);
  text.append("\n").append(find_header(request, claim, "content-md5"));
  text.append("\n").append(find_header(request, claim, "content-type")).append("\n");
  if (is_in_query(claim)) {
    text.append(claim.timestamp);
  } else if (!request.headers.contains("x-amz-date")) {
    text.append(request.headers.find("date").value_or(""));
  }
  text.append("\n").append(amazon_headers(request, claim));
  return text.append(resource(request, end_of_path));
}

}  // namespace

std::string sign(std::string_view secret, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  runtime::expect(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       digest.data(), &size) != nullptr,
                  "HMAC-SHA1 is there");
  return base64_encode({reinterpret_cast<const char*>(digest.data()), size});
}

std::string string_to_sign(const HttpRequest& request, const sigv4::Claim& claim) {
  return text_to_sign(request, claim, "");
}

bool verify(const HttpRequest& request, const sigv4::Claim& claim, std::string_view secret) {
  if (sigv4::same_signature(sign(secret, string_to_sign(request, claim)), claim.signature))
    return true;
  const std::string_view path = path_of_target(request.target);
  const bool is_bare_bucket = path.size() > 1 && path.find('/', 1) == std::string_view::npos;
  return is_bare_bucket &&
         sigv4::same_signature(sign(secret, text_to_sign(request, claim, "/")), claim.signature);
}

std::optional<runtime::Time> signing_time(const Headers& headers) {
  const std::string_view text =
      headers.find("x-amz-date").value_or(headers.find("date").value_or(""));
  if (const auto compact = sigv4::parse_timestamp(text)) return compact;
  const std::optional<Timestamp> time = parse_http_date(text);
  return time ? std::optional<runtime::Time>(*time) : std::nullopt;
}

}  // namespace matinee::protocol::sigv2
