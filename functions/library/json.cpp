#include "library/json.h"

#include <fmt/format.h>

#include <charconv>

#include "protocol/utf8.h"

namespace lambda {

namespace {

constexpr int most_levels = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// How many characters at the front of `text` are a number of JSON; 0 for none.
std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t before = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > before;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0')
    ++at;
  else if (!digits())
    return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return 0;
  }
  return at;
}

}  // namespace

// Here, because a member's type is not complete where Json is.
Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;
Json::Json(Value value) : value_(std::move(value)) {}
Json::Json(bool value) : value_(value) {}
Json::Json(int value) : Json(static_cast<std::int64_t>(value)) {}
Json::Json(std::int64_t value) : value_(Number{std::to_string(value)}) {}
Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(std::string_view value) : value_(std::string(value)) {}
Json::Json(const char* value) : value_(std::string(value)) {}
Json::Json(Array value) : value_(std::move(value)) {}

/// Recursive descent over one document.
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  Json document() {
    if (!matinee::protocol::is_utf8(text_)) throw JsonError("The JSON is not in UTF-8.");
    Json value = this->value(0);
    skip_space();
    if (at_ != text_.size()) fail();
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;

  [[noreturn]] void fail() const {
    throw JsonError(at_ >= text_.size() ? "The JSON ends too early."
                                        : fmt::format("The JSON is malformed at byte {}.", at_));
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void require(char c) {
    if (!take(c)) fail();
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Json value(int level) {
    if (level > most_levels) throw JsonError("The JSON is nested too deeply.");
    switch (peek()) {
      case '{':
        return object(level);
      case '[':
        return array(level);
      case '"':
        return Json(string());
      default:
        break;
    }
    if (take_word("true")) return Json(true);
    if (take_word("false")) return Json(false);
    if (take_word("null")) return Json();
    const std::size_t length = number_length(text_.substr(at_));
    if (length == 0) fail();
    const std::string_view number = text_.substr(at_, length);
    at_ += length;
    return Json(Json::Value(Json::Number{std::string(number)}));
  }

  Json object(int level) {
    Json::Object members;
    require('{');
    if (take('}')) return Json(Json::Value(std::move(members)));
    do {
      if (peek() != '"') fail();
      std::string name = string();
      require(':');
      members.push_back({std::move(name), value(level + 1)});
    } while (take(','));
    require('}');
    return Json(Json::Value(std::move(members)));
  }

  Json array(int level) {
    Json::Array elements;
    require('[');
    if (take(']')) return Json(std::move(elements));
    do elements.push_back(value(level + 1));
    while (take(','));
    require(']');
    return Json(std::move(elements));
  }

  std::string string() {
    std::string result;
    ++at_;
    while (true) {
      if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < ' ') fail();
      const char c = text_[at_++];
      if (c == '"') return result;
      if (c == '\\')
        escape(result);
      else
        result += c;
    }
  }

  void escape(std::string& out) {
    if (at_ >= text_.size()) fail();
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (const std::size_t place = letters.find(c); place != std::string_view::npos) {
      out += meanings[place];
      return;
    }
    if (c != 'u') fail();
    char32_t character = four_digits();
    if (character >= 0xd800 && character < 0xdc00 && take_word("\\u")) {
      const char32_t second = four_digits();
      if (second < 0xdc00 || second > 0xdfff) fail();
      character = 0x10000 + ((character - 0xd800) << 10) + (second - 0xdc00);
    }
    // Half of a pair is no character: what UTF-8 cannot say is replaced.
    if (character >= 0xd800 && character <= 0xdfff) character = 0xfffd;
    matinee::protocol::append_character(out, character);
  }

  char32_t four_digits() {
    unsigned number = 0;
    if (text_.size() - at_ < 4) fail();
    const char* start = text_.data() + at_;
    const auto [end, error] = std::from_chars(start, start + 4, number, 16);
    if (error != std::errc() || end != start + 4) fail();
    at_ += 4;
    return number;
  }
};

Json Json::object() {
  return Json(Value(Object()));
}
Json Json::array() {
  return Json(Array());
}

Json Json::parse(std::string_view text) {
  return JsonParser(text).document();
}

Json Json::number(std::string_view text) {
  if (text.empty() || number_length(text) != text.size())
    throw JsonError(fmt::format("\"{}\" is not a number.", text));
  return Json(Value(Number{std::string(text)}));
}

template <class T>
const T& Json::get(std::string_view wanted) const {
  if (const T* value = std::get_if<T>(&value_)) return *value;
  std::string shown = dump();
  if (shown.size() > 60) shown = shown.substr(0, 60) + "...";
  throw JsonError(fmt::format("The JSON has {} where {} was expected.", shown, wanted));
}

bool Json::as_bool() const {
  return get<bool>("true or false");
}
const std::string& Json::text() const {
  return get<std::string>("a text");
}
const std::string& Json::number_text() const {
  return get<Number>("a number").text;
}
const Json::Array& Json::elements() const {
  return get<Array>("an array");
}
const Json::Object& Json::members() const {
  return get<Object>("an object");
}

std::int64_t Json::integer() const {
  const std::string& text = get<Number>("a number").text;
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end)
    throw JsonError(fmt::format("The JSON has {} where a whole number was expected.", text));
  return value;
}

double Json::as_double() const {
  const std::string& text = get<Number>("a number").text;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

const Json* Json::find(std::string_view name) const {
  const Object* object = std::get_if<Object>(&value_);
  if (!object) return nullptr;
  for (std::size_t i = object->size(); i-- > 0;)
    if ((*object)[i].name == name) return &(*object)[i].value;
  return nullptr;
}

const Json& Json::at(std::string_view name) const {
  members();
  if (const Json* member = find(name)) return *member;
  throw JsonError(fmt::format("The JSON lacks \"{}\".", name));
}

std::string Json::text_or(std::string_view name, std::string_view otherwise) const {
  const Json* member = find(name);
  return member && !member->is_null() ? member->text() : std::string(otherwise);
}

Json& Json::set(std::string_view name, Json value) {
  Object& object = std::get<Object>(value_);
  for (JsonMember& member : object)
    if (member.name == name) {
      member.value = std::move(value);
      return *this;
    }
  object.push_back({std::string(name), std::move(value)});
  return *this;
}

void Json::push(Json value) {
  std::get<Array>(value_).push_back(std::move(value));
}

bool Json::operator==(const Json& other) const {
  return value_ == other.value_;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = matinee::protocol::next_character(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < ' ') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (bytes.size() == 1 && static_cast<unsigned char>(bytes[0]) >= 0x80) {
      out += "\xef\xbf\xbd";
    } else {
      out += bytes;
    }
  }
  out += '"';
}

void Json::append_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const bool* truth = std::get_if<bool>(&value_)) {
    out += *truth ? "true" : "false";
  } else if (const Number* number = std::get_if<Number>(&value_)) {
    out += number->text;
  } else if (const std::string* text = std::get_if<std::string>(&value_)) {
    append_json_text(out, *text);
  } else if (const Array* array = std::get_if<Array>(&value_)) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      (*array)[i].append_to(out);
    }
    out += ']';
  } else {
    out += '{';
    const Object& object = std::get<Object>(value_);
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (i > 0) out += ',';
      append_json_text(out, object[i].name);
      out += ':';
      object[i].value.append_to(out);
    }
    out += '}';
  }
}

std::string Json::dump() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace lambda
