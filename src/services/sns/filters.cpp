#include "services/sns/filters.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::sns {

namespace {

patterns::Dialect dialect_of(Scope scope) {
  return scope == Scope::body ? patterns::Dialect::sns_body : patterns::Dialect::sns_attributes;
}

}  // namespace

/// A policy that an older program took, and that this one does not, lets nothing through.
void Filters::add(std::uint32_t place, const std::string& policy, Scope scope) {
  if (policy.empty()) {
    open_.insert(std::ranges::lower_bound(open_, place), place);
    return;
  }
  auto pattern = patterns::Pattern::compile(dialect_of(scope), policy);
  if (pattern) (scope == Scope::body ? body_ : attributes_).add(place, *std::move(pattern));
}

void Filters::remove(std::uint32_t place) {
  if (attributes_.remove(place) || body_.remove(place)) return;
  const auto found = std::ranges::lower_bound(open_, place);
  if (found != open_.end() && *found == place) open_.erase(found);
}

bool Filters::free_some(std::size_t most) {
  const bool attributes = attributes_.free_some(most);
  const bool body = body_.free_some(most);
  return attributes || body;
}

/// Attributes of other types than these are not looked at.
bool Filters::read_attributes(const Message& message) {
  event_.clear();
  for (const services::MessageAttribute& attribute : message.attributes) {
    if (attribute.type == "String") event_.add_text(attribute.name, attribute.value);
    if (attribute.type == "Number") event_.add_number(attribute.name, attribute.value);
    if (attribute.type == "String.Array") event_.add_array(attribute.name, attribute.value);
  }
  return true;
}

bool Filters::read_body(const Message& message) {
  return event_.parse(message.text_for("default"));
}

std::vector<std::uint32_t> Filters::matching(const Message& message) {
  if (attributes_.size() == 0 && body_.size() == 0) return open_;
  std::vector<std::uint32_t> places = open_;
  std::vector<patterns::PatternSet::Id> found;
  const auto add_found = [&](const patterns::PatternSet& set) {
    set.match(event_, found);
    places.insert(places.end(), found.begin(), found.end());
  };
  if (attributes_.size() > 0 && read_attributes(message)) add_found(attributes_);
  if (body_.size() > 0 && read_body(message)) add_found(body_);
  std::ranges::sort(places);
  return places;
}

std::string Filters::why_not(std::uint32_t place, const Message& message) {
  if (const patterns::Pattern* pattern = attributes_.find(place)) {
    read_attributes(message);
    return pattern->explain(event_).text;
  }
  const patterns::Pattern* pattern = body_.find(place);
  if (!pattern) return "Its filter policy cannot be read.";
  if (!read_body(message)) return "Its filter policy looks at the body, which is no JSON object.";
  return pattern->explain(event_).text;
}

void require_filter(const std::string& policy, Scope scope, GivenTo given_to) {
  if (policy.empty()) return;
  const auto pattern = patterns::Pattern::compile(dialect_of(scope), policy);
  if (pattern) return;
  refuse(given_to == GivenTo::create ? fmt::format("Attributes Reason: {}", pattern.error().message)
                                     : pattern.error().message);
}

}  // namespace matinee::sns
