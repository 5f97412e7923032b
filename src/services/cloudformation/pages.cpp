#include "services/cloudformation/pages.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "services/cloudformation/preparing/faults.h"

namespace matinee::cloudformation {

std::string page_token(std::string_view kind, std::string_view place) {
  return protocol::base64_encode(fmt::format("{} {}", kind, place));
}

std::optional<std::string> read_page_token(std::string_view kind,
                                           const std::optional<std::string>& token) {
  if (!token || token->empty()) return std::nullopt;
  const std::optional<std::string> text = protocol::base64_decode(*token);
  const std::string begin = fmt::format("{} ", kind);
  if (!text || !text->starts_with(begin)) throw invalid("The token is not valid.");
  return text->substr(begin.size());
}

}  // namespace matinee::cloudformation
