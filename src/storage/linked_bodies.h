// Second names for the files of all bodies: what a copy of a store takes time for.
#pragma once

#include <string>

#include "runtime/disk.h"
#include "runtime/links.h"
#include "runtime/workers.h"

namespace matinee::storage {

/// Gives the bodies in the directory `from`, which need not be there, their names in `to` too,
/// which is made. A worker of `helpers` that is free does a part of it; null where nobody helps.
/// Those that are removed meanwhile are left out.
runtime::DiskResult<runtime::Linked> link_bodies(runtime::Disk& disk, const std::string& from,
                                                 const std::string& to, runtime::Workers* helpers);

}  // namespace matinee::storage
