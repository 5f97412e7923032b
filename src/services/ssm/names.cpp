#include "services/ssm/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/arn.h"
#include "services/ssm/faults.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::size_t most_levels = 15;
constexpr std::size_t longest_arn = 1011;
constexpr std::string_view kind = "parameter";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == '/';
}

bool begins_with(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::ranges::equal(text.substr(0, lower_case.size()), lower_case,
                            [](char a, char b) { return (a | 0x20) == b; });
}

std::string_view without_slash(std::string_view name) {
  return name.starts_with('/') ? name.substr(1) : name;
}

protocol::ServiceError bad_name() {
  return validation(
      "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it "
      "can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of "
      "letters, numbers and the following 3 symbols .-_");
}

}  // namespace

std::string trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string parameter_arn(const Place& place, std::string_view name) {
  return fmt::format("arn:aws:ssm:{}:{}:parameter/{}", place.region, place.account,
                     without_slash(name));
}

void require_new_name(const Place& place, const std::string& name) {
  const std::string_view bare = without_slash(name);
  if (begins_with(bare, "aws"))
    throw protocol::ServiceError("AccessDeniedException", 400,
                                 fmt::format("No access to reserved parameter name: {}.", name));
  if (bare.empty() || begins_with(bare, "ssm") || !std::ranges::all_of(name, is_name_character) ||
      name.contains("//"))
    throw bad_name();
  if (!name.starts_with('/') && name.contains('/'))
    throw validation("Parameter name must be a fully qualified name.");
  if (name.ends_with('/')) throw validation("Parameter name must not end with slash.");
  const auto levels = static_cast<std::size_t>(std::ranges::count(name, '/'));
  if (levels > most_levels)
    throw HierarchyLevelLimitExceededException(
        "A hierarchy can have a maximum of 15 levels. For more information, see Requirements and "
        "constraints for parameter names in the AWS Systems Manager User Guide.");
  if (parameter_arn(place, name).size() > longest_arn)
    throw validation(
        fmt::format("1 validation error detected: Value '{}' at 'name' failed to satisfy "
                    "constraint: Member must have length less than or equal to {}",
                    name, longest_arn - parameter_arn(place, "").size()));
}

Reference parse_reference(const services::Context& context, std::string_view text) {
  Reference reference;
  reference.place = {context.account, context.region};
  std::string rest = trim(text);
  if (rest.starts_with("arn:")) {
    const std::optional<services::Arn> arn = services::parse_arn(rest);
    if (!arn || arn->service != "ssm" || !arn->resource.starts_with(kind))
      throw validation("Invalid parameter ARN: " + rest);
    reference.by_arn = true;
    reference.place = {arn->account.empty() ? context.account : arn->account, arn->region};
    rest = arn->resource.substr(kind.size());
  }
  const std::size_t colon = rest.find(':');
  if (colon != std::string::npos) {
    reference.selector = rest.substr(colon);
    rest.resize(colon);
    if (reference.selector.size() == 1 || reference.selector.find(':', 1) != std::string::npos)
      throw validation(
          "Invalid parameter name. Please use correct syntax for referencing a version/label  "
          "<name>:<version/label>");
  }
  const bool is_path = rest.contains('/') && !rest.starts_with('/');
  if (rest.empty() || is_path || !std::ranges::all_of(rest, is_name_character)) throw bad_name();
  reference.name = std::move(rest);
  return reference;
}

std::string parse_path(std::string_view text) {
  std::string path = trim(text);
  if (!path.starts_with('/') || path.contains("//") ||
      !std::ranges::all_of(path, is_name_character))
    throw validation(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin "
        "with a forward slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" "
        "(case-insensitive). It must use only letters, numbers, or the following symbols: . "
        "(period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, "
        "if specified, must use the forward slash symbol \"/\". Valid example: "
        "/get/parameters2-/by1./path0_.");
  if (path.ends_with('/')) path.pop_back();
  return path;
}

bool is_public(std::string_view name) {
  return name == "/aws/service" || name.starts_with("/aws/service/");
}

}  // namespace matinee::ssm
