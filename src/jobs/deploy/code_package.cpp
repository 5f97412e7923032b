#include "jobs/deploy/code_package.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "archives/zip_writer.h"

namespace matinee::jobs::deploy {

namespace {

using runtime::FolderFile;

/// They change without the code, or have nothing to do with it.
const std::set<std::string>& left_out() {
  static const std::set<std::string> names{".git", ".aws-sam", "__pycache__"};
  return names;
}

bool has_file(const std::vector<FolderFile>& files, std::string_view path) {
  return std::ranges::any_of(files, [&](const FolderFile& file) { return file.path == path; });
}

bool has_below(const std::vector<FolderFile>& files, std::string_view part) {
  return std::ranges::any_of(files,
                             [&](const FolderFile& file) { return file.path.contains(part); });
}

bool names_requirements(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') return true;
  }
  return false;
}

/// Nothing is installed here: what the code needs has to lie beside it.
std::string find_remark(const LocalFiles& files, const std::string& path, const std::string& name,
                        const std::vector<FolderFile>& packed) {
  const auto has_words = [&](std::string_view file, auto test) {
    return has_file(packed, file) &&
           test(files.disk.read(fmt::format("{}/{}", path, file)).value_or(""));
  };
  if (!has_below(packed, ".dist-info/") && has_words("requirements.txt", names_requirements))
    return fmt::format(
        "{} is packed as it is: what its requirements.txt names is not in it (\"sam build\" or "
        "\"pip install --target\" puts it there).",
        name);
  const auto has_dependencies = [](std::string_view text) {
    return text.contains("\"dependencies\"");
  };
  if (!has_below(packed, "node_modules/") && has_words("package.json", has_dependencies))
    return fmt::format(
        "{} is packed as it is: what its package.json names is not in it (\"npm install\" or \"sam "
        "build\" puts it there).",
        name);
  return "";
}

std::string reason_of(const runtime::DiskError& error) {
  return error.message + ".";
}

/// What is packed of a folder; or why it cannot be.
std::expected<std::vector<FolderFile>, std::string> files_of(const LocalFiles& files,
                                                             const std::string& path,
                                                             const std::string& name) {
  auto found = files.folders.files(path, left_out());
  if (!found) return std::unexpected(reason_of(found.error()));
  if (found->empty()) return std::unexpected(fmt::format("The folder {} is empty.", name));
  std::uint64_t total = 0;
  for (const FolderFile& file : *found) total += file.size;
  if (total > most_unpacked_bytes)
    return std::unexpected(
        fmt::format("The folder {} has {} MB in it, and Lambda takes 250 MB.", name, total >> 20));
  return *std::move(found);
}

std::expected<CodePackage, std::string> pack_folder(const LocalFiles& files,
                                                    const std::string& path,
                                                    const std::string& name) {
  const auto found = files_of(files, path, name);
  if (!found) return std::unexpected(found.error());
  archives::ZipWriter zip;
  for (const FolderFile& file : *found) {
    const auto content = files.disk.read(fmt::format("{}/{}", path, file.path));
    if (!content) return std::unexpected(reason_of(content.error()));
    zip.add(file.path, *content, file.executable);
  }
  return CodePackage{.bytes = zip.finish(),
                     .ending = ".zip",
                     .files = found->size(),
                     .remark = find_remark(files, path, name, *found)};
}

}  // namespace

std::string find_code_fault(const LocalFiles& files, const std::string& path,
                            const std::string& name) {
  if (files.folders.is_folder(path)) {
    const auto found = files_of(files, path, name);
    return found ? "" : found.error();
  }
  return files.disk.exists(path) ? "" : fmt::format("There is no file or folder {}.", path);
}

std::expected<CodePackage, std::string> pack_code(const LocalFiles& files, const std::string& path,
                                                  const std::string& name) {
  if (files.folders.is_folder(path)) return pack_folder(files, path, name);
  if (!files.disk.exists(path))
    return std::unexpected(fmt::format("There is no file or folder {}.", path));
  auto content = files.disk.read(path);
  if (!content) return std::unexpected(reason_of(content.error()));
  const std::filesystem::path file(path);
  for (const std::string_view ending : {".zip", ".jar"})
    if (file.extension() == ending)
      return CodePackage{.bytes = std::move(*content), .ending = std::string(ending), .remark = ""};
  archives::ZipWriter zip;
  zip.add(file.filename(), *content, files.folders.is_executable(path));
  return CodePackage{.bytes = zip.finish(), .ending = ".zip", .files = 1, .remark = ""};
}

}  // namespace matinee::jobs::deploy
