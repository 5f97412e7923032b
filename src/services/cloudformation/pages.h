// Lists that are told page by page: a token is the place where the next page begins.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::cloudformation {

/// `kind` names the list, so that no token serves another one.
std::string page_token(std::string_view kind, std::string_view place);
/// The place; nothing where no token is given. Throws ValidationError for what is none of this
/// list's.
std::optional<std::string> read_page_token(std::string_view kind,
                                           const std::optional<std::string>& token);

}  // namespace matinee::cloudformation
