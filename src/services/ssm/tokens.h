// The tokens by which the pages of a list follow each other.
#pragma once

#include <optional>
#include <string>

namespace matinee::ssm {

/// Leads to what follows after that name.
std::string make_token(const std::string& name);

/// The name; nothing where the request has no token. Throws InvalidNextToken.
std::optional<std::string> read_token(const std::optional<std::string>& token);

}  // namespace matinee::ssm
