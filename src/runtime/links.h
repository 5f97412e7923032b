// A second name for a file that nobody changes any more.
#pragma once

#include <string>

#include "runtime/disk.h"

namespace matinee::runtime {

/// Gives the content of the file `from` the new name `to` as well, at no cost; where the disk has
/// no links, or not between these two, it is copied. Both are files of `disk`. From any thread.
DiskResult<> link_file(Disk& disk, const std::string& from, const std::string& to);

/// Copies a file, whatever happens to the first one later.
DiskResult<> copy_file(Disk& disk, const std::string& from, const std::string& to);

/// Removes a directory with all that is in it. What is not there is no error.
DiskResult<> remove_tree(Disk& disk, const std::string& path);

}  // namespace matinee::runtime
