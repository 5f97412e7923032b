// The HTTP call that an event becomes at an API destination, and the one that fetches a token for
// it. What a connection says wins over what a target says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/http_client.h"
#include "services/events/connection_records.h"

namespace matinee::events {

/// `parameters` are the target's HttpParameters in JSON, or empty. `token` is that of OAuth.
runtime::HttpCall make_api_call(const ApiDestinationRecord& destination,
                                const Credentials& credentials, std::string_view parameters,
                                std::string body);
void authorize_call(runtime::HttpCall& call, const Credentials& credentials,
                    std::string_view token);

/// The grant of client credentials, with the parameters that the connection adds to it.
runtime::HttpCall make_token_call(const Credentials& credentials);

struct AccessToken {
  std::string text;
  runtime::Duration lifetime;
};
/// Nothing where the reply has no token.
std::optional<AccessToken> read_token(std::string_view body);

}  // namespace matinee::events
