#include "storage/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "runtime/log.h"
#include "storage/log_check.h"
#include "storage/restoring.h"

namespace matinee::storage {

namespace {

using Kind = OpenError::Kind;

/// Version 2 is "matinee 2" and a line end. It came with tables that a program of version 1 must
/// not leave unread: changes of SQS messages, noncurrent versions of S3 objects.
constexpr std::string_view format_prefix = "matinee ";

std::string lock_path(const std::string& directory) {
  return directory + "/LOCK";
}

std::string format_path(const std::string& directory) {
  return directory + "/FORMAT";
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

/// The files of the database that hold what was written.
bool holds_data(std::string_view name) {
  return name.ends_with(".sst") || name.ends_with(".log");
}

/// A directory without a database is new only if nothing else is there either: the database would
/// make an empty one beside what is left.
std::optional<OpenError> check_parts(const runtime::Disk& disk, const std::string& directory) {
  if (disk.exists(directory + "/store/CURRENT")) return std::nullopt;
  const auto files = disk.list(directory + "/store").value_or(std::vector<std::string>());
  std::string left;
  if (disk.exists(format_path(directory))) left = "a FORMAT";
  if (disk.exists(directory + "/blobs")) left = "a directory of blobs";
  if (std::ranges::any_of(files, holds_data)) left = "a part of its database";
  if (left.empty()) return std::nullopt;
  return OpenError{Kind::damaged, "The data directory " + directory + " is damaged: there is " +
                                      left +
                                      ", but store/CURRENT, without which the database "
                                      "cannot be read, is missing."};
}

}  // namespace

namespace {

using Entered = std::expected<std::unique_ptr<runtime::FileLock>, OpenError>;

Entered take_lock(runtime::Disk& disk, const std::string& directory) {
  auto lock = disk.lock(lock_path(directory));
  if (!lock && lock.error().kind == runtime::DiskError::Kind::locked) {
    return std::unexpected(locked(disk, directory));
  }
  if (!lock) return std::unexpected(not_writable(directory, lock.error()));
  return std::move(*lock);
}

/// A snapshot stays what it is. A copy of it somewhere else is a directory like any other.
std::optional<OpenError> refuse_snapshot(const runtime::Disk& disk, const std::string& directory) {
  const std::filesystem::path place(directory);
  const std::filesystem::path original = place.parent_path().parent_path();
  if (place.parent_path().filename() != "snapshots" || !disk.exists(directory + "/SNAPSHOT") ||
      !disk.exists(format_path(original.string())))
    return std::nullopt;
  return OpenError{Kind::not_writable,
                   fmt::format("{} is a snapshot, and would not stay what it is: `matinee fork {} "
                               "--data {}` serves a copy of it.",
                               directory, place.filename().string(), original.string())};
}

/// Checks the format; `content` becomes that of FORMAT, if there is one.
std::optional<OpenError> read_format(const runtime::Disk& disk, const std::string& directory,
                                     std::optional<std::string>& content) {
  auto format = disk.read(format_path(directory));
  if (format) {
    if (auto error = check_format(directory, *format)) return error;
    content = *std::move(format);
  } else if (format.error().kind != runtime::DiskError::Kind::not_found) {
    return not_writable(directory, format.error());
  }
  return std::nullopt;
}

}  // namespace

Entered enter_directory(runtime::Disk& disk, const std::string& directory) {
  if (auto error = refuse_snapshot(disk, directory)) return std::unexpected(*error);
  if (auto created = disk.create_private_directories(directory); !created) {
    return std::unexpected(not_writable(directory, created.error()));
  }
  std::optional<std::string> content;
  auto lock = take_lock(disk, directory);
  if (!lock) return lock;
  if (auto error = read_format(disk, directory, content)) return std::unexpected(*error);
  // A store that is half in its place is put there before it is looked at.
  if (auto restored = finish_restore(disk, directory); !restored)
    return std::unexpected(not_writable(directory, restored.error()));
  if (auto error = check_parts(disk, directory)) return std::unexpected(*error);
  // From now on this program writes what an older one would leave out.
  if (content && *content != format_text()) {
    if (auto finished = finish_directory(disk, directory); !finished)
      return std::unexpected(finished.error());
  }
  return lock;
}

Entered enter_to_read(runtime::Disk& disk, const std::string& directory) {
  if (!disk.exists(format_path(directory)) && !disk.exists(directory + "/store"))
    return std::unexpected(
        OpenError{Kind::not_writable, "There is no data directory " + directory + "."});
  std::optional<std::string> content;
  auto lock = take_lock(disk, directory);
  if (!lock) return lock;
  if (is_to_be_restored(disk, directory))
    return std::unexpected(
        OpenError{Kind::not_writable, "The data directory " + directory +
                                          " is about to become one of its snapshots, which "
                                          "`matinee up` finishes."});
  if (auto error = read_format(disk, directory, content)) return std::unexpected(*error);
  if (auto error = check_parts(disk, directory)) return std::unexpected(*error);
  return lock;
}

std::expected<void, OpenError> finish_directory(runtime::Disk& disk, const std::string& directory) {
  if (disk.read(format_path(directory)) == format_text()) return {};
  if (auto written = disk.write_atomically(format_path(directory), format_text()); !written)
    return std::unexpected(not_writable(directory, written.error()));
  return {};
}

OpenError damaged_directory(const std::string& directory, std::string_view what) {
  return {OpenError::Kind::damaged,
          fmt::format("The data directory {} is damaged: {}.", directory, what)};
}

OpenError unusable_directory(const std::string& directory, std::string_view why) {
  return {OpenError::Kind::not_writable,
          fmt::format("The data directory {} cannot be used: {}.", directory, why)};
}

std::expected<void, OpenError> see_to_logs(runtime::Disk& disk, const StoreOptions& options) {
  const std::string& directory = options.directory;
  const auto checked = check_logs(disk, directory);
  if (!checked) return std::unexpected(unusable_directory(directory, checked.error().message));
  if (!checked->lost.empty()) spdlog::warn("{}", checked->lost);
  if (!checked->damage) return {};
  if (!options.accept_loss) {
    OpenError error = damaged_directory(directory, checked->damage->what);
    error.message +=
        " `matinee up --accept-loss` opens what is before that, and keeps the rest in a "
        "subdirectory.";
    return std::unexpected(error);
  }
  const auto place = accept_loss(disk, directory, *checked->damage);
  if (!place) return std::unexpected(unusable_directory(directory, place.error().message));
  spdlog::warn("Opened without what is behind the damage: {}. The rest is in {}/{}.",
               checked->damage->what, directory, *place);
  return {};
}

std::optional<runtime::LockHolder> find_holder(const runtime::Disk& disk,
                                               const std::string& directory) {
  return disk.find_lock_holder(lock_path(directory));
}

}  // namespace matinee::storage
