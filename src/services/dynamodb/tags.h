// The rules for tags of tables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dynamodb/shapes.h"

namespace matinee::dynamodb {

/// Adds tags to those that a table has. Throws a ValidationException for keys and values with
/// characters that no tag may have, keys that AWS keeps for itself or that are there twice, and
/// above 50 tags together.
void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& table_tags);

}  // namespace matinee::dynamodb
