// What a request says about who sent it: the Authorization header or the query of a presigned URL,
// of Signature Version 4 and of its predecessor. Nothing is copied.
#include <algorithm>

#include "protocol/sigv4.h"
#include "protocol/timestamps.h"

namespace matinee::protocol::sigv4 {

namespace {

constexpr std::string_view v4_prefix = "AWS4-HMAC-SHA256";
constexpr std::string_view token_header = "x-amz-security-token";

/// Takes the text behind the last `separator` off `text`; all of it where there is none.
std::string_view take_last(std::string_view& text, char separator) {
  const std::size_t position = text.rfind(separator);
  if (position == std::string_view::npos) return std::exchange(text, {});
  const std::string_view last = text.substr(position + 1);
  text = text.substr(0, position);
  return last;
}

/// "KEY/20130524/us-east-1/s3/aws4_request". From its end, so that a key may contain slashes.
bool read_credential(std::string_view credential, Claim& claim) {
  const bool ends_well = take_last(credential, '/') == "aws4_request";
  claim.service = take_last(credential, '/');
  claim.region = take_last(credential, '/');
  claim.date = take_last(credential, '/');
  claim.access_key = credential;
  return ends_well && !claim.access_key.empty() && claim.date.size() == 8;
}

void note_fault(Claim& claim, bool is_good, std::string_view part) {
  if (!is_good && claim.fault.empty()) claim.fault = part;
}

void note_missing(Claim& claim, bool is_there, std::string_view part) {
  if (!is_there && claim.fault.empty()) claim.lacks_part = true;
  note_fault(claim, is_there, part);
}

/// When a request was signed that says so in a header: X-Amz-Date, or else Date, which may have
/// HTTP's form. What is signed is the compact form in any case.
std::string signing_time(const Headers& headers) {
  if (const auto own = headers.find("x-amz-date")) return std::string(*own);
  const auto date = headers.find("date");
  if (!date) return {};
  const std::optional<Timestamp> time = parse_http_date(*date);
  return time ? format_timestamp(*time) : std::string(*date);
}

void read_v4_header(std::string_view text, const Headers& headers, Claim& claim) {
  bool has_credential = false;
  bool is_credential_good = false;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    while (part.ends_with(' ')) part.remove_suffix(1);
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    if (name == "Credential") {
      has_credential = true;
      is_credential_good = read_credential(value, claim);
    } else if (name == "SignedHeaders") {
      claim.signed_headers = value;
    } else if (name == "Signature") {
      claim.signature = value;
    }
  }
  note_missing(claim, has_credential, "Credential");
  note_fault(claim, is_credential_good, "Credential");
  note_missing(claim, !claim.signature.empty(), "Signature");
  note_missing(claim, !claim.signed_headers.empty(), "SignedHeaders");
  claim.timestamp = signing_time(headers);
  note_fault(claim, parse_timestamp(claim.timestamp).has_value(), "Date");
  claim.session_token = headers.find(token_header).value_or("");
}

std::string_view view_parameter(const Parameters& query, std::string_view name) {
  const std::string* value = find_parameter(query, name);
  return value ? std::string_view(*value) : std::string_view();
}

void read_v4_query(const Parameters& query, Claim& claim) {
  claim.scheme = Scheme::v4_query;
  for (const std::string_view name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature",
                                      "X-Amz-Date", "X-Amz-SignedHeaders"})
    note_missing(claim, !view_parameter(query, name).empty(), name);
  note_fault(claim, view_parameter(query, "X-Amz-Algorithm") == v4_prefix, "X-Amz-Algorithm");
  note_fault(claim, read_credential(view_parameter(query, "X-Amz-Credential"), claim),
             "X-Amz-Credential");
  claim.signature = view_parameter(query, "X-Amz-Signature");
  claim.timestamp = view_parameter(query, "X-Amz-Date");
  note_fault(claim, parse_timestamp(claim.timestamp).has_value(), "X-Amz-Date");
  claim.signed_headers = view_parameter(query, "X-Amz-SignedHeaders");
  claim.session_token = view_parameter(query, "X-Amz-Security-Token");
  if (const std::string* expires = find_parameter(query, "X-Amz-Expires")) claim.expires = *expires;
}

void read_v2_query(const Parameters& query, Claim& claim) {
  claim.scheme = Scheme::v2_query;
  claim.access_key = view_parameter(query, "AWSAccessKeyId");
  claim.signature = view_parameter(query, "Signature");
  claim.timestamp = view_parameter(query, "Expires");
  claim.service = "s3";
  note_missing(claim, !claim.access_key.empty(), "AWSAccessKeyId");
  note_missing(claim, !claim.signature.empty(), "Signature");
  note_missing(claim, !claim.timestamp.empty(), "Expires");
  claim.session_token = view_parameter(query, token_header);
}

void read_v2_header(std::string_view text, const Headers& headers, Claim& claim) {
  claim.scheme = Scheme::v2_header;
  claim.signature = take_last(text, ':');
  claim.access_key = text;
  claim.service = "s3";
  claim.timestamp = signing_time(headers);
  note_fault(claim, !claim.access_key.empty() && !claim.signature.empty(), "Credential");
  claim.session_token = headers.find(token_header).value_or("");
}

}  // namespace

Claim read_claim(const HttpRequest& request) {
  Claim claim;
  if (const auto authorization = request.headers.find("authorization")) {
    if (authorization->starts_with(v4_prefix)) {
      claim.scheme = Scheme::v4_header;
      read_v4_header(authorization->substr(v4_prefix.size()), request.headers, claim);
    } else if (authorization->starts_with("AWS ")) {
      read_v2_header(authorization->substr(4), request.headers, claim);
    } else {
      claim.scheme = Scheme::unknown;
    }
  } else if (!request.query.empty()) {
    const auto has = [&](std::string_view name) {
      return find_parameter(request.query, name) != nullptr;
    };
    if (has("X-Amz-Algorithm") || has("X-Amz-Credential") || has("X-Amz-Signature")) {
      read_v4_query(request.query, claim);
    } else if ((has("AWSAccessKeyId") || has("Signature")) && !has("Action")) {
      // With an Action it is the older version of another service, in its own form.
      read_v2_query(request.query, claim);
    }
  }
  return claim;
}

}  // namespace matinee::protocol::sigv4
