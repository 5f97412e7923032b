#include "jobs/tables/source.h"

#include <fmt/format.h>

#include <filesystem>

#include "jobs/report.h"

namespace matinee::jobs::tables {
namespace {

using table_files::ExportedFile;

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void refuse_ion(const std::string& format, const std::string& name) {
  if (format == "ION")
    throw JobError(fmt::format(
        "{} is an export in Amazon Ion, which is not read; export the table as DYNAMODB_JSON.",
        name));
}

/// A file that is named itself, if it is one.
runtime::Task<std::optional<Source>> find_file(FileAccess& access, const Place& place) {
  std::unique_ptr<Files> files;
  std::string name;
  if (place.kind == Place::Kind::local) {
    const std::filesystem::path path(place.path);
    files = open_folder(access, path.parent_path().string());
    name = path.filename().string();
  } else {
    if (place.prefix.empty()) co_return std::nullopt;
    const std::size_t slash = place.prefix.rfind('/');
    files = open_prefix(access, place.bucket,
                        slash == std::string::npos ? "" : place.prefix.substr(0, slash));
    name = base_name(place.prefix);
  }
  const auto size = co_await files->find_size(name);
  if (!size) co_return std::nullopt;
  Source source{.root = std::move(files)};
  source.files.push_back({.file = {name, *size}});
  co_return source;
}

/// The file of which a manifest speaks: below the export, or, of an incremental one, beside it.
runtime::Task<SourceFile> find_exported(Files& root, ExportedFile expected) {
  const std::string base = base_name(expected.key);
  for (const std::string& name : {"data/" + base, "../data/" + base})
    if (const auto size = co_await root.find_size(name))
      co_return SourceFile{.file = {name, *size}, .expected = std::move(expected)};
  throw JobError(fmt::format("The export's file {} is missing.", root.full_name("data/" + base)));
}

runtime::Task<> read_export(Source& source) {
  Files& root = *source.root;
  const std::string name = root.full_name(std::string(table_files::summary_name));
  source.summary =
      table_files::read_summary(co_await root.read(std::string(table_files::summary_name)));
  if (!source.summary) throw JobError(fmt::format("{} is no summary of an export.", name));
  refuse_ion(source.summary->format, name);
  const std::string files_name(table_files::files_name);
  if (!co_await root.find_size(files_name))
    throw JobError(fmt::format("The export's {} is missing.", root.full_name(files_name)));
  const auto files = table_files::read_files(co_await root.read(files_name));
  if (!files)
    throw JobError(fmt::format("{} is no list of an export's files.", root.full_name(files_name)));
  for (const ExportedFile& file : *files)
    source.files.push_back(co_await find_exported(root, file));
}

/// Folders in which exports are, of "AWSDynamoDB/ID/manifest-summary.json".
std::vector<std::string> exports_in(const std::vector<FoundFile>& found) {
  std::vector<std::string> folders;
  for (const FoundFile& file : found)
    if (base_name(file.name) == table_files::summary_name)
      folders.push_back(file.name.substr(0, file.name.size() - table_files::summary_name.size()));
  return folders;
}

Place below(const Place& place, std::string folder) {
  if (folder.ends_with('/')) folder.pop_back();
  Place result = place;
  std::string& root = place.kind == Place::Kind::local ? result.path : result.prefix;
  root = root.empty() ? folder : root + "/" + folder;
  return result;
}

}  // namespace

std::uint64_t Source::bytes() const {
  std::uint64_t total = 0;
  for (const SourceFile& file : files) total += file.file.size;
  return total;
}

runtime::Task<Source> find_source(FileAccess& access, Place place) {
  if (place.kind == Place::Kind::standard_output)
    throw JobError(
        "An import reads a file, a folder or s3://BUCKET/PREFIX, and no standard input.");
  if (auto file = co_await find_file(access, place)) {
    if (file->files.front().file.name.contains(".ion")) refuse_ion("ION", place.name());
    co_return std::move(*file);
  }
  Source source{.root = open_files(access, place)};
  const std::vector<FoundFile> found = co_await source.root->list();
  if (found.empty()) throw JobError(fmt::format("There is nothing in {}.", place.name()));
  const std::vector<std::string> exports = exports_in(found);
  if (exports.size() > 1)
    throw JobError(fmt::format("There are {} exports in {}; name one of them, such as {}.",
                               exports.size(), place.name(), below(place, exports.front()).name()));
  if (!exports.empty()) {
    if (!exports.front().empty()) source.root = open_files(access, below(place, exports.front()));
    co_await read_export(source);
    co_return source;
  }
  for (const FoundFile& file : found) {
    const std::string base = base_name(file.name);
    if (!is_file_name(base) || base.starts_with("manifest-") || base.starts_with(".")) continue;
    if (base.contains(".ion")) refuse_ion("ION", source.root->full_name(file.name));
    source.files.push_back({.file = file});
  }
  if (source.files.empty())
    throw JobError(fmt::format(
        "There is no file of items in {}: none that ends in .json, .jsonl, .csv, .gz or .zst.",
        place.name()));
  co_return source;
}

}  // namespace matinee::jobs::tables
