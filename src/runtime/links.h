// A second name for a file that nobody changes any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/disk.h"

namespace matinee::runtime {

/// Gives the content of the file `from` the new name `to` as well, at no cost; where the disk has
/// no links, or not between these two, it is copied. Both are files of `disk`. From any thread.
DiskResult<> link_file(Disk& disk, const std::string& from, const std::string& to);

/// Of files that were linked.
struct Linked {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// link_file for all files in the directory `from`, which has no directories in it, to the
/// directory `to`, which is made if need be. Those that are removed meanwhile are left out. For
/// many: a file costs two calls of the system, with paths of a name.
DiskResult<Linked> link_files(Disk& disk, const std::string& from, const std::string& to);

/// Copies a file, whatever happens to the first one later.
DiskResult<> copy_file(Disk& disk, const std::string& from, const std::string& to);

/// Removes a directory with all that is in it. What is not there is no error.
DiskResult<> remove_tree(Disk& disk, const std::string& path);

/// The same by pieces: removes up to so many files and directories, and says whether all of it is
/// gone.
DiskResult<bool> remove_some(Disk& disk, const std::string& path, std::size_t limit);

}  // namespace matinee::runtime
