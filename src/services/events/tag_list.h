// Tags of buses and rules, in the order in which they were given.
#pragma once

#include <optional>
#include <vector>

#include "events/shapes.h"
#include "services/events/records.h"

namespace matinee::events {

/// Throws ValidationException for keys that AWS keeps for itself, and for more than 50 tags.
void add_tags(Tags& tags, const std::vector<Tag>& more, const services::Context& context);
std::vector<Tag> to_list(const Tags& tags);

}  // namespace matinee::events
