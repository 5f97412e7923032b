#include "gateway/signed_headers.h"

#include <algorithm>

#include "gateway/authentication_errors.h"

namespace matinee::gateway {

using protocol::sigv4::Claim;

namespace {

template <class Predicate>
bool any_name(std::string_view signed_headers, Predicate predicate) {
  while (!signed_headers.empty()) {
    const std::string_view name = signed_headers.substr(0, signed_headers.find(';'));
    signed_headers.remove_prefix(std::min(name.size() + 1, signed_headers.size()));
    if (predicate(name)) return true;
  }
  return false;
}

bool is_signed(const Claim& claim, std::string_view header) {
  return any_name(claim.signed_headers,
                  [header](std::string_view name) { return protocol::same_header(name, header); });
}

bool is_amazon_header(std::string_view name) {
  constexpr std::string_view prefix = "x-amz-";
  return name.size() > prefix.size() &&
         protocol::same_header(name.substr(0, prefix.size()), prefix);
}

bool must_be_signed(std::string_view header, const Claim& claim, const Target& target) {
  if (protocol::same_header(header, "host")) return true;
  if (target.protocol != protocol::Protocol::rest_xml)
    return protocol::same_header(header, "x-amz-target");
  // A presigned URL leaves the body open, and a client may still say what it sends.
  if (claim.scheme == protocol::sigv4::Scheme::v4_query &&
      protocol::same_header(header, "x-amz-content-sha256"))
    return false;
  return is_amazon_header(header);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lower;
}

}  // namespace

void require_signed(const protocol::HttpRequest& head, const Claim& claim, const Target& target) {
  std::vector<std::string> names;
  for (const auto& [name, value] : head.headers)
    if (must_be_signed(name, claim, target) && !is_signed(claim, name))
      names.push_back(lower_case(name));
  if (names.empty()) return;
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  throw headers_not_signed(names, target);
}

bool has_signed_headers(const protocol::Headers& headers, const Claim& claim) {
  return !any_name(claim.signed_headers,
                   [&](std::string_view name) { return !headers.contains(name); });
}

}  // namespace matinee::gateway
