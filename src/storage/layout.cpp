#include "storage/layout.h"

#include <charconv>

namespace matinee::storage {

namespace {

using Kind = OpenError::Kind;

/// Version 2 is "matinee 2" and a line end. It came with tables that a program of version 1 must
/// not leave unread: changes of SQS messages, noncurrent versions of S3 objects.
constexpr std::string_view format_prefix = "matinee ";

std::string lock_path(const std::string& directory) {
  return directory + "/LOCK";
}

OpenError not_writable(const std::string& directory, const runtime::DiskError& error) {
  return {Kind::not_writable,
          "The data directory " + directory + " cannot be written: " + error.message + "."};
}

OpenError locked(const runtime::Disk& disk, const std::string& directory) {
  OpenError error{Kind::locked, "The data directory " + directory + " is in use",
                  find_holder(disk, directory)};
  if (error.holder) error.message += " by process " + std::to_string(error.holder->process_id);
  if (error.holder && !error.holder->text.empty()) error.message += " at " + error.holder->text;
  error.message += ".";
  return error;
}

std::string format_text() {
  return std::string(format_prefix) + std::to_string(Store::format_version) + "\n";
}

std::optional<OpenError> check_format(const std::string& directory, std::string_view content) {
  int version = 0;
  std::string_view number = content.substr(std::min(format_prefix.size(), content.size()));
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
  if (!content.starts_with(format_prefix) || error != std::errc() || version < 1) {
    return OpenError{Kind::damaged,
                     "The data directory " + directory + " is damaged: its FORMAT is unreadable."};
  }
  if (version <= Store::format_version) return std::nullopt;
  return OpenError{Kind::newer_format, "The data directory " + directory +
                                           " was written by a newer version of matinee (format " +
                                           std::to_string(version) + "; this one reads up to " +
                                           std::to_string(Store::format_version) + ")."};
}

}  // namespace

std::expected<std::unique_ptr<runtime::FileLock>, OpenError> enter_directory(
    runtime::Disk& disk, const std::string& directory) {
  if (auto created = disk.create_directories(directory); !created) {
    return std::unexpected(not_writable(directory, created.error()));
  }
  auto lock = disk.lock(lock_path(directory));
  if (!lock && lock.error().kind == runtime::DiskError::Kind::locked) {
    return std::unexpected(locked(disk, directory));
  }
  if (!lock) return std::unexpected(not_writable(directory, lock.error()));

  std::string path = directory + "/FORMAT";
  auto content = disk.read(path);
  if (content) {
    if (auto error = check_format(directory, *content)) return std::unexpected(*error);
  } else if (content.error().kind != runtime::DiskError::Kind::not_found) {
    return std::unexpected(not_writable(directory, content.error()));
  }
  // From now on this program writes what an older one would leave out.
  if (!content || *content != format_text()) {
    if (auto written = disk.write_atomically(path, format_text()); !written)
      return std::unexpected(not_writable(directory, written.error()));
  }
  return std::move(*lock);
}

std::optional<runtime::LockHolder> find_holder(const runtime::Disk& disk,
                                               const std::string& directory) {
  return disk.find_lock_holder(lock_path(directory));
}

}  // namespace matinee::storage
