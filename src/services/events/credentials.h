// The authorization of a connection, between requests, answers, and its secret.
#pragma once

#include <string>
#include <string_view>

#include "events/shapes.h"
#include "services/events/connection_records.h"

namespace matinee::events {

inline constexpr std::string_view basic_type = "BASIC";
inline constexpr std::string_view key_type = "API_KEY";
inline constexpr std::string_view oauth_type = "OAUTH_CLIENT_CREDENTIALS";

/// Throws ValidationException where the parameters are not those of the type.
Credentials credentials_of(const std::string& type,
                           const CreateConnectionAuthRequestParameters& parameters);
/// What was given replaces what was there, which is of the same type.
void change(Credentials& credentials, const UpdateConnectionAuthRequestParameters& parameters);
/// Throws ValidationException where a type has not all it needs.
void require_complete(const Credentials& credentials);

/// As the secret of the connection has them.
std::string to_secret(const Credentials& credentials);
Credentials read_secret(std::string_view type, std::string_view json);

/// Without what is secret.
Credentials shown(Credentials credentials);
ConnectionAuthResponseParameters describe(const Credentials& shown);

}  // namespace matinee::events
