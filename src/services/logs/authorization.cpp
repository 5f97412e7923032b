// What decisions about log groups need to know beside their names: their tags and policies.
#include <algorithm>

#include "logs/operations.h"
#include "policy/document.h"
#include "policy/wildcard.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

/// The name of the group that a resource is, or lies in.
std::optional<std::string> group_name_of(std::string_view resource) {
  constexpr std::string_view mark = ":log-group:";
  const std::size_t at = resource.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view name = resource.substr(at + mark.size());
  return std::string(name.substr(0, name.find(':')));
}

void append(policy::Document& all, const std::string& text) {
  // One that says nothing that can be understood allows nothing.
  auto document = policy::parse(text);
  if (!document) return;
  all.has_variables = all.has_variables || document->has_variables;
  std::ranges::move(document->statements, std::back_inserter(all.statements));
}

}  // namespace

/// Documented: resource policies say which services may write logs, PutLogEvents and
/// CreateLogStream and nothing else; for users, roles and other accounts they mean nothing.
void Service::authorize(const Context&, const protocol::Operation&, const void*) {
  // What reads much is no transaction; what changes a group needs no events.
  if (store_.in_transaction()) return;
  for (auto& bring : bring_) bring();
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  if (inquiry.context.service_principal.empty()) return {};
  if (&inquiry.operation != &operations::PutLogEvents &&
      &inquiry.operation != &operations::CreateLogStream)
    return {};
  const Context& context = inquiry.context;
  policy::Document all;
  catalog_.resource_policies.scan(
      catalog_.resource_policies.prefix(context.account, context.region),
      [&](const auto&, const ResourcePolicyRecord& record) {
        append(all, record.document);
        return true;
      });
  if (const auto name = group_name_of(inquiry.resource))
    if (const auto group = catalog_.find_group(key_of(context, *name));
        group && group->record.resource_policy)
      append(all, *group->record.resource_policy);
  return {.account = context.account,
          .policy = std::make_shared<const policy::Document>(std::move(all))};
}

/// A group's resource ends with ":*" or a stream, or not: it is the group in any case.
std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (!key.starts_with(tag)) return std::nullopt;
  const auto name = group_name_of(inquiry.resource);
  if (!name) return std::nullopt;
  const auto group = catalog_.find_group(key_of(inquiry.context, *name));
  if (!group) return std::nullopt;
  for (const auto& [name_of_tag, value] : group->record.tags)
    if (policy::equals_ignoring_case(name_of_tag, key.substr(tag.size())))
      return std::vector{value};
  return std::nullopt;
}

}  // namespace matinee::logs
