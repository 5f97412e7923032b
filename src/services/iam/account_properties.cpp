// Properties of the account, by names that their users choose.
#include <fmt/format.h>

#include "services/iam/credentials.h"

namespace matinee::iam {

namespace {

/// Of "Namespace/PropertyName".
std::string_view require_namespace(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size() ||
      name.find('/', slash + 1) != std::string_view::npos)
    throw InvalidInputException(
        fmt::format("The property {} is not of the form Namespace/PropertyName.", name));
  return name.substr(0, slash);
}

}  // namespace

GetAccountPropertiesResponse Credentials::get_account_properties(
    const Context& context, const GetAccountPropertiesRequest&) {
  return {.properties = credentials_.properties.find(context.account)
                            .value_or(AccountPropertiesRecord{})
                            .properties};
}

PutAccountPropertiesResponse Credentials::put_account_properties(
    const Context& context, const PutAccountPropertiesRequest& request) {
  AccountPropertiesRecord record =
      credentials_.properties.find(context.account).value_or(AccountPropertiesRecord{});
  std::string_view common;
  for (const auto& [name, value] : request.properties) {
    const std::string_view space = require_namespace(name);
    if (!common.empty() && space != common)
      throw InvalidInputException("All properties must belong to the same namespace.");
    common = space;
    record.properties[name] = value;
  }
  credentials_.properties.put(context.account, record);
  return {};
}

}  // namespace matinee::iam
