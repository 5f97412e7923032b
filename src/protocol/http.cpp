// Header look-up, percent coding and parameters. These run several times for every request, so they
// look characters up in tables and copy whole runs where nothing needs decoding.
#include "protocol/http.h"

#include <algorithm>
#include <array>

namespace matinee::protocol {

namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = is_unreserved(static_cast<char>(i));
  return table;
}();

/// The value of a hexadecimal digit, or -1.
constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < 10; ++i) table['0' + i] = static_cast<std::int8_t>(i);
  for (std::size_t i = 0; i < 6; ++i) {
    table['a' + i] = static_cast<std::int8_t>(10 + i);
    table['A' + i] = static_cast<std::int8_t>(10 + i);
  }
  return table;
}();

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// What most requests have.
constexpr std::size_t usual_fields = 16;
constexpr std::size_t usual_bytes = 768;

/// The same for names that differ in the case of letters only; different for most others.
std::uint16_t kind_of(std::string_view name) {
  if (name.empty()) return 0;
  const auto letter = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(name[at]) | 0x20);
  };
  return static_cast<std::uint16_t>(name.size() + 37 * letter(name.size() - 1) +
                                    1021 * letter(name.size() / 2) + 59 * letter(0));
}

std::uint64_t bit_of(std::uint16_t kind) {
  return std::uint64_t{1} << (kind % 64);
}

/// Appends to `out`; false where an escape is malformed.
bool decode_into(std::string_view text, bool plus_is_space, std::string& out) {
  const std::string_view special = plus_is_space ? "%+" : "%";
  std::size_t position = text.find_first_of(special);
  if (position == std::string_view::npos) {
    out.append(text);
    return true;
  }
  out.reserve(out.size() + text.size());
  out.append(text.substr(0, position));
  while (position < text.size()) {
    const char c = text[position];
    if (c == '%') {
      if (text.size() - position < 3) return false;
      const int high = digit_values[static_cast<unsigned char>(text[position + 1])];
      const int low = digit_values[static_cast<unsigned char>(text[position + 2])];
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high << 4 | low));
      position += 3;
    } else {
      out.push_back(c == '+' && plus_is_space ? ' ' : c);
      ++position;
    }
  }
  return true;
}

/// "/a?b" of "http://host/a?b"; a target in origin form is returned as it is.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find_first_of("/?", scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

}  // namespace

bool same_header(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i)
    if (to_lower(one[i]) != to_lower(other[i])) return false;
  return true;
}

void Headers::add(std::string_view name, std::string_view value) {
  const std::size_t size = text_.size() + name.size() + value.size();
  const std::uint16_t kind = kind_of(name);
  if (places_.empty()) places_.reserve(usual_fields);
  places_.push_back({.start = static_cast<std::uint32_t>(text_.size()),
                     .name_size = static_cast<std::uint32_t>(name.size()),
                     .value_size = static_cast<std::uint32_t>(value.size()),
                     .kind = kind});
  kinds_ |= bit_of(kind);
  if (size <= text_.capacity()) {
    text_.append(name).append(value);
    return;
  }
  // The old text lives on until the end: name and value may be parts of it.
  std::string larger;
  larger.reserve(std::max(2 * size, usual_bytes));
  larger.append(text_).append(name).append(value);
  text_ = std::move(larger);
}

void Headers::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const std::uint16_t kind = kind_of(name);
  if ((kinds_ & bit_of(kind)) == 0) return std::nullopt;
  for (const Place& place : places_) {
    if (place.kind != kind) continue;
    const auto [key, value] = at(place);
    if (same_header(key, name)) return trim(value);
  }
  return std::nullopt;
}

void Headers::erase(std::string_view name) {
  std::erase_if(places_, [&](const Place& place) { return same_header(at(place).first, name); });
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

std::optional<Parameters> parse_parameters(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty()) continue;
    if (parameters.size() == most_parameters) return std::nullopt;
    const std::size_t equals = part.find('=');
    auto& [name, value] = parameters.emplace_back();
    if (!decode_into(part.substr(0, equals), true, name)) return std::nullopt;
    if (equals == std::string_view::npos) continue;
    if (!decode_into(part.substr(equals + 1), true, value)) return std::nullopt;
  }
  return parameters;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  if (!decode_into(text, plus_is_space, decoded)) return std::nullopt;
  return decoded;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved[byte] || (keep_slash && c == '/')) {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(digits[byte >> 4]);
      encoded.push_back(digits[byte & 15]);
    }
  }
  return encoded;
}

std::string_view authority_of_target(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return {};
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}

std::string_view path_of_target(std::string_view target) {
  const std::string_view relative = without_authority(target);
  const std::string_view path = relative.substr(0, relative.find('?'));
  return path.empty() ? "/" : path;
}

bool HttpRequest::set_target(std::string_view request_target) {
  const std::string_view relative = without_authority(request_target);
  const std::size_t question = relative.find('?');
  const std::string_view raw_path = relative.substr(0, question);
  if (!raw_path.empty() && raw_path[0] != '/' && raw_path != "*") return false;
  if (raw_path.contains('%') && !percent_decode(raw_path)) return false;
  query.clear();
  if (question != std::string_view::npos) {
    std::optional<Parameters> parameters = parse_parameters(relative.substr(question + 1));
    if (!parameters) return false;
    query = std::move(*parameters);
  }
  target = request_target;
  path = raw_path.empty() ? "/" : raw_path;
  return true;
}

}  // namespace matinee::protocol
