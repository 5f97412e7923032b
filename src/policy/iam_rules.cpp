// What IAM asks of the texts in a policy: of actions, resources, condition keys and names.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policy/faults.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

using Found = std::optional<Fault>;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_vendor(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

constexpr std::string_view no_vendor =
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

Found check_action(std::string_view action) {
  if (action == "*") return std::nullopt;
  const std::size_t colon = action.find(':');
  if (colon == std::string_view::npos || colon == 0) return Fault{std::string(no_vendor)};
  if (action.find(':', colon + 1) != std::string_view::npos)
    return Fault{"Actions/Condition can contain only one colon."};
  const std::string_view vendor = action.substr(0, colon);
  if (vendor != "*" && !is_vendor(vendor))
    return Fault{fmt::format("Vendor {} is not valid", vendor)};
  return std::nullopt;
}

/// Whether a pattern may be about something whose name begins with one of these.
bool may_begin_with(std::string_view pattern, std::string_view prefix) {
  const std::string_view fixed = pattern.substr(0, pattern.find_first_of("*?$"));
  return fixed.starts_with(prefix) || (fixed.size() < pattern.size() && prefix.starts_with(fixed));
}

Found check_iam_resource(std::string_view resource, std::string_view region,
                         std::string_view path) {
  constexpr std::string_view paths[] = {
      "user/",   "federated-user/",     "role/",          "group/",   "instance-profile/",
      "mfa/",    "server-certificate/", "policy/",        "sms-mfa/", "saml-provider/",
      "report/", "oidc-provider/",      "access-report/", "root"};
  if (!region.empty() && region != "*")
    return Fault{fmt::format("IAM resource {} cannot contain region information.", resource)};
  if (std::ranges::any_of(paths, [&](auto prefix) { return may_begin_with(path, prefix); }))
    return std::nullopt;
  return Fault{
      "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, "
      "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
      "oidc-provider/, report/, access-report/."};
}

/// Takes the next part of an ARN off the text; nothing where there is none.
std::optional<std::string_view> take_part(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return part;
}

Found check_resource(std::string_view resource) {
  constexpr std::string_view partitions[] = {"aws",       "aws-cn",    "aws-us-gov",
                                             "aws-iso",   "aws-iso-b", "aws-iso-e",
                                             "aws-iso-f", "aws-eusc",  "*"};
  if (resource == "*") return std::nullopt;
  std::string_view rest = resource;
  if (take_part(rest) != "arn")
    return Fault{fmt::format("Resource {} must be in ARN format or \"*\".", resource)};
  const std::string_view partition = rest.substr(0, rest.find(':'));
  if (std::ranges::find(partitions, partition) == std::end(partitions))
    return Fault{
        fmt::format("Partition \"{}\" is not valid for resource \"{}\".", partition, resource)};
  // Parts that are missing at the end are about everything.
  if (!take_part(rest)) return std::nullopt;
  const std::string_view vendor = rest.substr(0, rest.find(':'));
  if (vendor != "*" && !is_vendor(vendor))
    return Fault{"Resource vendor must be fully qualified and cannot contain regexes."};
  take_part(rest);
  const auto region = take_part(rest);
  const auto account = take_part(rest);
  if (vendor == "iam" && account) return check_iam_resource(resource, *region, rest);
  return std::nullopt;
}

bool is_trust_action(std::string_view pattern) {
  constexpr std::string_view actions[] = {
      "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
      "sts:TagSession", "sts:SetSourceIdentity",  "sts:SetContext"};
  return pattern.find(':') != std::string_view::npos &&
         std::ranges::any_of(actions, [&](std::string_view action) {
           return matches_wildcards(pattern, action, Case::insensitive);
         });
}

Found check_trust(const Statement& statement) {
  if (!std::ranges::all_of(statement.actions.patterns, is_trust_action))
    return Fault{"AssumeRole policy may only specify STS AssumeRole actions."};
  return std::nullopt;
}

Found check_identity(const Statement& statement) {
  for (const std::string& action : statement.actions.patterns)
    if (Found fault = check_action(action)) return fault;
  for (const std::string& resource : statement.resources->patterns)
    if (Found fault = check_resource(resource)) return fault;
  for (const Condition& condition : statement.conditions)
    if (condition.key.find(':') == std::string::npos) return Fault{std::string(no_vendor)};
  return std::nullopt;
}

Found check_names(const Document& document) {
  std::set<std::string_view> names;
  for (const Statement& statement : document.statements) {
    if (!std::ranges::all_of(statement.sid, is_letter_or_digit))
      return Fault{
          "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
          "expression [0-9A-Za-z]*"};
    if (!statement.sid.empty() && !names.insert(statement.sid).second)
      return Fault{"Statement IDs (SID) in a single policy must be unique."};
  }
  return std::nullopt;
}

}  // namespace

Found find_iam_fault(const Document& document, Kind kind) {
  // The newer version is that which has variables.
  if (kind == Kind::managed && !document.has_variables)
    return Fault{"Policy document must be version 2012-10-17 or greater."};
  for (const Statement& statement : document.statements) {
    Found fault = kind == Kind::trust ? check_trust(statement) : check_identity(statement);
    if (fault) return fault;
  }
  return check_names(document);
}

}  // namespace matinee::policy
