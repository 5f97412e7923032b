#include "patterns/event_reader.h"

#include <cstring>

#include "protocol/utf8.h"

namespace matinee::patterns {
namespace {

constexpr std::size_t kDeepest = 1000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Appends a character as UTF-8. Halves of surrogate pairs become question marks, as in Java.
void append(char*& out, char32_t character) {
  if (character >= 0xd800 && character <= 0xdfff) character = U'?';
  if (character < 0x80) {
    *out++ = static_cast<char>(character);
  } else if (character < 0x800) {
    *out++ = static_cast<char>(0xc0 | (character >> 6));
    *out++ = static_cast<char>(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    *out++ = static_cast<char>(0xe0 | (character >> 12));
    *out++ = static_cast<char>(0x80 | ((character >> 6) & 0x3f));
    *out++ = static_cast<char>(0x80 | (character & 0x3f));
  } else {
    *out++ = static_cast<char>(0xf0 | (character >> 18));
    *out++ = static_cast<char>(0x80 | ((character >> 12) & 0x3f));
    *out++ = static_cast<char>(0x80 | ((character >> 6) & 0x3f));
    *out++ = static_cast<char>(0x80 | (character & 0x3f));
  }
}

}  // namespace

bool Event::parse(std::string_view json) {
  clear();
  if (EventReader(*this, json).read_object()) return true;
  clear();
  return false;
}

bool Event::add_array(std::string_view name, std::string_view json) {
  Event scalars;
  if (!EventReader(scalars, json).read_scalars(scalars.add_node(0, name))) return false;
  const std::uint32_t node = add_node(0, keep(name));
  for (std::size_t i = 1; i < scalars.values_.size(); ++i)
    add_value(
        {.text = keep(scalars.values_[i].text), .node = node, .kind = scalars.values_[i].kind});
  return true;
}

void EventReader::skip_space() {
  while (at_ < json_.size() &&
         (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r'))
    ++at_;
}

bool EventReader::take(char c) {
  if (peek() != c || at_ == json_.size()) return false;
  ++at_;
  return true;
}

bool EventReader::read_object() {
  skip_space();
  if (peek() != '{' || !open(0, Event::kNone)) return false;
  while (!levels_.empty())
    if (!(levels_.back().is_object ? read_member() : read_element())) return false;
  skip_space();
  return at_ == json_.size();
}

bool EventReader::read_scalars(std::uint32_t node) {
  skip_space();
  if (peek() != '[' || !open(node, Event::kNone)) return false;
  while (!levels_.empty()) {
    skip_space();
    if (!read_scalar(node, Event::kNone) || !close_levels()) return false;
  }
  skip_space();
  return at_ == json_.size();
}

bool EventReader::open(std::uint32_t node, std::uint32_t element) {
  const bool is_object = json_[at_++] == '{';
  if (levels_.size() == kDeepest) return false;
  levels_.push_back({.is_object = is_object,
                     .node = node,
                     .element = element,
                     .array = is_object ? 0 : ++event_.arrays_});
  skip_space();
  if (peek() != (is_object ? '}' : ']')) return true;
  ++at_;
  levels_.pop_back();
  return levels_.empty() || close_levels();
}

bool EventReader::close_levels() {
  while (!levels_.empty()) {
    skip_space();
    if (take(',')) return true;
    if (!take(levels_.back().is_object ? '}' : ']')) return false;
    levels_.pop_back();
  }
  return true;
}

bool EventReader::read_member() {
  skip_space();
  std::string_view name;
  if (!take('"') || !read_text(name)) return false;
  skip_space();
  if (!take(':')) return false;
  const Level level = levels_.back();
  return read_value(event_.add_node(level.node, name), level.element);
}

bool EventReader::read_element() {
  skip_space();
  const Level level = levels_.back();
  const bool is_scalar = peek() != '{' && peek() != '[';
  return read_value(level.node,
                    is_scalar ? level.element : event_.add_element(level.element, level.array));
}

bool EventReader::read_value(std::uint32_t node, std::uint32_t element) {
  skip_space();
  if (peek() == '{' || peek() == '[') return open(node, element);
  return read_scalar(node, element) && close_levels();
}

bool EventReader::read_scalar(std::uint32_t node, std::uint32_t element) {
  Event::Value value{.text = {}, .node = node, .element = element};
  const std::size_t begin = at_;
  if (take('"')) {
    value.kind = ValueKind::text;
    if (!read_text(value.text)) return false;
    event_.add_value(value);
    return true;
  }
  if (peek() == 't' || peek() == 'f') {
    value.kind = ValueKind::boolean;
    if (!read_word(peek() == 't' ? "true" : "false")) return false;
  } else if (peek() == 'n') {
    if (!read_word("null")) return false;
  } else {
    value.kind = ValueKind::number;
    if (!read_number()) return false;
  }
  value.text = json_.substr(begin, at_ - begin);
  event_.add_value(value);
  return true;
}

bool EventReader::read_word(std::string_view word) {
  if (!json_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool EventReader::read_digits() {
  if (!is_digit(peek())) return false;
  while (is_digit(peek())) ++at_;
  return true;
}

bool EventReader::read_number() {
  take('-');
  if (!take('0') && !read_digits()) return false;
  if (take('.') && !read_digits()) return false;
  if (!take('e') && !take('E')) return true;
  if (!take('+')) take('-');
  return read_digits();
}

bool EventReader::read_text(std::string_view& out) {
  const std::size_t begin = at_;
  for (; at_ < json_.size(); ++at_) {
    const char c = json_[at_];
    if (c == '"') {
      out = json_.substr(begin, at_++ - begin);
      return true;
    }
    if (c == '\\') return read_escaped(begin, out);
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return false;
}

bool EventReader::read_escaped(std::size_t begin, std::string_view& out) {
  // The end of the text is found first: unescaped it is never longer.
  std::size_t end = at_;
  while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
  if (end >= json_.size()) return false;
  char* const target = event_.allocate(end - begin);
  char* to = target;
  std::memcpy(to, json_.data() + begin, at_ - begin);
  to += at_ - begin;
  while (at_ < end) {
    const char c = json_[at_++];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\')
      *to++ = c;
    else if (!read_escape(to))
      return false;
  }
  ++at_;
  out = {target, static_cast<std::size_t>(to - target)};
  return true;
}

bool EventReader::read_escape(char*& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char name = json_[at_++];
  if (const std::size_t place = kNames.find(name); place != std::string_view::npos) {
    *out++ = kMeanings[place];
    return true;
  }
  unsigned unit = 0;
  if (name != 'u' || !read_hex(unit)) return false;
  char32_t character = unit;
  if (unit >= 0xd800 && unit < 0xdc00 && json_.substr(at_).starts_with("\\u")) {
    const std::size_t back = at_;
    at_ += 2;
    unsigned low = 0;
    if (!read_hex(low)) return false;
    if (low >= 0xdc00 && low < 0xe000)
      character = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    else
      at_ = back;
  }
  append(out, character);
  return true;
}

bool EventReader::read_hex(unsigned& out) {
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    if (is_digit(c))
      out = out * 16 + static_cast<unsigned>(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
      out = out * 16 + static_cast<unsigned>((c | 0x20) - 'a' + 10);
    else
      return false;
  }
  return true;
}

}  // namespace matinee::patterns
