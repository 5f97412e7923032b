#include "storage/log_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "storage/log_file.h"
#include "storage/synced_log.h"

namespace matinee::storage {

namespace {

using runtime::DiskResult;

std::string log_name(std::uint64_t number) {
  return fmt::format("store/{:06}.log", number);
}

/// What the database's MANIFEST says of its logs.
struct Manifest {
  std::uint64_t first_log = 0;      ///< Earlier ones are not needed any more.
  std::uint64_t last_sequence = 0;  ///< Of what is in its other files.
};

/// Varints and strings from the beginning of a VersionEdit.
class EditReader {
 public:
  explicit EditReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  void skip_string() { bytes_.remove_prefix(std::min<std::uint64_t>(number(), bytes_.size())); }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

/// These come first in an edit, before what it says of other files.
void read_edit(std::string_view beginning, Manifest& manifest) {
  enum Tag {
    comparator = 1,
    log_number,
    next_file,
    last_sequence,
    previous_log = 9,
    least_log = 10
  };
  constexpr std::uint64_t most_families = 203;
  constexpr std::uint64_t database_id = 8193;
  EditReader edit(beginning);
  while (!edit.at_end()) {
    switch (edit.number()) {
      case comparator:
      case database_id:
        edit.skip_string();
        break;
      case log_number:
        manifest.first_log = std::max(manifest.first_log, edit.number());
        break;
      case last_sequence:
        manifest.last_sequence = std::max(manifest.last_sequence, edit.number());
        break;
      case next_file:
      case previous_log:
      case least_log:
      case most_families:
        edit.number();
        break;
      default:
        return;
    }
  }
}

/// Nothing where it cannot be read: the database will say so.
std::optional<Manifest> read_manifest(const runtime::Disk& disk, const std::string& store) {
  std::string name = disk.read(store + "/CURRENT").value_or("");
  if (!name.ends_with('\n')) return std::nullopt;
  name.pop_back();
  const auto file = disk.open(store + "/" + name);
  if (!file) return std::nullopt;
  Manifest manifest;
  const auto content =
      read_records(**file, [&](std::string_view beginning) { read_edit(beginning, manifest); });
  if (!content) return std::nullopt;
  return manifest;
}

DiskResult<std::vector<std::uint64_t>> list_logs(const runtime::Disk& disk,
                                                 const std::string& store) {
  auto names = disk.list(store);
  if (!names) return std::unexpected(names.error());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    if (!name.ends_with(".log")) continue;
    std::uint64_t number = 0;
    const char* end = name.data() + name.size() - 4;
    const auto [rest, error] = std::from_chars(name.data(), end, number);
    if (error == std::errc() && rest == end) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

/// Goes through the logs in their order.
class Checking {
 public:
  Checking(const Manifest& manifest, SyncedLogs synced, const std::string& boot_id)
      : expected_(manifest.last_sequence + 1),
        synced_(std::move(synced)),
        same_boot_(!synced_.boot_id.empty() && boot_id == synced_.boot_id) {}

  void find_missing(const std::vector<std::uint64_t>& logs, std::uint64_t first_log) {
    for (const LogExtent& extent : synced_.logs) {
      if (extent.number < first_log || extent.bytes == 0) continue;
      if (!std::ranges::binary_search(logs, extent.number))
        return found(extent.number, 0,
                     fmt::format("its log {} is missing", log_name(extent.number)));
    }
  }

  void add(std::uint64_t number, const LogContent& content) {
    if (result.damage || ended_) return;
    if (content.first_sequence && *content.first_sequence > expected_)
      return lose(number, 0, 0,
                  fmt::format("what was written before its log {} is missing", log_name(number)));
    if (content.first_sequence) expected_ = std::max(expected_, content.next_sequence);
    const std::uint64_t synced = synced_bytes(number);
    if (content.good_end < synced && !content.is_damaged())
      return found(number, content.good_end,
                   fmt::format("its log {} ends at byte {}, though at least {} bytes of it were on "
                               "the disk",
                               log_name(number), content.good_end, synced));
    if (content.is_damaged())
      lose(number, content.good_end, synced,
           fmt::format("its log {} does not check at byte {}, and {} records or parts of records "
                       "behind it do",
                       log_name(number), content.good_end, content.pieces_behind));
  }

  LogCheck result;

 private:
  std::uint64_t synced_bytes(std::uint64_t number) const {
    const auto extent = std::ranges::find(synced_.logs, number, &LogExtent::number);
    return extent == synced_.logs.end() ? 0 : extent->bytes;
  }

  void found(std::uint64_t number, std::uint64_t usable, std::string what) {
    result.damage = LogDamage{.what = std::move(what), .log = number, .usable_bytes = usable};
  }

  /// What was never synced may be gone in any order, once the machine itself has stopped.
  void lose(std::uint64_t number, std::uint64_t usable, std::uint64_t synced, std::string what) {
    const bool is_known = !synced_.boot_id.empty();
    const bool all_synced_is_there = std::ranges::none_of(
        synced_.logs, [&](const LogExtent& extent) { return extent.number > number; });
    if (same_boot_ || !is_known || usable < synced || !all_synced_is_there)
      return found(number, usable, std::move(what));
    ended_ = true;
    result.lost = fmt::format(
        "The machine stopped before the end of the log was on its disk: {}, and none of that is "
        "used.",
        what);
  }

  std::uint64_t expected_;
  SyncedLogs synced_;
  bool same_boot_;
  bool ended_ = false;
};

std::string note_path(const std::string& directory) {
  return directory + "/ACCEPTING";
}

/// Moves a log away, and leaves in its place what can be used of it.
DiskResult<> set_aside(runtime::Disk& disk, const std::string& from, const std::string& to,
                       std::uint64_t usable_bytes) {
  if (usable_bytes == 0) return disk.rename(from, to);
  auto content = disk.read(from);
  if (!content) return std::unexpected(content.error());
  if (auto kept = disk.write_atomically(to, *content); !kept) return kept;
  content->resize(std::min<std::uint64_t>(usable_bytes, content->size()));
  return disk.write_atomically(from, *content);
}

}  // namespace

std::string synced_path(const std::string& directory) {
  return directory + "/SYNCED";
}

DiskResult<LogCheck> check_logs(const runtime::Disk& disk, const std::string& directory) {
  const std::string store = directory + "/store";
  const std::optional<Manifest> manifest = read_manifest(disk, store);
  if (!manifest) return LogCheck();
  auto logs = list_logs(disk, store);
  if (!logs) return std::unexpected(logs.error());
  Checking checking(*manifest, SyncedLogFile::read(disk, synced_path(directory)),
                    read_boot_id(disk));
  checking.find_missing(*logs, manifest->first_log);
  for (const std::uint64_t number : *logs) {
    if (number < manifest->first_log) continue;
    const auto file = disk.open(directory + "/" + log_name(number));
    if (!file) return std::unexpected(file.error());
    const auto content = read_log(**file);
    if (!content) return std::unexpected(content.error());
    checking.add(number, *content);
  }
  return checking.result;
}

DiskResult<std::string> accept_loss(runtime::Disk& disk, const std::string& directory,
                                    const LogDamage& damage) {
  int count = 1;
  while (disk.exists(fmt::format("{}/lost-{}", directory, count))) ++count;
  const std::string name = fmt::format("lost-{}", count);
  const std::string place = directory + "/" + name;
  if (auto made = disk.create_directories(place); !made) return std::unexpected(made.error());
  // First of all: from now on no body that nothing refers to may be collected.
  if (auto noted = disk.write_atomically(note_path(directory), name); !noted)
    return std::unexpected(noted.error());
  auto logs = list_logs(disk, directory + "/store");
  if (!logs) return std::unexpected(logs.error());
  // The last one first, so that an interruption leaves the damage to be found again.
  for (const std::uint64_t number : *logs | std::views::reverse) {
    if (number < damage.log) continue;
    const std::string log = log_name(number);
    const std::uint64_t usable = number == damage.log ? damage.usable_bytes : 0;
    const std::string to = place + log.substr(log.find('/'));
    if (auto moved = set_aside(disk, directory + "/" + log, to, usable); !moved)
      return std::unexpected(moved.error());
  }
  if (auto removed = disk.remove(synced_path(directory)); !removed)
    return std::unexpected(removed.error());
  if (auto synced = disk.sync_directory(directory + "/store"); !synced)
    return std::unexpected(synced.error());
  return name;
}

std::optional<std::string> find_unfinished_loss(const runtime::Disk& disk,
                                                const std::string& directory) {
  auto name = disk.read(note_path(directory));
  if (!name) return std::nullopt;
  return *std::move(name);
}

DiskResult<> finish_loss(runtime::Disk& disk, const std::string& directory) {
  return disk.remove(note_path(directory));
}

}  // namespace matinee::storage
