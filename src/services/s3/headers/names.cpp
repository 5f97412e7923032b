#include "services/s3/headers/names.h"

#include <fmt/format.h>

#include "policy/wildcard.h"
#include "protocol/http.h"
#include "protocol/utf8.h"
#include "s3/errors.h"
#include "services/s3/headers/encoded_words.h"
#include "services/s3/transfer/checksums.h"

namespace matinee::s3 {

namespace {

constexpr std::array reserved_prefixes = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array reserved_suffixes = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}

/// Four numbers with dots between them, as in 192.168.5.4.
bool looks_like_ip_address(std::string_view name) {
  int dots = 0;
  bool digit_before = false;
  for (const char c : name) {
    if (c == '.' && digit_before)
      ++dots;
    else if (!is_digit(c))
      return false;
    digit_before = is_digit(c);
  }
  return dots == 3 && digit_before;
}

/// Characters outside of ASCII are taken for letters.
bool has_tag_characters(std::string_view text) {
  constexpr std::string_view signs = " +-=._:/@";
  return std::ranges::all_of(text, [&](char c) {
    return is_letter_or_digit(c) || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0 ||
           signs.find(c) != std::string_view::npos;
  });
}

InvalidArgument bad_tagging(std::string_view text) {
  InvalidArgument error(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
      "without tag name duplicates.");
  error.details = {{"ArgumentName", "x-amz-tagging"}, {"ArgumentValue", std::string(text)}};
  return error;
}

InvalidArgument bad_copy_source(std::string_view text) {
  InvalidArgument error(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  error.details = {{"ArgumentName", "x-amz-copy-source"}, {"ArgumentValue", std::string(text)}};
  return error;
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  for (const char c : name)
    if (!is_letter_or_digit(c) && c != '.' && c != '-') return false;
  if (name.find("..") != std::string_view::npos || looks_like_ip_address(name)) return false;
  for (const std::string_view prefix : reserved_prefixes)
    if (name.starts_with(prefix)) return false;
  for (const std::string_view suffix : reserved_suffixes)
    if (name.ends_with(suffix)) return false;
  return true;
}

void check_bucket_name(const std::string& name) {
  if (is_bucket_name(name)) return;
  InvalidBucketName error("The specified bucket is not valid.");
  error.details = {{"BucketName", name}};
  throw error;
}

void check_key(const std::string& key) {
  if (key.size() > max_key_bytes) {
    KeyTooLongError error("Your key is too long");
    error.details = {{"Size", fmt::to_string(key.size())},
                     {"MaxSizeAllowed", fmt::to_string(max_key_bytes)}};
    throw error;
  }
  if (!protocol::is_utf8(key)) throw InvalidURI("Couldn't parse the specified URI.");
}

CopySource parse_copy_source(std::string_view text) {
  constexpr std::string_view version_mark = "?versionId=";
  std::string_view rest = text;
  CopySource source;
  if (const std::size_t mark = rest.rfind(version_mark); mark != std::string_view::npos) {
    source.version_id = std::string(rest.substr(mark + version_mark.size()));
    rest = rest.substr(0, mark);
  }
  // Clients that encode as forms do send a space as a plus.
  const std::optional<std::string> decoded = protocol::percent_decode(rest, true);
  if (!decoded) throw bad_copy_source(text);
  rest = *decoded;
  if (rest.starts_with("arn:")) throw NotImplemented("Matinee does not serve access points.");
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size())
    throw bad_copy_source(text);
  source.bucket = rest.substr(0, slash);
  source.key = rest.substr(slash + 1);
  return source;
}

void check_tag(const std::string& key, const std::string& value) {
  if (key.empty() || protocol::count_characters(key) > 128 || !has_tag_characters(key)) {
    InvalidTag error("The TagKey you have provided is invalid");
    error.details = {{"TagKey", key}};
    throw error;
  }
  if (protocol::count_characters(value) > 256 || !has_tag_characters(value)) {
    InvalidTag error("The TagValue you have provided is invalid");
    error.details = {{"TagKey", key}, {"TagValue", value}};
    throw error;
  }
  if (!key.starts_with("aws:")) return;
  InvalidTag error("Your TagKey cannot be prefixed with aws:");
  error.details = {{"TagKey", key}};
  throw error;
}

std::map<std::string, std::string> parse_tagging(std::string_view text) {
  const std::optional<protocol::Parameters> pairs = protocol::parse_parameters(text);
  if (!pairs) throw bad_tagging(text);
  std::map<std::string, std::string> tags;
  for (const auto& [key, value] : *pairs)
    if (!tags.emplace(key, value).second) throw bad_tagging(text);
  for (const auto& [key, value] : tags) check_tag(key, value);
  if (tags.size() > max_tags) throw BadRequest("Object tags cannot be greater than 10");
  return tags;
}

std::optional<std::string> stored_content_encoding(std::string_view text) {
  // What needs no change is returned as it was sent.
  if (!policy::to_lower(text).contains("aws-chunked"))
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  std::string kept;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view coding = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    while (coding.starts_with(' ')) coding.remove_prefix(1);
    while (coding.ends_with(' ')) coding.remove_suffix(1);
    if (coding.empty() || protocol::same_header(coding, "aws-chunked")) continue;
    if (!kept.empty()) kept += ',';
    kept += coding;
  }
  if (kept.empty()) return std::nullopt;
  return kept;
}

std::map<std::string, std::string> stored_metadata(
    const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> stored;
  std::size_t size = 0;
  for (const auto& [name, value] : metadata) {
    std::string lower = name;
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    std::string text = decode_header_text(value);
    size += lower.size() + text.size();
    stored[std::move(lower)] = std::move(text);
  }
  if (size > max_metadata_bytes) {
    MetadataTooLarge error("Your metadata headers exceed the maximum allowed metadata size");
    error.details = {{"Size", fmt::to_string(size)},
                     {"MaxSizeAllowed", fmt::to_string(max_metadata_bytes)}};
    throw error;
  }
  return stored;
}

std::map<std::string, std::string> metadata_of_reply(
    const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> replied;
  for (const auto& [name, value] : metadata) replied.emplace(name, encode_header_text(value));
  return replied;
}

std::string override_value(std::string_view parameter, const std::string& value) {
  if (std::optional<std::string> text = to_latin1(value)) return std::move(*text);
  InvalidArgument error("Header value cannot be represented using ISO-8859-1.");
  error.details = {{"ArgumentName", std::string(parameter)}, {"ArgumentValue", value}};
  throw error;
}

std::optional<std::string> checked_redirect(const std::optional<std::string>& location) {
  if (!location) return location;
  if (!location->starts_with('/') && !location->starts_with("http://") &&
      !location->starts_with("https://"))
    throw InvalidRedirectLocation(
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
  if (location->size() > max_redirect_bytes)
    throw InvalidRedirectLocation(
        "The length of website redirect location cannot exceed 2,048 characters.");
  return location;
}

std::string canonical_user_id(const std::string& account) {
  return to_hex(digest(Algorithm::sha256, "canonical user of account " + account));
}

}  // namespace matinee::s3
