#include "services/secretsmanager/tokens.h"

#include "protocol/base64.h"
#include "secretsmanager/errors.h"

namespace matinee::secretsmanager {

std::string make_token(std::string_view kind, std::string_view place) {
  return protocol::base64_encode(std::string(kind) + ':' + std::string(place));
}

std::optional<std::string> read_token(std::string_view kind,
                                      const std::optional<std::string>& token) {
  if (!token) return std::nullopt;
  auto text = protocol::base64_decode(*token);
  if (!text || !text->starts_with(std::string(kind) + ':'))
    throw InvalidNextTokenException("The NextToken value is invalid.");
  return text->substr(kind.size() + 1);
}

}  // namespace matinee::secretsmanager
