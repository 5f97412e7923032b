#include "patterns/access.h"

#include <bit>
#include <functional>

#include "patterns/letter_case.h"

namespace matinee::patterns {
namespace {

constexpr std::uint64_t kSeed = kEmptyPath;

std::uint64_t mixed(std::uint64_t a) {
  a ^= a >> 32;
  a *= 0xe9846af9b1a615d;
  a ^= a >> 32;
  a *= 0xe9846af9b1a615d;
  return a ^ (a >> 28);
}

std::uint64_t key_of(PathHash path, Probe probe, std::uint32_t length, std::uint64_t hash) {
  return mixed(mixed(path + (std::uint64_t{length} << 8) + static_cast<unsigned>(probe)) + hash);
}

std::uint64_t hash_text(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

/// Grows byte by byte, so that one pass over a value gives the hashes of all its prefixes.
std::uint64_t hash_front(std::string_view text) {
  return extend_path(kSeed, text);
}

std::uint64_t hash_back(std::string_view text) {
  std::uint64_t hash = kSeed;
  for (std::size_t i = text.size(); i > 0; --i) hash = extend_path(hash, text.substr(i - 1, 1));
  return hash;
}

std::uint64_t hash_number(double number) {
  return std::bit_cast<std::uint64_t>(number);
}

std::uint64_t hash_block(std::string_view address, unsigned bits) {
  std::string block(address);
  for (std::size_t i = 0; i < block.size(); ++i) {
    const unsigned kept = bits >= 8 * i + 8 ? 8 : bits <= 8 * i ? 0 : bits - 8 * i;
    block[i] = static_cast<char>(block[i] & (0xff00 >> kept));
  }
  return hash_text(block);
}

Access with_key(const Clause& clause, Probe probe, std::size_t length, std::uint64_t hash) {
  const auto size = static_cast<std::uint32_t>(length);
  return {.kind = Access::Kind::key,
          .probe = probe,
          .length = size,
          .key = key_of(clause.hash, probe, size, hash)};
}

Access by_prefix(const Clause& clause, std::string_view prefix) {
  if (prefix.empty()) return {};
  return with_key(clause, Probe::prefix, prefix.size(), hash_front(prefix));
}

Access by_suffix(const Clause& clause, std::string_view suffix) {
  if (suffix.empty()) return {};
  return with_key(clause, Probe::suffix, suffix.size(), hash_back(suffix));
}

Access by_wildcard(const Clause& clause, std::string_view wildcard) {
  const std::size_t first = wildcard.find(kAnyText);
  if (first == std::string_view::npos) return with_key(clause, Probe::text, 0, hash_text(wildcard));
  if (first > 0) return by_prefix(clause, wildcard.substr(0, first));
  return by_suffix(clause, wildcard.substr(wildcard.rfind(kAnyText) + 1));
}

Access by_case(const Clause& clause, const Test& test) {
  const std::string& text = test.texts.front();
  if (!is_ascii(text)) return {};
  const std::string small = in_small_letters(text);
  if (test.kind == TestKind::equals_ignoring_case)
    return with_key(clause, Probe::small_text, 0, hash_front(small));
  if (text.empty()) return {};
  if (test.kind == TestKind::prefix_ignoring_case)
    return with_key(clause, Probe::small_prefix, small.size(), hash_front(small));
  return with_key(clause, Probe::small_suffix, small.size(), hash_back(small));
}

/// The hashes of ever longer parts of a text, of which each is made from the one before.
class Parts {
 public:
  Parts(std::string_view text, Probe probe)
      : text_(text),
        is_back_(probe == Probe::suffix || probe == Probe::small_suffix),
        is_small_(probe == Probe::small_prefix || probe == Probe::small_suffix ||
                  probe == Probe::small_text) {}

  std::uint64_t grow_to(std::size_t length) {
    for (; length_ < length; ++length_) {
      char c = text_[is_back_ ? text_.size() - 1 - length_ : length_];
      if (is_small_ && c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
      hash_ = extend_path(hash_, {&c, 1});
    }
    return hash_;
  }

 private:
  std::string_view text_;
  bool is_back_;
  bool is_small_;
  std::size_t length_ = 0;
  std::uint64_t hash_ = kSeed;
};

}  // namespace

Access access_of(const Clause& clause, const Test& test) {
  switch (test.kind) {
    case TestKind::text:
      return with_key(clause, Probe::text, 0, hash_text(test.texts.front()));
    case TestKind::literal:
      return with_key(clause, Probe::literal, 0, hash_text(test.texts.front()));
    case TestKind::number:
      return with_key(clause, Probe::number, 0, hash_number(test.low));
    case TestKind::range:
      return {.kind = Access::Kind::range};
    case TestKind::absent:
      return {.kind = Access::Kind::absent};
    case TestKind::anything_but_texts:
      return {.kind = Access::Kind::other};
    case TestKind::address:
      return with_key(clause, test.texts.front().size() == 4 ? Probe::block4 : Probe::block6,
                      test.bits, hash_block(test.texts.front(), test.bits));
    case TestKind::prefix:
      return by_prefix(clause, test.texts.front());
    case TestKind::suffix:
      return by_suffix(clause, test.texts.front());
    case TestKind::wildcard:
      return by_wildcard(clause, test.texts.front());
    case TestKind::equals_ignoring_case:
    case TestKind::prefix_ignoring_case:
    case TestKind::suffix_ignoring_case:
      return by_case(clause, test);
    default:
      return {};
  }
}

bool is_covered(const Test& test) {
  // Beside such a literal stands a test for the same number.
  return test.kind == TestKind::literal && comparable(test.texts.front()).has_value();
}

void append_keys(PathHash path, const std::vector<Lookup>& lookups, const Event::Value& value,
                 std::vector<std::uint64_t>& keys) {
  const bool is_text = value.kind == ValueKind::text;
  std::optional<Parts> parts;
  std::optional<std::string> address;
  const Lookup* last = nullptr;
  for (const Lookup& lookup : lookups) {
    const auto add = [&](std::uint64_t hash) {
      keys.push_back(key_of(path, lookup.probe, lookup.length, hash));
    };
    const bool is_new = last == nullptr || last->probe != lookup.probe;
    last = &lookup;
    if (lookup.probe == Probe::literal) {
      if (!is_text) add(hash_text(value.text));
    } else if (lookup.probe == Probe::number) {
      if (value.kind != ValueKind::number) continue;
      if (const std::optional<double> number = comparable(value.text)) add(hash_number(*number));
    } else if (!is_text) {
      continue;
    } else if (lookup.probe == Probe::text) {
      add(hash_text(value.text));
    } else if (lookup.probe == Probe::block4 || lookup.probe == Probe::block6) {
      if (!address) address = parse_address(value.text).value_or("");
      if (address->size() == (lookup.probe == Probe::block4 ? 4 : 16))
        add(hash_block(*address, lookup.length));
    } else {
      if (is_new) parts.emplace(value.text, lookup.probe);
      const bool is_whole = lookup.probe == Probe::small_text;
      if (is_whole || lookup.length <= value.text.size())
        add(parts->grow_to(is_whole ? value.text.size() : lookup.length));
    }
  }
}

}  // namespace matinee::patterns
