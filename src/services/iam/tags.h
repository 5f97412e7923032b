// The rules of tags, the same for every entity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iam/shapes.h"
#include "services/iam/records.h"

namespace matinee::iam {

/// Adds tags, in place of those with the same key; keys have no case. Throws InvalidInput for a key
/// that is there twice or that AWS keeps for itself, LimitExceeded above 50 tags.
void add_tags(const std::vector<Tag>& added, Tags& tags);
/// Of an entity that is being made.
Tags make_tags(const std::optional<std::vector<Tag>>& given);
/// Unknown keys are nothing.
void remove_tags(const std::vector<std::string>& keys, Tags& tags);

}  // namespace matinee::iam
