// Client request tokens: a transaction that is sent again within ten minutes is not carried out
// again.
#pragma once

#include <string>
#include <string_view>

#include "services/context.h"
#include "services/dynamodb/records.h"
#include "services/reset.h"

namespace matinee::dynamodb {

class RequestTokens {
 public:
  explicit RequestTokens(storage::Store& store)
      : tokens_(store, tokens_id), ages_(store, token_ages_id) {}

  /// Whether the request with this token has been carried out already; remembers it otherwise.
  /// Throws IdempotentParameterMismatchException where that was another request. `digest` is of the
  /// request as text.
  bool is_repeated(const services::Context& context, const std::string& token, std::uint64_t digest,
                   runtime::Time now);
  static std::uint64_t digest_of(std::string_view content);

  /// Forgets the tokens of an account, or all of them.
  void forget_all(const services::ResetScope& scope);

 private:
  Tokens tokens_;
  TokenAges ages_;

  void forget_old(runtime::Time now);
};

}  // namespace matinee::dynamodb
