// What the headers of an upload promise about its content.
#include <fmt/format.h>

#include <charconv>

#include "protocol/base64.h"
#include "s3/errors.h"
#include "services/s3/transfer/content.h"

namespace matinee::s3 {

namespace {

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The checksum among the names of x-amz-trailer.
std::optional<Algorithm> read_trailer(std::string_view names) {
  std::optional<Algorithm> found;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (const auto algorithm = find_algorithm_of_header(name)) {
      if (found)
        throw InvalidRequest(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
      found = algorithm;
      continue;
    }
    throw InvalidRequest("The value specified in the x-amz-trailer header is not supported");
  }
  return found;
}

/// The digest of x-amz-content-sha256, where it is one.
std::optional<std::string> read_content_sha256(std::string_view value) {
  if (value == "UNSIGNED-PAYLOAD" || value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" ||
      value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" ||
      value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
    return std::nullopt;
  if (value.starts_with("STREAMING-"))
    throw NotImplemented(fmt::format("Matinee does not read bodies of the form {}.", value));
  std::optional<std::string> digest = from_hex(value);
  if (!digest || digest->size() != digest_length(Algorithm::sha256)) {
    InvalidArgument error(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid "
        "sha256 value.");
    error.details = {{"ArgumentName", "x-amz-content-sha256"},
                     {"ArgumentValue", std::string(value)}};
    throw error;
  }
  return digest;
}

/// The algorithm that an SDK names is that of the checksum that it sends.
void check_named_algorithm(std::string_view name, std::optional<Algorithm> sent) {
  const std::optional<Algorithm> named = find_algorithm(name);
  if (!named || (sent && sent != named))
    throw InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  if (!sent)
    throw InvalidRequest(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
}

/// The length of the content itself, without the framing of chunks.
std::uint64_t read_length(const protocol::Headers& headers, bool chunked) {
  const std::string_view name = chunked ? "x-amz-decoded-content-length" : "Content-Length";
  const std::optional<std::string_view> text = headers.find(name);
  if (!text && !chunked && headers.contains("Transfer-Encoding")) {
    NotImplemented error("A header you provided implies functionality that is not implemented");
    error.details.emplace_back("Header", "Transfer-Encoding");
    throw error;
  }
  if (!text) throw MissingContentLength("You must provide the Content-Length HTTP header.");
  const std::optional<std::uint64_t> length = parse_length(*text);
  if (!length) throw InvalidArgument(fmt::format("The value of {} is not a length.", name));
  if (*length > max_upload_bytes) {
    EntityTooLarge error("Your proposed upload exceeds the maximum allowed size");
    error.details = {{"ProposedSize", std::string(*text)},
                     {"MaxSizeAllowed", fmt::to_string(max_upload_bytes)}};
    throw error;
  }
  return *length;
}

}  // namespace

std::optional<Algorithm> Expectations::algorithm() const {
  return checksum ? std::optional(checksum->algorithm) : trailer;
}

bool is_chunked(const protocol::Headers& headers) {
  const std::optional<std::string_view> kind = headers.find("x-amz-content-sha256");
  if (kind && kind->starts_with("STREAMING-")) return true;
  const std::optional<std::string_view> encoding = headers.find("Content-Encoding");
  return encoding && encoding->find("aws-chunked") != std::string_view::npos &&
         headers.contains("x-amz-decoded-content-length");
}

std::optional<Checksum> read_checksum(const FindHeader& find) {
  std::optional<Checksum> found;
  for (const Algorithm algorithm : checksum_algorithms) {
    const std::optional<std::string_view> value = find(header_of(algorithm));
    if (!value) continue;
    if (found)
      throw InvalidRequest(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    std::optional<std::string> digest = protocol::base64_decode(*value);
    if (!digest || digest->size() != digest_length(algorithm))
      throw InvalidRequest(fmt::format("Value for {} header is invalid.", header_of(algorithm)));
    found = Checksum{.algorithm = algorithm, .digest = std::move(*digest)};
  }
  return found;
}

std::string read_content_md5(std::string_view base64) {
  std::optional<std::string> digest = protocol::base64_decode(base64);
  if (!digest || digest->size() != digest_length(Algorithm::md5)) {
    InvalidDigest error("The Content-MD5 you specified was invalid.");
    error.details = {{"Content-MD5", std::string(base64)}};
    throw error;
  }
  return std::move(*digest);
}

Expectations read_expectations(const protocol::Headers& headers) {
  Expectations expectations;
  const bool chunked = is_chunked(headers);
  if (const auto value = headers.find("x-amz-content-sha256"))
    expectations.sha256 = read_content_sha256(*value);
  if (const auto value = headers.find("Content-MD5")) expectations.md5 = read_content_md5(*value);
  expectations.checksum = read_checksum([&](std::string_view name) { return headers.find(name); });
  if (const auto names = headers.find("x-amz-trailer")) {
    if (!chunked) throw InvalidRequest("The x-amz-trailer header needs a body sent in chunks.");
    expectations.trailer = read_trailer(*names);
  }
  if (expectations.checksum && expectations.trailer)
    throw InvalidRequest(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  if (const auto name = headers.find("x-amz-sdk-checksum-algorithm"))
    check_named_algorithm(*name, expectations.algorithm());
  expectations.length = read_length(headers, chunked);
  return expectations;
}

}  // namespace matinee::s3
