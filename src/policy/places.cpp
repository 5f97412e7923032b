#include "policy/places.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

/// Walks over JSON that is known to be right.
class Walker {
 public:
  explicit Walker(std::string_view json) : json_(json) {}

  std::vector<StatementPlace> statements() {
    std::vector<StatementPlace> places;
    skip_blanks();
    if (!take('{')) return places;
    while (!at_end() && next() != '}') {
      const std::string_view name = take_string();
      take(':');
      if (name == "Statement")
        add_statements(places);
      else
        skip_value();
      take(',');
    }
    return places;
  }

 private:
  std::string_view json_;
  std::size_t at_ = 0;
  std::int32_t line_ = 1;
  std::int32_t column_ = 1;  // of the next character

  bool at_end() const { return at_ >= json_.size(); }
  char next() const { return at_end() ? '\0' : json_[at_]; }

  void advance() {
    const auto byte = static_cast<unsigned char>(json_[at_++]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if ((byte & 0xc0) != 0x80) {  // not within a character
      ++column_;
    }
  }
  void skip_blanks() {
    while (!at_end() && std::string_view(" \t\r\n").find(next()) != std::string_view::npos)
      advance();
  }
  /// With the blanks after it.
  bool take(char c) {
    if (next() != c) return false;
    advance();
    skip_blanks();
    return true;
  }
  std::string_view take_string() {
    const std::size_t start = at_ + 1;
    if (next() == '"') advance();
    while (!at_end() && next() != '"') {
      if (next() == '\\') advance();
      if (!at_end()) advance();
    }
    const std::string_view text = json_.substr(std::min(start, json_.size()), at_ - start);
    take('"');
    return text;
  }
  /// Where the character that comes next stands. It is taken.
  Place place() {
    const std::size_t offset = at_;
    advance();
    const Place found{.line = line_, .column = column_, .offset = offset};
    skip_blanks();
    return found;
  }
  /// Up to the bracket that closes what is open, which is left.
  void skip_to_close() {
    int depth = 0;
    while (!at_end()) {
      const char c = next();
      if (c == '"') {
        take_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && depth-- == 0) return;
      advance();
    }
  }
  void skip_value() {
    if (next() == '"') {
      take_string();
    } else if (next() == '{' || next() == '[') {
      advance();
      skip_to_close();
      if (!at_end()) place();
    } else {
      while (!at_end() && std::string_view(",}] \t\r\n").find(next()) == std::string_view::npos)
        advance();
      skip_blanks();
    }
  }
  void add_statement(std::vector<StatementPlace>& places, const Place& begin) {
    skip_to_close();
    if (!at_end()) places.push_back({.begin = begin, .end = place()});
  }
  void add_statements(std::vector<StatementPlace>& places) {
    const bool is_list = next() == '[';
    if (!is_list && next() != '{') return;
    Place begin = place();
    if (!is_list) return add_statement(places, begin);
    while (take('{')) {
      add_statement(places, begin);
      take(',');
      if (!places.empty()) begin = places.back().end;
    }
    take(']');
  }
};

/// Keys in the order in which they were met first.
class KeyList {
 public:
  void add(std::string_view key) {
    if (known_.insert(to_lower(key)).second) keys_.emplace_back(key);
  }
  void add_variables(std::string_view pattern) {
    for (;;) {
      const std::size_t start = pattern.find("${");
      const std::size_t end = pattern.find('}', start);
      if (start == std::string_view::npos || end == std::string_view::npos) return;
      std::string_view name = pattern.substr(start + 2, end - start - 2);
      name = name.substr(0, name.find(','));
      if (name != "*" && name != "?" && name != "$") add(name);
      pattern.remove_prefix(end + 1);
    }
  }
  std::vector<std::string> take() { return std::move(keys_); }

 private:
  std::vector<std::string> keys_;
  std::unordered_set<std::string> known_;  // in lower case
};

}  // namespace

std::vector<StatementPlace> find_places(std::string_view json) {
  return Walker(json).statements();
}

std::vector<std::string> context_keys(const Document& document) {
  KeyList keys;
  for (const Statement& statement : document.statements) {
    if (document.has_variables && statement.resources)
      for (const std::string& pattern : statement.resources->patterns) keys.add_variables(pattern);
    for (const Condition& condition : statement.conditions) {
      keys.add(condition.key_as_written);
      if (!document.has_variables) continue;
      for (const std::string& value : condition.values) keys.add_variables(value);
    }
  }
  return keys.take();
}

}  // namespace matinee::policy
