#include "templates/sam/shapes.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/assertion.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t suffix_bytes = 5;

void append_escaped(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex_digits[unit >> shift & 0xF];
}

/// JSON in ASCII: quotes, backslashes and control characters escaped, and everything beyond. The
/// text is UTF-8.
void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    constexpr std::string_view short_escapes = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    if (const std::size_t at = short_escapes.find(static_cast<char>(first));
        at != std::string_view::npos) {
      out += '\\';
      out += letters[at];
    } else if (first >= 0x20 && first < 0x7F) {
      out += static_cast<char>(first);
    } else if (first < 0x80) {
      append_escaped(out, first);
    } else {
      const unsigned following = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
      unsigned point = first & (0x3FU >> following);
      for (unsigned n = 0; n < following && i < text.size(); ++n)
        point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3FU);
      if (point < 0x10000) {
        append_escaped(out, point);
      } else {
        append_escaped(out, 0xD800 + ((point - 0x10000) >> 10 & 0x3FF));
        append_escaped(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
      }
    }
  }
  out += '"';
}

/// What the translator hashes: members in the order of their names, no spaces.
void append_sorted(std::string& out, const Value& value) {
  const char* separator = "";
  if (value.is_list()) {
    out += '[';
    for (const Value& element : value.elements()) {
      out += std::exchange(separator, ",");
      append_sorted(out, element);
    }
    out += ']';
  } else if (value.is_map()) {
    std::vector<const Member*> members;
    for (const Member& member : value.members()) members.push_back(&member);
    std::ranges::sort(members, {}, &Member::name);
    out += '{';
    for (const Member* member : members) {
      out += std::exchange(separator, ",");
      append_string(out, member->name);
      out += ':';
      append_sorted(out, member->value);
    }
    out += '}';
  } else if (value.is_string()) {
    append_string(out, value.text());
  } else {
    out += to_json(value);
  }
}

std::string hashed_text(const Value& value) {
  if (value.is_string()) return value.text();
  std::string out;
  append_sorted(out, value);
  return out;
}

}  // namespace

Value ref_to(std::string_view id) {
  return Value::map("Ref", id);
}

Value get_att(std::string_view id, std::string_view attribute) {
  return Value::map("Fn::GetAtt", Value::list({id, attribute}));
}

Value no_value() {
  return ref_to("AWS::NoValue");
}

Value choose(std::string_view condition, Value yes, Value no) {
  return Value::map("Fn::If", Value::list({condition, std::move(yes), std::move(no)}));
}

bool is_function(const Value& value) {
  if (value.members().size() != 1) return false;
  const std::string& name = value.members().front().name;
  return name == "Ref" || name == "Condition" || name.starts_with("Fn::");
}

bool is_function(const Value& value, std::string_view name) {
  return value.members().size() == 1 && value.members().front().name == name;
}

bool is_no_value(const Value& value) {
  return is_function(value, "Ref") && value.members().front().value == Value("AWS::NoValue");
}

const Value::List* find_choice(const Value& value) {
  if (!is_function(value, "Fn::If")) return nullptr;
  const Value::List& parts = value.members().front().value.elements();
  return parts.size() == 3 && parts[0].is_string() ? &parts : nullptr;
}

bool is_nothing(const Value* value) {
  if (!value) return true;
  switch (value->kind()) {
    case Value::Kind::null:
      return true;
    case Value::Kind::boolean:
      return !value->truth();
    case Value::Kind::number:
      return value->integer() == 0;
    case Value::Kind::string:
      return value->text().empty();
    case Value::Kind::list:
      return value->elements().empty();
    case Value::Kind::map:
      return value->members().empty();
  }
  return true;
}

const Value* find_given(const Value& map, std::string_view name) {
  const Value* value = map.find(name);
  return value && !value->is_null() ? value : nullptr;
}

void set_given(Value& map, std::string_view name, const Value* value) {
  if (value) map.set(name, *value);
}

Value list_of(std::initializer_list<Value> elements) {
  return Value::list(elements);
}

Value allowing(Value action, Value resource) {
  Value statement;
  statement.set("Action", std::move(action)).set("Effect", "Allow");
  return std::move(statement.set("Resource", std::move(resource)));
}

Value role_policy(std::string name, Value statements) {
  Value policy;
  policy.set("PolicyName", std::move(name));
  return std::move(policy.set("PolicyDocument", Value::map("Statement", std::move(statements))));
}

std::string suffix_of(const Value& value) {
  const std::string hashed = hashed_text(value);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done =
      EVP_Digest(hashed.data(), hashed.size(), digest.data(), &size, EVP_sha1(), nullptr);
  runtime::expect(done == 1 && size >= suffix_bytes, "SHA-1 is there");
  std::string suffix;
  for (std::size_t i = 0; i < suffix_bytes; ++i) {
    suffix += hex_digits[digest[i] >> 4];
    suffix += hex_digits[digest[i] & 0xF];
  }
  return suffix;
}

std::string id_part(std::string_view text) {
  std::string part;
  for (const char c : text) {
    if (c == '-')
      part += 'D';
    else if (c == '_')
      part += 'U';
    else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
      part += c;
  }
  return part;
}

}  // namespace matinee::templates::sam
