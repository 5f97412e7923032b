#include "jobs/tables/place.h"

#include <fmt/format.h>

#include <array>

#include "jobs/report.h"

namespace matinee::jobs::tables {

std::string Place::name() const {
  if (kind == Kind::standard_output) return "standard output";
  if (kind == Kind::local) return path;
  return prefix.empty() ? fmt::format("s3://{}", bucket)
                        : fmt::format("s3://{}/{}", bucket, prefix);
}

Place read_place(const std::string& text) {
  constexpr std::string_view scheme = "s3://";
  if (text == "-") return {.kind = Place::Kind::standard_output};
  if (!text.starts_with(scheme)) {
    std::string path = text;
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return {.kind = Place::Kind::local, .path = path};
  }
  const std::string rest = text.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  Place place{.kind = Place::Kind::bucket, .bucket = rest.substr(0, slash)};
  if (place.bucket.empty())
    throw JobError(fmt::format("{} names no bucket; write s3://BUCKET/PREFIX.", shortened(text)));
  place.prefix = rest.substr(std::min(slash + 1, rest.size()));
  while (place.prefix.ends_with('/')) place.prefix.pop_back();
  return place;
}

bool is_file_name(const std::string& name) {
  constexpr std::array<std::string_view, 8> endings = {".json", ".jsonl", ".ndjson", ".gz",
                                                       ".zst",  ".csv",   ".ion",    ".tsv"};
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace matinee::jobs::tables
