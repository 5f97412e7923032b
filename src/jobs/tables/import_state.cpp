#include "jobs/tables/import_state.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "jobs/report.h"
#include "jobs/sha256.h"

namespace matinee::jobs::tables {
namespace {

constexpr std::uint64_t format = 1;

bool read_file(const simdjson::dom::element& file, ImportState& state) {
  std::string_view name;
  table_files::Mark mark;
  if (file["name"].get(name) || file["lines"].get(mark.lines) ||
      file["records"].get(mark.records) || file["bytes"].get(mark.bytes) ||
      file["checksum"].get(mark.checksum))
    return false;
  state.marks.emplace(name, mark);
  return true;
}

}  // namespace

std::string state_path(const std::string& directory, const std::string& identity) {
  constexpr std::size_t digits = 24;
  Sha256 digest;
  digest.add(identity);
  return fmt::format("{}/{}", directory, digest.finish().substr(0, digits));
}

ImportState read_state(const runtime::Disk& disk, const std::string& path) {
  if (!disk.exists(path)) return {};
  const auto text = disk.read(path);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array files;
  simdjson::dom::array failures;
  std::uint64_t version = 0;
  ImportState state;
  if (!text || parser.parse(*text).get(root) || root["format"].get(version) || version != format ||
      root["files"].get(files) || root["failures"].get(failures) ||
      root["failed"].get(state.failed))
    return {};
  for (const simdjson::dom::element file : files)
    if (!read_file(file, state)) return {};
  for (const simdjson::dom::element failure : failures) {
    std::string_view sentence;
    if (!failure.get(sentence)) state.failures.emplace_back(sentence);
  }
  return state;
}

std::string to_text(const ImportState& state) {
  std::string files = "[";
  for (const auto& [name, mark] : state.marks) {
    JsonObject file;
    file.add("name", name);
    file.add("lines", mark.lines);
    file.add("records", mark.records);
    file.add("bytes", mark.bytes);
    file.add("checksum", mark.checksum);
    if (files.size() > 1) files += ',';
    files += file.take();
  }
  JsonObject json;
  json.add("format", format);
  json.add("failed", state.failed);
  json.add("failures", state.failures);
  json.add_json("files", files + "]");
  return json.take();
}

}  // namespace matinee::jobs::tables
