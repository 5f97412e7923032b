#include "services/sns/filters.h"

namespace matinee::sns {

void Filters::add(std::uint32_t place, const std::string&, Scope) {
  open_.push_back(place);
}

std::vector<std::uint32_t> Filters::matching(const Message&) {
  return open_;
}

std::string Filters::why_not(std::uint32_t, const Message&) const {
  return "";
}

void require_filter(const std::string& policy, Scope, GivenTo) {
  if (!policy.empty())
    throw protocol::ServiceError("NotImplemented", 501, "Filter policies are not served yet.");
}

}  // namespace matinee::sns
