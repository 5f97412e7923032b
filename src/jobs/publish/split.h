// Where to cut a range of keys whose content is not known. S3 sorts keys by their UTF-8 bytes,
// which is the order of their characters, and tells only which keys follow a given one.
#pragma once

#include <optional>
#include <string>

namespace matinee::jobs::publish {

/// The keys after `after` up to and with `last`; an empty `last` stands for the end of everything.
struct Span {
  std::string after;
  std::string last;

  bool covers(const std::string& key) const { return key > after && (last.empty() || key <= last); }
};

/// A text about halfway between the ends of a span, so that it is after `after` and before `last`:
/// halfway for keys whose characters are letters and digits, in whatever alphabet. Nothing where
/// no text of at most 1,024 bytes lies between them. What it gives is always UTF-8.
std::optional<std::string> find_middle(const Span& span);

/// The first text behind all keys that begin as `key` does, up to a place halfway between where the
/// ends of the span differ and the end of `prefix`, which keys from the span's beginning have in
/// common. Finds in a few steps how far all other keys share it too. Nothing where that is no cut
/// within the span.
std::optional<std::string> find_end_of_prefix(const Span& span, const std::string& prefix);

/// The first text behind all that begin with `prefix`, without regard to the longest ones; empty
/// for an empty prefix, and where there is none.
std::string end_of_prefix(const std::string& prefix);

/// How many characters, in whole, two keys have in common at their beginning; in bytes.
std::size_t common_bytes(const std::string& one, const std::string& other);

}  // namespace matinee::jobs::publish
