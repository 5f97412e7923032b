#include "services/dynamodb/request_tokens.h"

#include <chrono>

#include "dynamodb/errors.h"

namespace matinee::dynamodb {
namespace {

constexpr auto lifetime = std::chrono::minutes(10);
// More than one, so that the old ones become fewer while new ones come.
constexpr int forgotten_at_once = 4;

}  // namespace

// FNV-1a: tells requests apart that differ by mistake.
std::uint64_t RequestTokens::digest_of(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : content) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

bool RequestTokens::is_repeated(const services::Context& context, const std::string& token,
                                std::uint64_t digest, runtime::Time now) {
  forget_old(now);
  const TokenKey key{context.account, context.region, token};
  const std::optional<TokenRecord> known = tokens_.find(key);
  if (known && known->done_at + lifetime > now) {
    if (known->digest == digest) return true;
    throw IdempotentParameterMismatchException(
        "The request uses the same client token as a previous, but non-identical request. Do not "
        "reuse a client token with different requests, unless the requests are identical");
  }
  tokens_.put(key, {.digest = digest, .done_at = now});
  ages_.put({now, key}, {});
  return false;
}

void RequestTokens::forget_all(const services::ResetScope& scope) {
  std::vector<std::tuple<runtime::Time, TokenKey>> found;
  ages_.scan(ages_.all(), [&](const auto& age, const TokenAgeRecord&) {
    if (scope.covers(std::get<0>(std::get<1>(age)))) found.push_back(age);
    return true;
  });
  for (const auto& age : found) ages_.erase(age);
  tokens_.erase_range(scope.account ? tokens_.prefix(*scope.account) : tokens_.all());
}

void RequestTokens::forget_old(runtime::Time now) {
  for (int i = 0; i < forgotten_at_once; ++i) {
    const auto oldest = ages_.first();
    if (!oldest || std::get<0>(oldest->first) + lifetime > now) return;
    const TokenKey& key = std::get<1>(oldest->first);
    const std::optional<TokenRecord> known = tokens_.find(key);
    if (known && known->done_at == std::get<0>(oldest->first)) tokens_.erase(key);
    ages_.erase(oldest->first);
  }
}

}  // namespace matinee::dynamodb
