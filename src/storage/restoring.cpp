#include "storage/restoring.h"

#include <fmt/format.h>

#include <filesystem>

#include "runtime/links.h"
#include "storage/layout.h"
#include "storage/linked_bodies.h"
#include "storage/log_check.h"
#include "storage/snapshots.h"

namespace matinee::storage {

namespace {

using runtime::Disk;
using runtime::DiskError;
using runtime::DiskResult;

std::string decided_path(const std::string& directory) {
  return directory + "/restoring";
}

/// The first that is not there.
std::string free_place(const Disk& disk, const std::string& beginning) {
  for (int number = 1;; ++number)
    if (std::string place = fmt::format("{}{}", beginning, number); !disk.exists(place))
      return place;
}

/// Makes a store of a snapshot.
class Copying {
 public:
  /// `lasts`: whether what is made survives a power cut. `workers` may be null.
  Copying(Disk& disk, bool lasts, runtime::Workers* workers)
      : disk_(disk), lasts_(lasts), workers_(workers) {}

  DiskResult<> copy_store(const Snapshots& snapshots, const std::string& name,
                          const std::string& to) {
    const auto found = snapshots.find(name);
    if (!found) return std::unexpected(found.error());
    const std::string from = snapshots.path(name);
    if (auto copied = copy_database(from + "/store", to + "/store"); !copied) return copied;
    const auto linked = link_bodies(disk_, from + "/blobs", to + "/blobs", workers_);
    if (!linked) return std::unexpected(linked.error());
    // One that goes away meanwhile may have lost bodies before they were listed.
    if (linked->files < found->content.bodies)
      return std::unexpected(
          DiskError{DiskError::Kind::other,
                    fmt::format("the snapshot {} is damaged: it has {} of its {} bodies", name,
                                linked->files, found->content.bodies)});
    // File systems journal names in the order in which they come, so that the last one brings along
    // those before it; a directory each would take seconds where there are many bodies.
    return lasts_ ? disk_.sync_directory(to) : DiskResult<>();
  }

 private:
  /// Tables never change and are shared; all else the database may go on writing to.
  DiskResult<> copy_database(const std::string& from, const std::string& to) {
    if (auto made = disk_.create_directories(to); !made) return made;
    const auto names = disk_.list(from);
    if (!names) return std::unexpected(names.error());
    std::vector<std::string> copied;
    for (const std::string& name : *names) {
      const bool is_table = name.ends_with(".sst");
      const auto done = is_table ? runtime::link_file(disk_, from + "/" + name, to + "/" + name)
                                 : runtime::copy_file(disk_, from + "/" + name, to + "/" + name);
      if (!done) return done;
      if (!is_table) copied.push_back(to + "/" + name);
    }
    if (!lasts_) return {};
    // All of them have been written by now, so that the first sync does most of it for the others.
    for (const std::string& path : copied)
      if (auto synced = disk_.sync_file(path); !synced) return synced;
    return {};
  }

