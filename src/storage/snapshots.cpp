#include "storage/snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/links.h"
#include "storage/log_check.h"
#include "storage/store.h"

namespace matinee::storage {

namespace {

using runtime::DiskError;
using runtime::DiskResult;

constexpr std::string_view file_name = "/SNAPSHOT";
constexpr std::size_t longest_name = 128;

DiskError already_exists(const std::string& name) {
  return {DiskError::Kind::already_exists, "there is a snapshot " + name + " already"};
}

DiskError not_found(const std::string& name) {
  return {DiskError::Kind::not_found, "there is no snapshot " + name};
}

/// "matinee snapshot", the format of the store, then numbers, each on a line.
std::string to_text(const Snapshot& snapshot) {
  return fmt::format("matinee snapshot {}\n{}\n{}\n{}\n", Store::format_version,
                     snapshot.saved.time_since_epoch().count(), snapshot.content.bodies,
                     snapshot.content.bytes);
}

/// The numbers of a text as above; fewer where it is another one.
std::vector<std::int64_t> read_numbers(std::string_view text) {
  constexpr std::string_view beginning = "matinee snapshot ";
  std::vector<std::int64_t> numbers;
  if (!text.starts_with(beginning)) return numbers;
  text.remove_prefix(beginning.size());
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != '\n') return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return numbers;
}

}  // namespace

/// Messages begin with a word, which may be a path.
std::string sentence_of(const DiskError& error) {
  std::string sentence = error.message + ".";
  for (const std::string_view beginning : {"there ", "the ", "what ", "another "})
    if (sentence.starts_with(beginning)) sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  return sentence;
}

bool is_snapshot_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && name.front() != '.' &&
         name.front() != '-' && name != "now" && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

DiskResult<Snapshot> Snapshots::save(const Copier& copier, Snapshot snapshot,
                                     const std::string& unfinished) {
  if (disk_.exists(path(snapshot.name))) return std::unexpected(already_exists(snapshot.name));
  const std::string place = path("." + unfinished);
  auto done = fill(copier, snapshot, place);
  if (done) done = disk_.rename(place, path(snapshot.name));
  if (done) done = disk_.sync_directory(directory_);
  if (done) return snapshot;
  // What cannot be removed now is left to the next start.
  (void)runtime::remove_tree(disk_, place);
  // Another one of that name was faster.
  if (disk_.exists(path(snapshot.name))) return std::unexpected(already_exists(snapshot.name));
  return std::unexpected(done.error());
}

DiskResult<> Snapshots::fill(const Copier& copier, Snapshot& snapshot, const std::string& place) {
  if (auto made = disk_.create_private_directories(place); !made) return made;
  const auto copied = copier.copy_to(place);
  if (!copied) return std::unexpected(copied.error());
  snapshot.content = *copied;
  // Nobody sees it before all of it is there.
  const auto file = disk_.create(place + std::string(file_name));
  if (!file) return std::unexpected(file.error());
  auto written = (*file)->write(to_text(snapshot));
  if (written) written = (*file)->sync();
  return written ? disk_.sync_directory(place) : written;
}

DiskResult<std::vector<Snapshot>> Snapshots::list() const {
  std::vector<Snapshot> found;
  if (!disk_.exists(directory_)) return found;
  const auto names = disk_.list(directory_);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_snapshot_name(name)) continue;
    auto snapshot = find(name);
    if (snapshot) found.push_back(*std::move(snapshot));
    // One that was removed meanwhile is none.
    else if (snapshot.error().kind != DiskError::Kind::not_found)
      found.push_back(
          {.name = name, .saved = {}, .content = {}, .damage = snapshot.error().message});
  }
  return found;
}

DiskResult<Snapshot> Snapshots::find(const std::string& name) const {
  return read(name, path(name));
}

DiskResult<Snapshot> Snapshots::read(const std::string& name, const std::string& place) const {
  if (!disk_.exists(place)) return std::unexpected(not_found(name));
  const auto text = disk_.read(place + std::string(file_name));
  if (!text && !disk_.exists(place)) return std::unexpected(not_found(name));
  if (!text)
    return std::unexpected(DiskError{
        DiskError::Kind::other, "the snapshot " + name + " is damaged: " + text.error().message});
  const std::vector<std::int64_t> numbers = read_numbers(*text);
  if (numbers.size() != 4)
    return std::unexpected(DiskError{DiskError::Kind::other, "the snapshot " + name +
                                                                 " is damaged: its SNAPSHOT is "
                                                                 "unreadable"});
  if (numbers[0] > Store::format_version)
    return std::unexpected(
        DiskError{DiskError::Kind::other,
                  "the snapshot " + name + " was written by a newer version of matinee"});
  return Snapshot{.name = name,
                  .saved = runtime::Time(runtime::Duration(numbers[1])),
                  .content = {.bodies = static_cast<std::uint64_t>(numbers[2]),
                              .bytes = static_cast<std::uint64_t>(numbers[3])}};
}

DiskResult<Snapshot> Snapshots::adopt(const std::string& name, const std::string& unfinished,
                                      std::uint64_t bodies) {
  if (disk_.exists(path(name))) return std::unexpected(already_exists(name));
  const std::string place = path("." + unfinished);
  auto found = read(name, place);
  if (!found) return found;
  const auto logs = check_logs(disk_, place);
  if (!logs) return std::unexpected(logs.error());
  if (logs->damage || found->content.bodies != bodies || !disk_.exists(place + "/store/CURRENT"))
    return std::unexpected(DiskError{
        DiskError::Kind::other, "what should become the snapshot " + name + " is incomplete" +
                                    (logs->damage ? ": " + logs->damage->what : std::string())});
  auto done = disk_.sync_everything(place);
  if (done) done = disk_.rename(place, path(name));
  if (done) done = disk_.sync_directory(directory_);
  if (!done) return std::unexpected(done.error());
  return found;
}

DiskResult<std::string> Snapshots::remove(const std::string& name, const std::string& removed) {
  const std::string left_over = "." + removed;
  if (auto renamed = disk_.rename(path(name), path(left_over)); !renamed)
    return std::unexpected(disk_.exists(path(name)) ? renamed.error() : not_found(name));
  if (auto synced = disk_.sync_directory(directory_); !synced)
    return std::unexpected(synced.error());
  return left_over;
}

std::vector<std::string> Snapshots::find_left_overs() const {
  // Where nothing can be listed, nothing can be removed either: the next start tries again.
  auto names = disk_.list(directory_).value_or(std::vector<std::string>());
  std::erase_if(names, [](const std::string& name) { return !name.starts_with('.'); });
  return names;
}

DiskResult<> Snapshots::remove_left_overs(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (auto removed = runtime::remove_tree(disk_, path(name)); !removed) return removed;
  return {};
}

DiskResult<bool> Snapshots::remove_some_of(const std::string& left_over, std::size_t limit) {
  return runtime::remove_some(disk_, path(left_over), limit);
}

}  // namespace matinee::storage
