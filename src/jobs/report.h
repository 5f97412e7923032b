// What every job needs to report: how it fails, and its summary for people and for programs.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "client/retry.h"

namespace matinee::jobs {

/// A job that cannot go on. what() is a sentence for the user.
class JobError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The sentence for a refusal that a job cannot do anything about. `cloud` is where it came from.
std::string sentence_of(const protocol::ServiceError& error, const std::string& cloud);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

/// Text to be quoted in a sentence: a long one is cut, and ends in "...".
std::string shortened(std::string_view text);

/// Of fewer the beginning of a job takes most of the time, and a rate would tell nothing.
inline constexpr std::uint64_t least_for_a_rate = 1000;

/// A summary for people: names to the left, values to the right.
class ReportLines {
 public:
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::uint64_t value) { add(name, grouped(value)); }
  /// Zero is left out.
  void add_if_any(std::string_view name, std::uint64_t value) {
    if (value != 0) add(name, value);
  }
  void add_line(std::string_view line) { (text_ += line) += '\n'; }
  /// A command to be copied into a shell; one that is longer than a screen of 80 columns goes on
  /// in further lines, each beginning with an option.
  void add_command(std::string_view command);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Appends JSON's string in its quotes. Control characters are escaped, and the two characters
/// U+FFFE and U+FFFF, which XML and therefore SQS do not take as they are.
void append_json_string(std::string_view text, std::string& out);

/// A summary for programs: one JSON object.
class JsonObject {
 public:
  void add(std::string_view name, std::uint64_t value) { start(name) += std::to_string(value); }
  void add(std::string_view name, double value);
  void add(std::string_view name, bool value) { start(name) += value ? "true" : "false"; }
  void add(std::string_view name, const std::string& value) {
    append_json_string(value, start(name));
  }
  void add(std::string_view name, const std::vector<std::string>& values);
  void add(std::string_view name, const JsonObject& object) { start(name) += object.text_ + "}"; }
  /// `value` is JSON already, such as "null" or a list of numbers.
  void add_json(std::string_view name, std::string_view value) { start(name) += value; }
  /// With a newline.
  std::string take() { return std::move(text_) + "}\n"; }

 private:
  std::string text_ = "{";

  std::string& start(std::string_view name);
};

}  // namespace matinee::jobs
