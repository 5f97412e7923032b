#include "services/s3/headers/conditions.h"

#include <fmt/format.h>

#include <charconv>

#include "s3/errors.h"

namespace matinee::s3 {

namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  // More digits than a number can have lie past the end of any object.
  if (error == std::errc::result_out_of_range) return ~std::uint64_t{0};
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Each quote is taken off for itself: one that a client has lost does not matter.
std::string_view without_quotes(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.starts_with('"')) tag.remove_prefix(1);
  if (tag.ends_with('"')) tag.remove_suffix(1);
  return tag;
}

protocol::Timestamp whole_seconds(protocol::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

InvalidRange unsatisfiable(std::string_view header, std::uint64_t size) {
  InvalidRange error("The requested range is not satisfiable");
  error.details = {{"RangeRequested", std::string(header)},
                   {"ActualObjectSize", fmt::to_string(size)}};
  return error;
}

/// Whether a time can be the one of which If-Modified-Since tells: moments to come are ignored.
bool has_come(const std::optional<protocol::Timestamp>& time, protocol::Timestamp now) {
  return time && whole_seconds(*time) <= now;
}

NotImplemented unknown_condition(std::string header, std::string message) {
  NotImplemented error("A header you provided implies functionality that is not implemented");
  error.details = {{"Header", std::move(header)}, {"additionalMessage", std::move(message)}};
  return error;
}

NotImplemented unknown_value(const std::string& header) {
  return unknown_condition(
      header, fmt::format("We don't accept the provided value of {} header for this API", header));
}

PreconditionFailed failed(std::string condition) {
  PreconditionFailed error("At least one of the pre-conditions you specified did not hold");
  error.details = {{"Condition", std::move(condition)}};
  return error;
}

}  // namespace

std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return std::nullopt;
  const std::string_view text = trimmed(header.substr(unit.size()));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = trimmed(text.substr(0, dash));
  const std::string_view last_text = trimmed(text.substr(dash + 1));

  if (first_text.empty()) {
    const std::optional<std::uint64_t> suffix = parse_number(last_text);
    if (!suffix) return std::nullopt;
    if (*suffix == 0 || size == 0) throw unsatisfiable(header, size);
    const std::uint64_t length = std::min(*suffix, size);
    return ByteRange{.offset = size - length, .length = length};
  }
  const std::optional<std::uint64_t> first = parse_number(first_text);
  const std::optional<std::uint64_t> last =
      last_text.empty() ? ~std::uint64_t{0} : parse_number(last_text);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) throw unsatisfiable(header, size);
  return ByteRange{.offset = *first, .length = std::min(*last, size - 1) - *first + 1};
}

ByteRange parse_copy_range(const std::string& header, std::uint64_t size) {
  const auto refuse = [&](std::string message) {
    InvalidArgument error(std::move(message));
    error.details = {{"ArgumentName", "x-amz-copy-source-range"}, {"ArgumentValue", header}};
    throw error;
  };
  constexpr std::string_view unit = "bytes=";
  const std::string_view text = header;
  const std::size_t dash = text.find('-');
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
  if (text.starts_with(unit) && dash != std::string_view::npos) {
    first = parse_number(text.substr(unit.size(), dash - unit.size()));
    last = parse_number(text.substr(dash + 1));
  }
  if (!first || !last || *last < *first)
    refuse(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
        "last are the zero-based offsets of the first and last bytes to copy");
  if (*last >= size)
    refuse(fmt::format("Range specified is not valid for source object of size: {}", size));
  return {.offset = *first, .length = *last - *first + 1};
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1, size);
}

bool matches_etag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view tag = trimmed(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (tag == "*" || without_quotes(tag) == etag) return true;
  }
  return false;
}

void check_read(const Condition& condition, const Validator& object, protocol::Timestamp now) {
  // If-Match that holds makes If-Unmodified-Since irrelevant; If-None-Match makes If-Modified-Since
  // irrelevant.
  if (condition.if_match) {
    if (!matches_etag(*condition.if_match, object.etag)) throw failed("If-Match");
  } else if (condition.if_unmodified_since &&
             object.modified > whole_seconds(*condition.if_unmodified_since)) {
    throw failed("If-Unmodified-Since");
  }
  if (condition.if_none_match) {
    if (matches_etag(*condition.if_none_match, object.etag)) throw NotModified("Not Modified");
  } else if (has_come(condition.if_modified_since, now) &&
             object.modified <= whole_seconds(*condition.if_modified_since)) {
    throw NotModified("Not Modified");
  }
}

void check_copy_source(const Condition& condition, const Validator& object,
                       protocol::Timestamp now) {
  if (condition.if_match) {
    if (!matches_etag(*condition.if_match, object.etag)) throw failed("x-amz-copy-source-If-Match");
  } else if (condition.if_unmodified_since &&
             object.modified > whole_seconds(*condition.if_unmodified_since)) {
    throw failed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (condition.if_none_match) {
    if (matches_etag(*condition.if_none_match, object.etag))
      throw failed("x-amz-copy-source-If-None-Match");
  } else if (has_come(condition.if_modified_since, now) &&
             object.modified <= whole_seconds(*condition.if_modified_since)) {
    throw failed("x-amz-copy-source-If-Modified-Since");
  }
}

void check_write(const Condition& condition, const Validator* object, const std::string& key) {
  if (condition.if_none_match && condition.if_match)
    throw unknown_condition("If-Match,If-None-Match",
                            "Multiple conditional request headers present in the request");
  if (condition.if_match && trimmed(*condition.if_match) == "*") throw unknown_value("If-Match");
  if (condition.if_none_match) {
    if (trimmed(*condition.if_none_match) != "*") throw unknown_value("If-None-Match");
    if (object) throw failed("If-None-Match");
  }
  check_removal(condition.if_match, object, key);
}

void check_removal(const std::optional<std::string>& if_match, const Validator* object,
                   const std::string& key) {
  if (!if_match) return;
  if (!object) {
    NoSuchKey error("The specified key does not exist.");
    error.details = {{"Key", key}};
    throw error;
  }
  if (!matches_etag(*if_match, object->etag)) throw failed("If-Match");
}

void check_not_overtaken(const Condition& condition, bool overtaken, const std::string& key) {
  if (!overtaken || (!condition.if_match && !condition.if_none_match)) return;
  ConditionalRequestConflict error(
      "The conditional request cannot succeed due to a conflicting operation against this "
      "resource.");
  error.details = {{"Condition", condition.if_match ? "If-Match" : "If-None-Match"}, {"Key", key}};
  throw error;
}

}  // namespace matinee::s3
