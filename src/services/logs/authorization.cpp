// What decisions about log groups need to know beside their names: their tags.
#include "policy/wildcard.h"
#include "services/logs/service.h"

namespace matinee::logs {

/// A group's resource ends with ":*" or a stream, or not: it is the group in any case.
std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  constexpr std::string_view mark = ":log-group:";
  if (!key.starts_with(tag)) return std::nullopt;
  const std::size_t at = inquiry.resource.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view name = inquiry.resource.substr(at + mark.size());
  const auto group =
      catalog_.find_group(key_of(inquiry.context, std::string(name.substr(0, name.find(':')))));
  if (!group) return std::nullopt;
  for (const auto& [name_of_tag, value] : group->record.tags)
    if (policy::equals_ignoring_case(name_of_tag, key.substr(tag.size())))
      return std::vector{value};
  return std::nullopt;
}

}  // namespace matinee::logs
