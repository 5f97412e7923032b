// Which types of resources there are, and what becomes of each of their properties.
#pragma once

#include <string>

namespace matinee::resources {

/// The page docs/resource-types.md.
std::string types_as_markdown();
/// {"AWS::SQS::Queue": {"properties": [...], "refused": {...}}}
std::string types_as_json();

}  // namespace matinee::resources
