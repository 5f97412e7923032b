// What decisions need to know of repositories, and what is common to all operations.
#include <fmt/format.h>

#include "ecr/errors.h"
#include "policy/document.h"
#include "policy/wildcard.h"
#include "services/ecr/repositories.h"
#include "services/ecr/service.h"
#include "services/lower_paths.h"

namespace matinee::ecr {

Service::Service(storage::Store& store, runtime::Runtime& runtime, services::KeyService* keys)
    : ServiceBase(ecr::model),
      runtime_(runtime),
      keys_(keys),
      repositories_(store, repositories_table) {}

/// ECR tells one fault at a time, in words of its own around those of the others.
protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  const protocol::Violations lower = services::with_lower_paths(violations);
  const protocol::Violation& first = lower.front();
  std::string rule = protocol::describe(first);
  constexpr std::string_view lead = "failed to satisfy constraint: ";
  if (const std::size_t at = rule.find(lead); at != std::string::npos)
    rule.erase(0, at + lead.size());
  return InvalidParameterException(fmt::format(
      "Invalid parameter at '{}' failed to satisfy constraint: '{}'", first.path, rule));
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const auto key = key_of(inquiry.resource);
  if (!key) return {};
  services::Guarded guarded{.account = std::get<0>(*key)};
  const auto record = repositories_.find(*key);
  if (!record || record->policy.empty()) return guarded;
  if (auto document = policy::parse(record->policy))
    guarded.policy = std::make_shared<const policy::Document>(*std::move(document));
  return guarded;
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  for (const std::string_view prefix : {"aws:resourcetag/", "ecr:resourcetag/"}) {
    if (!key.starts_with(prefix)) continue;
    const auto place = key_of(inquiry.resource);
    const auto record = place ? repositories_.find(*place) : std::nullopt;
    if (!record) return std::nullopt;
    for (const auto& [name, value] : record->tags)
      if (policy::equals_ignoring_case(name, key.substr(prefix.size()))) return std::vector{value};
  }
  return std::nullopt;
}

void Service::reset(const services::ResetScope& scope) {
  repositories_.erase_range(scope.account ? repositories_.prefix(*scope.account)
                                          : repositories_.all());
}

}  // namespace matinee::ecr
