// Client request tokens: a transaction that is sent again within ten minutes is not carried out
// again.
#pragma once

#include <string>

#include "services/context.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

class RequestTokens {
 public:
  explicit RequestTokens(storage::Store& store)
      : tokens_(store, tokens_id), ages_(store, token_ages_id) {}

  /// Whether the request with this token has been carried out already; remembers it otherwise.
  /// Throws IdempotentParameterMismatchException where that was another request. `content` is the
  /// request as text.
  bool is_repeated(const services::Context& context, const std::string& token,
                   const std::string& content, runtime::Time now);

 private:
  Tokens tokens_;
  TokenAges ages_;

  void forget_old(runtime::Time now);
};

}  // namespace matinee::dynamodb