  Disk& disk_;
  bool lasts_;
  runtime::Workers* workers_;
};

/// What would be refused once it is in its place is refused before that.
DiskResult<> require_whole_logs(const Disk& disk, const std::string& place,
                                const std::string& name) {
  const auto checked = check_logs(disk, place);
  if (!checked) return std::unexpected(checked.error());
  if (!checked->damage) return {};
  return std::unexpected(
      DiskError{DiskError::Kind::other,
                fmt::format("the snapshot {} is damaged: {}", name, checked->damage->what)});
}

/// Puts one part of the copy in its place, unless a run before has done so.
DiskResult<> replace(Disk& disk, const std::string& directory, const std::string& part) {
  const std::string copy = decided_path(directory) + part;
  if (!disk.exists(copy)) return {};
  if (disk.exists(directory + part)) {
    const std::string place = free_place(disk, directory + "/snapshots/.replaced-");
    if (auto made = disk.create_directories(directory + "/snapshots"); !made) return made;
    if (auto moved = disk.rename(directory + part, place); !moved) return moved;
  }
  if (auto moved = disk.rename(copy, directory + part); !moved) return moved;
  return disk.sync_directory(directory);
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// Those in which a name appears when `path` is made: its parent, and those above that are not
/// there yet either.
std::vector<std::string> directories_changed_by(const Disk& disk, const std::string& path) {
  std::vector<std::string> changed{parent_of(path)};
  while (!disk.exists(changed.back()) && parent_of(changed.back()) != changed.back())
    changed.push_back(parent_of(changed.back()));
  return changed;
}

/// Of the snapshot itself, or of a copy.
DiskResult<> fill_fork(Disk& disk, const Fork& wanted) {
  const Snapshots snapshots(disk, wanted.directory);
  if (wanted.consumes) {
    if (auto made = disk.create_private_directories(parent_of(wanted.unfinished)); !made)
      return made;
    // Where it cannot be moved, to another disk for one, a copy can be made.
    if (disk.rename(snapshots.path(wanted.name), wanted.unfinished)) {
      // A data directory is no snapshot.
      auto done = disk.remove(wanted.unfinished + "/SNAPSHOT");
      if (done && wanted.lasts) done = disk.sync_directory(wanted.unfinished);
      return done;
    }
  }
  if (auto made = disk.create_private_directories(wanted.unfinished); !made) return made;
  return Copying(disk, wanted.lasts, wanted.workers)
      .copy_store(snapshots, wanted.name, wanted.unfinished);
}

}  // namespace

DiskResult<> prepare_restore(Disk& disk, const Restore& wanted) {
  const auto& [directory, name, unfinished, workers] = wanted;
  const DiskError again{DiskError::Kind::already_exists,
                        "another snapshot is about to be restored already"};
  if (is_to_be_restored(disk, directory)) return std::unexpected(again);
  const Snapshots snapshots(disk, directory);
  if (const auto found = snapshots.find(name); !found) return std::unexpected(found.error());
  const std::string place = snapshots.path("." + unfinished);
  auto done = Copying(disk, true, workers).copy_store(snapshots, name, place);
  if (done) done = require_whole_logs(disk, place, name);
  if (done) done = disk.rename(place, decided_path(directory));
  if (done) return disk.sync_directory(directory);
  // What cannot be removed now is left to the next start.
  (void)runtime::remove_tree(disk, place);
  if (is_to_be_restored(disk, directory)) return std::unexpected(again);
  // It was deleted meanwhile.
  if (const auto found = snapshots.find(name); !found) return std::unexpected(found.error());
  return done;
}

bool is_to_be_restored(const Disk& disk, const std::string& directory) {
  return disk.exists(decided_path(directory));
}

DiskResult<> finish_restore(Disk& disk, const std::string& directory) {
  if (!is_to_be_restored(disk, directory)) return {};
  // It tells how much of the log was on the disk: of the one that goes.
  if (auto removed = disk.remove(synced_path(directory)); !removed) return removed;
  for (const char* part : {"/store", "/blobs"})
    if (auto replaced = replace(disk, directory, part); !replaced) return replaced;
  if (auto removed = disk.remove(decided_path(directory)); !removed) return removed;
  return disk.sync_directory(directory);
}

std::expected<void, OpenError> restore(Disk& disk, const Restore& wanted) {
  const std::string& directory = wanted.directory;
  if (!disk.exists(directory))
    return std::unexpected(
        OpenError{OpenError::Kind::not_writable, "There is no data directory " + directory + "."});
  const auto lock = enter_directory(disk, directory);
  if (!lock) return std::unexpected(lock.error());
  auto done = prepare_restore(disk, wanted);
  if (done) done = finish_restore(disk, directory);
  Snapshots snapshots(disk, directory);
  if (done) done = snapshots.remove_left_overs(snapshots.find_left_overs());
  if (!done) return std::unexpected(unusable_directory(directory, done.error().message));
  return {};
}

DiskResult<> make_fork(Disk& disk, const Fork& wanted) {
  if (const auto found = Snapshots(disk, wanted.directory).find(wanted.name); !found)
    return std::unexpected(found.error());
  for (const std::string& path : {wanted.target, wanted.unfinished})
    if (disk.exists(path))
      return std::unexpected(
          DiskError{DiskError::Kind::already_exists, "there is a " + path + " already"});
  const std::vector<std::string> changed = directories_changed_by(disk, wanted.target);
  auto done = fill_fork(disk, wanted);
  if (done) done = disk.rename(wanted.unfinished, wanted.target);
  if (!done) {
    // What cannot be removed now stays: its name says that it is of no use.
    (void)runtime::remove_tree(disk, wanted.unfinished);
    return done;
  }
  if (!wanted.lasts) return {};
  for (const std::string& directory : changed)
    if (auto synced = disk.sync_directory(directory); !synced) return synced;
  return {};
}

}  // namespace matinee::storage
