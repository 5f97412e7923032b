#include "services/iam/tags.h"

#include <algorithm>
#include <set>

#include "iam/errors.h"
#include "services/iam/limits.h"
#include "services/iam/names.h"

namespace matinee::iam {

void add_tags(const std::vector<Tag>& added, Tags& tags) {
  std::set<std::string> seen;
  for (const Tag& tag : added) {
    if (fold(tag.key).starts_with("aws:"))
      throw InvalidInputException("Tag keys beginning with 'aws:' are reserved for system use.");
    if (!seen.insert(fold(tag.key)).second)
      throw InvalidInputException(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    const auto same = std::ranges::find_if(
        tags, [&](const auto& kept) { return fold(kept.first) == fold(tag.key); });
    if (same == tags.end())
      tags.emplace_back(tag.key, tag.value);
    else
      *same = {tag.key, tag.value};
  }
  if (tags.size() > tags_per_entity)
    throw LimitExceededException("The number of tags has reached the maximum limit.");
}

Tags make_tags(const std::optional<std::vector<Tag>>& given) {
  Tags tags;
  if (given) add_tags(*given, tags);
  return tags;
}

void remove_tags(const std::vector<std::string>& keys, Tags& tags) {
  for (const std::string& key : keys)
    std::erase_if(tags, [&](const auto& tag) { return fold(tag.first) == fold(key); });
}

}  // namespace matinee::iam
