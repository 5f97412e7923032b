// The tokens by which the pages of a list follow each other.
#pragma once

#include <optional>
#include <string>

namespace matinee::secretsmanager {

/// In whose name functions are called.
constexpr std::string_view rotation_principal = "secretsmanager.amazonaws.com";

/// Leads to what follows after that place in a list of that kind.
std::string make_token(std::string_view kind, std::string_view place);

/// The place; nothing where the request has no token. Throws InvalidNextTokenException, also for a
/// token of a list of another kind.
std::optional<std::string> read_token(std::string_view kind,
                                      const std::optional<std::string>& token);

}  // namespace matinee::secretsmanager
