#include "templates/sam/code_location.h"

#include <fmt/format.h>

#include "templates/sam/shapes.h"
#include "templates/sam/transform.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view scheme = "s3://";

Value from_map(std::string_view id, std::string_view property, const Value& value) {
  if (is_nothing(value.find("Bucket")) || is_nothing(value.find("Key")))
    throw SamFault{
        std::string(id),
        fmt::format("'{}' requires Bucket and Key properties to be specified.", property),
        value.place()};
  Value location;
  location.set("S3Bucket", *value.find("Bucket")).set("S3Key", *value.find("Key"));
  const Value* version = value.find("Version");
  if (!is_nothing(version)) location.set("S3ObjectVersion", *version);
  return location;
}

/// The value of versionId in the query of an URI; empty: there is none.
std::string_view version_of(std::string_view query) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part.starts_with("versionId=")) return part.substr(part.find('=') + 1);
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return {};
}

}  // namespace

Value read_code_location(std::string_view id, std::string_view property, const Value& value) {
  if (value.is_map()) return from_map(id, property, value);
  if (!value.is_string())
    throw SamFault{std::string(id), fmt::format("'{}' must be of type dict or string.", property),
                   value.place()};
  std::string_view rest = value.text();
  const bool is_uri = rest.starts_with(scheme);
  if (is_uri) rest.remove_prefix(scheme.size());
  const std::size_t slash = rest.find('/');
  const std::string_view path = rest.substr(0, rest.find('?'));
  if (!is_uri || slash == 0 || slash == std::string_view::npos || slash + 1 >= path.size())
    throw SamFault{std::string(id),
                   fmt::format("'{}' is not a valid S3 Uri of the form 's3://bucket/key' with "
                               "optional versionId query parameter.",
                               property),
                   value.place()};
  Value location;
  location.set("S3Bucket", path.substr(0, slash)).set("S3Key", path.substr(slash + 1));
  if (path.size() < rest.size()) {
    const std::string_view version = version_of(rest.substr(path.size() + 1));
    if (!version.empty()) location.set("S3ObjectVersion", version);
  }
  return location;
}

}  // namespace matinee::templates::sam
