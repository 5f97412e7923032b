#include "services/kms/ciphertext.h"

#include <fmt/format.h>

#include <charconv>

namespace matinee::kms {

namespace {

constexpr std::string_view beginning("\x01\x02\x02\x00\x78", 5);
constexpr std::string_view multi_region_prefix = "mrk-";
constexpr std::size_t account_bytes = 8;
constexpr std::size_t uuid_bytes = 16;
constexpr std::size_t material_bytes = 32;
constexpr std::size_t head_bytes =
    beginning.size() + 1 + account_bytes + uuid_bytes + material_bytes;

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

std::string without_hyphens(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '-') out.push_back(c);
  return out;
}

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// Keys and values in the order of the keys, each with its length in front: no two contexts are the
/// same bytes.
std::string bound_bytes(std::string_view head, const EncryptionContext& context) {
  std::string out(head);
  for (const auto& [key, value] : context) {
    append_number(out, key.size());
    out += key;
    append_number(out, value.size());
    out += value;
  }
  return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = value_of(text[i]);
    const int low = value_of(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

bool is_key_id(std::string_view text) {
  const auto is_hex = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
  };
  if (text.starts_with(multi_region_prefix)) return text.size() == 36 && is_hex(text.substr(4));
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen ? text[i] != '-' : !is_hex(text.substr(i, 1))) return false;
  }
  return true;
}

std::string make_ciphertext(const Key& key, Cipher& cipher, runtime::Random& random,
                            std::pair<std::string_view, const EncryptionContext*> content) {
  std::uint64_t account = 0;
  const std::string& text = key.name.account;
  std::from_chars(text.data(), text.data() + text.size(), account);
  const std::string_view id = key.name.id;
  std::string out(beginning);
  const bool is_multi_region = id.starts_with(multi_region_prefix);
  out.push_back(is_multi_region ? '\1' : '\0');
  append_number(out, account);
  out += from_hex(without_hyphens(is_multi_region ? id.substr(4) : id))
             .value_or(std::string(uuid_bytes, '\0'));
  out += key.record.material_id;
  const std::string bound = content.second != nullptr ? bound_bytes(out, *content.second)
                                                      : bound_bytes(out, EncryptionContext());
  out += cipher.seal(random, content.first, bound);
  return out;
}

std::optional<Ciphertext> read_ciphertext(std::string_view blob) {
  if (blob.size() < head_bytes + Cipher::overhead || !blob.starts_with(beginning))
    return std::nullopt;
  Ciphertext read;
  read.head = blob.substr(0, head_bytes);
  read.sealed = blob.substr(head_bytes);
  std::string_view rest = read.head.substr(beginning.size());
  const bool is_multi_region = rest.front() == '\1';
  if (!is_multi_region && rest.front() != '\0') return std::nullopt;
  rest.remove_prefix(1);
  read.account = fmt::format("{:012}", read_number(rest.substr(0, account_bytes)));
  rest.remove_prefix(account_bytes);
  const std::string digits = to_hex(rest.substr(0, uuid_bytes));
  const std::string_view hex = digits;
  read.key_id = is_multi_region ? fmt::format("{}{}", multi_region_prefix, hex)
                                : fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                                              hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
  read.material_id = rest.substr(uuid_bytes);
  return read;
}

std::optional<std::string> open_ciphertext(const Ciphertext& ciphertext, Cipher& cipher,
                                           const EncryptionContext& context) {
  return cipher.open(ciphertext.sealed, bound_bytes(ciphertext.head, context));
}

}  // namespace matinee::kms
