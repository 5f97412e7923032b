#include "services/sts/session_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "protocol/base64.h"
#include "protocol/sigv4.h"

namespace matinee::sts {

namespace {

constexpr std::string_view prefix = "ASIA";
constexpr std::size_t coded_letters = 16;
/// RFC 4648's, in which AWS writes access keys.
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t seal_bytes = 32;
constexpr std::size_t secret_letters = 40;

/// 80 bits as AWS divides them: one that is set, 40 for the account's number, 39 of no meaning.
using Coded = unsigned __int128;
constexpr unsigned meaningless_bits = 39;
constexpr std::uint64_t most_accounts = 1'000'000'000'000;

}  // namespace

std::string make_access_key(const std::string& account, runtime::Random& random) {
  std::uint64_t number = 0;
  std::from_chars(account.data(), account.data() + account.size(), number);
  Coded coded = Coded{1} << 40 | number;
  coded = coded << meaningless_bits | random.below(std::uint64_t{1} << meaningless_bits);
  std::string letters(coded_letters, ' ');
  for (std::size_t i = coded_letters; i-- > 0; coded >>= 5)
    letters[i] = alphabet[static_cast<std::size_t>(coded & 31)];
  return std::string(prefix) + letters;
}

std::optional<std::string> account_of_access_key(std::string_view access_key) {
  if (!access_key.starts_with(prefix) || access_key.size() != prefix.size() + coded_letters)
    return std::nullopt;
  Coded coded = 0;
  for (const char letter : access_key.substr(prefix.size())) {
    const std::size_t value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    coded = coded << 5 | value;
  }
  const auto account =
      static_cast<std::uint64_t>(coded >> meaningless_bits) & ((std::uint64_t{1} << 40) - 1);
  if (account >= most_accounts) return std::nullopt;
  return fmt::format("{:012}", account);
}

Issued SessionKey::issue(Session session) const {
  std::string record;
  storage::encode_record_bytes(record, session);
  return {.session = std::move(session),
          .secret_key = secret_of(record),
          .token = protocol::base64_encode(record + derive("seal", record))};
}

std::optional<Issued> SessionKey::open(std::string_view token) const {
  std::optional<std::string> sealed = protocol::base64_decode(token);
  if (!sealed || sealed->size() <= seal_bytes) return std::nullopt;
  const std::string seal = sealed->substr(sealed->size() - seal_bytes);
  sealed->resize(sealed->size() - seal_bytes);
  if (!protocol::sigv4::same_signature(seal, derive("seal", *sealed))) return std::nullopt;
  return Issued{.session = storage::decode_record_bytes<Session>(*sealed),
                .secret_key = secret_of(*sealed),
                .token = std::string(token)};
}

std::string SessionKey::derive(std::string_view purpose, std::string_view text) const {
  const protocol::sigv4::Digest digest =
      protocol::sigv4::hmac_sha256(bytes_, fmt::format("{}:{}", purpose, text));
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string SessionKey::secret_of(std::string_view record) const {
  return protocol::base64_encode(derive("secret", record)).substr(0, secret_letters);
}

}  // namespace matinee::sts
