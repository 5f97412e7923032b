#include "protocol/cbor_items.h"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "protocol/error.h"
#include "protocol/utf8.h"

namespace matinee::protocol::cbor {
namespace {

/// Of what is skipped.
constexpr std::size_t max_depth = 100;

/// RFC 8949, appendix D.
double half_to_double(std::uint64_t bits) {
  const auto exponent = static_cast<int>(bits >> 10 & 0x1f);
  const auto mantissa = static_cast<double>(bits & 0x3ff);
  double value = 0;
  if (exponent == 0)
    value = std::ldexp(mantissa, -24);
  else if (exponent != 31)
    value = std::ldexp(mantissa + 1024, exponent - 25);
  else
    value = mantissa == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  return bits & 0x8000 ? -value : value;
}

double float_of(const Head& head) {
  if (head.info == 25) return half_to_double(head.argument);
  if (head.info == 26) return std::bit_cast<float>(static_cast<std::uint32_t>(head.argument));
  return std::bit_cast<double>(head.argument);
}

[[noreturn]] void refuse_malformed() {
  refuse("Could not parse request body into cbor: malformed item");
}

[[noreturn]] void refuse_type() {
  refuse("Unexpected field type");
}

bool is_number(const Head& head) {
  return head.major == Major::positive || head.major == Major::negative || head.is_float();
}

double number_of(const Head& head) {
  if (head.major == Major::positive) return static_cast<double>(head.argument);
  if (head.major == Major::negative) return -1.0 - static_cast<double>(head.argument);
  return float_of(head);
}

}  // namespace

void refuse(std::string message) {
  throw ServiceError("SerializationException", 400, std::move(message));
}

std::string_view Source::take(std::uint64_t count) {
  if (count > rest_.size()) refuse_malformed();
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

Head Source::read_head() {
  const auto first = static_cast<std::uint8_t>(take(1).front());
  Head head{.major = static_cast<Major>(first >> 5),
            .info = static_cast<std::uint8_t>(first & 31),
            .argument = static_cast<std::uint64_t>(first & 31)};
  if (head.info < 24) return head;
  if (head.info < 28) {
    head.argument = 0;
    for (const char byte : take(std::uint64_t{1} << (head.info - 24)))
      head.argument = head.argument << 8 | static_cast<std::uint8_t>(byte);
    return head;
  }
  const bool may_be_indefinite =
      head.major != Major::positive && head.major != Major::negative && head.major != Major::tag;
  if (!head.is_indefinite() || !may_be_indefinite) refuse_malformed();
  return head;
}

bool Source::take_null() {
  if (rest_.empty()) refuse_malformed();
  const auto first = static_cast<std::uint8_t>(rest_.front());
  if (first != 0xf6 && first != 0xf7) return false;
  rest_.remove_prefix(1);
  return true;
}

/// Chunks are of the same type, and of definite length.
void Source::read_chunks(Major major, std::string& out) {
  const Head head = read_head();
  if (head.major != major) refuse_type();
  if (!head.is_indefinite()) {
    out = take(head.argument);
    return;
  }
  out.clear();
  for (;;) {
    const Head chunk = read_head();
    if (chunk.is_break()) return;
    if (chunk.major != major || chunk.is_indefinite()) refuse_malformed();
    out += take(chunk.argument);
  }
}

void Source::read_text(std::string& out) {
  read_chunks(Major::text, out);
  if (!is_utf8(out)) refuse("Could not parse request body into cbor: text that is not UTF-8");
}

void Source::read_bytes(std::string& out) {
  read_chunks(Major::bytes, out);
}

bool Source::read_boolean() {
  const Head head = read_head();
  if (head.major != Major::simple || (head.info != 20 && head.info != 21)) refuse_type();
  return head.info == 21;
}

std::int64_t Source::read_integer() {
  const Head head = read_head();
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (head.major == Major::positive && head.argument <= largest)
    return static_cast<std::int64_t>(head.argument);
  if (head.major == Major::negative && head.argument <= largest)
    return -1 - static_cast<std::int64_t>(head.argument);
  if (!is_number(head)) refuse_type();
  const double number = number_of(head);
  // The bounds are the doubles next to the range's; 2^63 itself does not fit.
  if (number != std::floor(number) || number < -9223372036854775808.0 ||
      number >= 9223372036854775808.0)
    refuse("NUMBER_VALUE cannot be converted to Integer");
  return static_cast<std::int64_t>(number);
}

double Source::read_number() {
  const Head head = read_head();
  if (!is_number(head)) refuse_type();
  return number_of(head);
}

double Source::read_seconds() {
  const Head head = read_head();
  if (head.major != Major::tag) {
    if (!is_number(head)) refuse_type();
    return number_of(head);
  }
  if (head.argument != 1) refuse("The value cannot be converted to Date");
  return read_number();
}

bool Source::Elements::next() {
  if (left_) {
    if (*left_ == 0) return false;
    --*left_;
    return true;
  }
  if (source_.at_end()) refuse_malformed();
  if (static_cast<std::uint8_t>(source_.rest_.front()) != 0xff) return true;
  source_.rest_.remove_prefix(1);
  left_ = 0;
  return false;
}

Source::Elements Source::open_array() {
  const Head head = read_head();
  if (head.major != Major::array) refuse_type();
  return {*this, head};
}

Source::Elements Source::open_map() {
  const Head head = read_head();
  if (head.major != Major::map) refuse_type();
  return {*this, head};
}

/// Of an item that has no others in it.
void Source::skip_content(const Head& head) {
  if (head.is_break()) refuse_malformed();
  if (head.major == Major::simple && head.info == 24 && head.argument < 32) refuse_malformed();
  if (head.major != Major::bytes && head.major != Major::text) return;
  if (!head.is_indefinite()) {
    take(head.argument);
    return;
  }
  for (;;) {
    const Head chunk = read_head();
    if (chunk.is_break()) return;
    if (chunk.major != head.major || chunk.is_indefinite()) refuse_malformed();
    take(chunk.argument);
  }
}

void Source::skip() {
  struct Level {
    std::optional<std::uint64_t> left;  // items to come; nothing where a break ends them
    bool is_map = false;
    bool lacks_value = false;
  };
  std::vector<Level> levels = {{.left = 1}};
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.left && *level.left == 0) {
      levels.pop_back();
      continue;
    }
    const Head head = read_head();
    if (!level.left && head.is_break()) {
      if (level.lacks_value) refuse_malformed();
      level.left = 0;
      continue;
    }
    if (level.left) --*level.left;
    level.lacks_value = level.is_map && !level.lacks_value;
    if (levels.size() > max_depth) refuse("The request is nested too deeply.");
    const bool is_map = head.major == Major::map;
    if (head.major == Major::tag) {
      levels.push_back({.left = 1});
    } else if (is_map || head.major == Major::array) {
      if (head.argument > std::numeric_limits<std::uint64_t>::max() / 2) refuse_malformed();
      if (head.is_indefinite())
        levels.push_back({.left = std::nullopt, .is_map = is_map});
      else
        levels.push_back({.left = head.argument * (is_map ? 2 : 1)});
    } else {
      skip_content(head);
    }
  }
}

}  // namespace matinee::protocol::cbor
