// The rules for tags of tables and of streams.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/shapes.h"

namespace matinee::dynamodb {

/// Adds tags to those that a table or a stream has. Throws a ValidationException for keys and
/// values with characters that no tag may have, keys that AWS keeps for itself or that are there
/// twice, and above 50 tags together.
void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& owned);
/// What a condition key has to say where it is "aws:resourcetag/NAME" and there is that tag, in
/// whatever case.
std::optional<std::vector<std::string>> find_resource_tag(
    const std::map<std::string, std::string>& tags, std::string_view key);

}  // namespace matinee::dynamodb
