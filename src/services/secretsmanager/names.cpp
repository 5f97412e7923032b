#include "services/secretsmanager/names.h"

#include <algorithm>

#include "protocol/error.h"
#include "services/arn.h"

namespace matinee::secretsmanager {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_character(char c) {
  return is_alphanumeric(c) || std::string_view("-/_+=.@!").contains(c);
}

}  // namespace

void require_name(std::string_view name) {
  if (!name.empty() && std::ranges::all_of(name, is_name_character)) return;
  throw protocol::ServiceError("ValidationException", 400,
                               "Invalid name. Must be a valid name containing alphanumeric "
                               "characters, or any of the following: -/_+=.@!");
}

Reference parse_secret_id(const services::Context& context, std::string_view id) {
  Reference reference{.place = {context.account, context.region}, .name = std::string(id)};
  constexpr std::string_view kind = "secret:";
  const auto arn = id.starts_with("arn:") ? services::parse_arn(id) : std::nullopt;
  if (arn && arn->service == "secretsmanager" && arn->resource.starts_with(kind)) {
    reference.place = {arn->account, arn->region};
    reference.name = arn->resource.substr(kind.size());
    constexpr std::size_t ending = 7;
    const std::string& name = reference.name;
    if (name.size() > ending && name[name.size() - ending] == '-' &&
        std::ranges::all_of(name.substr(name.size() - ending + 1), is_alphanumeric)) {
      reference.suffix = name.substr(name.size() - ending + 1);
      reference.name.resize(name.size() - ending);
    }
  }
  require_name(reference.name);
  return reference;
}

}  // namespace matinee::secretsmanager
