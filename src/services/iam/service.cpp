#include "services/iam/service.h"

#include <fmt/format.h>

#include <array>

#include "iam/operations.h"
#include "services/iam/paging.h"

namespace matinee::iam {

namespace {

using protocol::Rule;
using protocol::Violation;

/// "roleName" for "RoleName": as AWS spells members in its messages.
std::string member_of(const Violation& violation) {
  std::string name = violation.path.substr(violation.path.rfind('.') + 1);
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z')
    name[0] = static_cast<char>(name[0] | 0x20);
  return name;
}

/// Names and paths have sentences of their own where a character is wrong.
std::optional<std::string> describe_characters(const Violation& violation) {
  if (violation.rule != Rule::pattern || violation.type == nullptr) return std::nullopt;
  const std::string_view pattern = violation.type->pattern;
  if (pattern == R"([\w+=,.@-]+)")
    return fmt::format(
        "The specified value for {} is invalid. It must contain only alphanumeric "
        "characters and/or the following: +=,.@_-",
        member_of(violation));
  const std::string member = member_of(violation);
  if (member == "path" || member == "newPath")
    return fmt::format(
        "The specified value for {} is invalid. It must begin and end with / and "
        "contain only alphanumeric characters and/or / characters.",
        member);
  return std::nullopt;
}

/// IAM leaves out the value and the choices of an enumeration.
std::string describe_violation(const Violation& violation) {
  if (violation.rule != Rule::one_of) return protocol::describe(violation);
  std::string text = protocol::describe(violation);
  const std::size_t value = text.find(" '");
  const std::size_t at = text.find("' at '");
  if (value != std::string::npos && at != std::string::npos) text.erase(value, at + 1 - value);
  const std::size_t choices = text.rfind("value set: [");
  if (choices != std::string::npos) text.resize(choices + std::string_view("value set").size());
  return text;
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : Credentials(iam::model, store, runtime),
      identities_(store, catalog_),
      keys_(std::make_shared<KeyRing>()) {
  load_keys();
}

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  if (violations.size() == 1)
    if (std::optional<std::string> text = describe_characters(violations.front()))
      return ValidationError(*std::move(text));
  std::string text = fmt::format("{} validation error{} detected: ", violations.size(),
                                 violations.size() == 1 ? "" : "s");
  bool is_first = true;
  for (const Violation& violation : violations) {
    if (!std::exchange(is_first, false)) text += "; ";
    text += describe_violation(violation);
  }
  return ValidationError(std::move(text));
}

void Service::reset(const services::ResetScope& scope) {
  Credentials::reset(scope);
  catalog_.remove_all(scope);
  identities_.forget_all();
  store_.on_commit([keys = keys_, scope] { keys->remove_all(scope); });
}

std::string read_marker(const std::string& marker) {
  std::optional<std::string> text = protocol::base64_decode(marker);
  if (!text) throw ValidationError("Invalid Marker.");
  return *std::move(text);
}

}  // namespace matinee::iam
