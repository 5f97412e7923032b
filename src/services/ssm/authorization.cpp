// What decisions about parameters need to know beside their names: their tags.
#include "policy/wildcard.h"
#include "protocol/error.h"
#include "services/ssm/service.h"

namespace matinee::ssm {

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (!key.starts_with(tag) || inquiry.resource.empty()) return std::nullopt;
  try {
    Reference reference = parse_reference(inquiry.context, std::string(inquiry.resource));
    const std::optional<ParameterRecord> record = catalog_.find(reference);
    if (!record) return std::nullopt;
    for (const auto& [name, value] : record->tags)
      if (policy::equals_ignoring_case(name, key.substr(tag.size()))) return std::vector{value};
  } catch (const protocol::ServiceError&) {
    // For the operation to tell.
  }
  return std::nullopt;
}

}  // namespace matinee::ssm
