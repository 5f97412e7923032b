// Builds requests byte by byte; nothing here runs inside a measured loop except patch_number and
// next_json_string.
#include "requests.h"

#include <fmt/format.h>

#include <ctime>

namespace bench {
namespace {

/// Now, as 20260101T000000Z: some servers refuse what is older than minutes.
std::string now_as_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

Credentials used;

std::string authorization(std::string_view service, const std::string& now) {
  return fmt::format(
      "AWS4-HMAC-SHA256 Credential={}/{}/us-east-1/{}/aws4_request, "
      "SignedHeaders=host;x-amz-date, "
      "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      used.access_key.empty() ? "AKIDEXAMPLE" : used.access_key, now.substr(0, 8), service);
}

std::string token_header() {
  if (used.session_token.empty()) return {};
  return fmt::format("X-Amz-Security-Token: {}\r\n", used.session_token);
}

std::string s3_head(std::uint16_t port, const S3Call& call, std::uint64_t length) {
  const std::string now = now_as_text();
  return fmt::format(
      "{} {} HTTP/1.1\r\n"
      "Host: 127.0.0.1:{}\r\n"
      "X-Amz-Date: {}\r\n"
      "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n"
      "Authorization: {}\r\n"
      "Content-Length: {}\r\n\r\n",
      call.method, call.path, port, now, authorization("s3", now), length);
}

}  // namespace

void use_credentials(Credentials credentials) {
  used = std::move(credentials);
}

std::string form_request(std::uint16_t port, std::string_view service, std::string_view form) {
  const std::string now = now_as_text();
  return fmt::format(
      "POST / HTTP/1.1\r\n"
      "Host: 127.0.0.1:{}\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n"
      "X-Amz-Date: {}\r\n"
      "Authorization: {}\r\n"
      "{}"
      "Content-Length: {}\r\n\r\n{}",
      port, now, authorization(service, now), token_header(), form.size(), form);
}

std::string form_encoded(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : text) encoded += fmt::format("%{:02X}", c);
  return encoded;
}

std::string json_request(std::uint16_t port, const JsonCall& call) {
  const std::string_view version =
      call.service == "dynamodb" || call.service == "sqs" ? "1.0" : "1.1";
  const std::string now = now_as_text();
  return fmt::format(
      "POST / HTTP/1.1\r\n"
      "Host: 127.0.0.1:{}\r\n"
      "X-Amz-Target: {}\r\n"
      "Content-Type: application/x-amz-json-{}\r\n"
      "X-Amz-Date: {}\r\n"
      "Authorization: {}\r\n"
      "{}"
      "Content-Length: {}\r\n\r\n{}",
      port, call.target, version, now, authorization(call.service, now), token_header(),
      call.body.size(), call.body);
}

std::string rest_request(std::uint16_t port, const RestCall& call) {
  const std::string now = now_as_text();
  return fmt::format(
      "{} {} HTTP/1.1\r\n"
      "Host: 127.0.0.1:{}\r\n"
      "Content-Type: application/json\r\n"
      "X-Amz-Date: {}\r\n"
      "Authorization: {}\r\n"
      "{}"
      "Content-Length: {}\r\n\r\n{}",
      call.method, call.path, port, now, authorization(call.service, now), token_header(),
      call.body.size(), call.body);
}

std::string s3_request(std::uint16_t port, const S3Call& call) {
  return s3_head(port, call, call.body.size()).append(call.body);
}

std::string s3_put_head(std::uint16_t port, std::string_view path, std::uint64_t length) {
  return s3_head(port, {.method = "PUT", .path = path, .body = {}}, length);
}

void patch_number(std::string& request, std::size_t position, std::uint64_t number) {
  for (std::size_t i = kNumberPlace.size(); i-- > 0;) {
    request[position + i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

std::string_view next_json_string(std::string_view json, std::string_view name,
                                  std::size_t& position) {
  const std::string quoted = fmt::format("\"{}\"", name);
  const std::size_t found = json.find(quoted, position);
  if (found == std::string_view::npos) return {};
  const std::size_t opening = json.find('"', found + quoted.size());
  const std::size_t closing = json.find('"', opening + 1);
  if (closing == std::string_view::npos) return {};
  position = closing + 1;
  return json.substr(opening + 1, closing - opening - 1);
}

}  // namespace bench
