#include "services/ssm/tokens.h"

#include "protocol/base64.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::string_view mark = "after:";

}  // namespace

std::string make_token(const std::string& name) {
  return protocol::base64_encode(std::string(mark) + name);
}

std::optional<std::string> read_token(const std::optional<std::string>& token) {
  if (!token || token->empty()) return std::nullopt;
  auto text = protocol::base64_decode(*token);
  if (!text || !text->starts_with(mark))
    throw InvalidNextToken("The specified token is not valid.");
  return text->substr(mark.size());
}

}  // namespace matinee::ssm
