#include "resources/type.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::resources {

std::string ResourceType::id_of(const Value& identifying) const {
  std::string id;
  for (const templates::Member& part : identifying.members())
    id.append(id.empty() ? "" : "|").append(part.value.text());
  return id;
}

Recreation ResourceType::recreation(std::string_view property, const Value*, const Value*) const {
  const std::string path = fmt::format("/properties/{}", property);
  const auto names = [&](const std::string& listed) {
    return listed == path || listed.starts_with(path + "/");
  };
  if (std::ranges::any_of(schema().create_only(), names)) return Recreation::always;
  if (std::ranges::any_of(schema().conditional_create_only(), names))
    return Recreation::conditionally;
  return Recreation::never;
}

}  // namespace matinee::resources
