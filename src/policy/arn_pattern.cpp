#include "policy/arn_pattern.h"

#include "policy/conditions.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

constexpr int colons = 5;

/// Where the first part ends: colons within ${...} are part of a variable's name.
std::size_t end_of_part(std::string_view pattern) {
  std::size_t at = 0;
  while (at < pattern.size() && pattern[at] != ':') {
    if (pattern[at] == '$' && at + 1 < pattern.size() && pattern[at + 1] == '{') {
      const std::size_t close = pattern.find('}', at);
      if (close == std::string_view::npos) return pattern.find(':', at);
      at = close;
    }
    ++at;
  }
  return at < pattern.size() ? at : std::string_view::npos;
}

bool matches_part(std::string_view pattern, std::string_view part, const Keys* keys) {
  if (pattern == "*" || pattern == part) return true;
  if (!keys || pattern.find("${") == std::string_view::npos)
    return matches_wildcards(pattern, part);
  const auto replaced = replace_variables(pattern, *keys);
  return replaced && matches_wildcards(*replaced, part);
}

enum class Short : std::uint8_t { completed, refused };

bool matches_parts(std::string_view pattern, std::string_view arn, const Keys* keys,
                   Short short_patterns) {
  if (pattern == "*") return true;
  for (int part = 0; part < colons; ++part) {
    const std::size_t end = keys ? end_of_part(pattern) : pattern.find(':');
    const std::size_t arn_end = arn.find(':');
    // What is no ARN, as "*" where an action has no resource, is compared as a whole.
    if (arn_end == std::string_view::npos)
      return part == 0 && short_patterns == Short::completed && matches_part(pattern, arn, keys);
    if (end == std::string_view::npos)
      return short_patterns == Short::completed &&
             matches_part(pattern, arn.substr(0, arn_end), keys);
    if (!matches_part(pattern.substr(0, end), arn.substr(0, arn_end), keys)) return false;
    pattern.remove_prefix(end + 1);
    arn.remove_prefix(arn_end + 1);
  }
  return matches_part(pattern, arn, keys);
}

}  // namespace

bool matches_resource(std::string_view pattern, std::string_view arn, const Keys* keys) {
  return matches_parts(pattern, arn, keys, Short::completed);
}

bool matches_arn(std::string_view pattern, std::string_view arn, const Keys* keys) {
  return matches_parts(pattern, arn, keys, Short::refused);
}

}  // namespace matinee::policy
