#include "services/access_key_id.h"

#include <fmt/format.h>

#include <charconv>

namespace matinee::services {

namespace {

constexpr std::size_t coded_letters = 16;
/// RFC 4648's, in which AWS writes access keys.
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// 80 bits as AWS divides them: one that is set, 40 for the account's number, 39 of no meaning.
using Coded = unsigned __int128;
constexpr unsigned meaningless_bits = 39;
constexpr std::uint64_t most_accounts = 1'000'000'000'000;

}  // namespace

std::string make_access_key_id(std::string_view prefix, std::string_view account,
                               runtime::Random& random) {
  std::uint64_t number = 0;
  std::from_chars(account.data(), account.data() + account.size(), number);
  Coded coded = Coded{1} << 40 | number;
  coded = coded << meaningless_bits | random.below(std::uint64_t{1} << meaningless_bits);
  std::string letters(coded_letters, ' ');
  for (std::size_t i = coded_letters; i-- > 0; coded >>= 5)
    letters[i] = alphabet[static_cast<std::size_t>(coded & 31)];
  return std::string(prefix) + letters;
}

std::optional<std::string> account_of_access_key_id(std::string_view id) {
  const bool is_key = id.starts_with(long_term_key_prefix) || id.starts_with(temporary_key_prefix);
  if (!is_key || id.size() != long_term_key_prefix.size() + coded_letters) return std::nullopt;
  Coded coded = 0;
  for (const char letter : id.substr(long_term_key_prefix.size())) {
    const std::size_t value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    coded = coded << 5 | value;
  }
  const auto account =
      static_cast<std::uint64_t>(coded >> meaningless_bits) & ((std::uint64_t{1} << 40) - 1);
  if (account >= most_accounts) return std::nullopt;
  return fmt::format("{:012}", account);
}

}  // namespace matinee::services
