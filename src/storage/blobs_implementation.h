// What Store and Blobs share.
#pragma once

#include "storage/blob_files.h"
#include "storage/blobs.h"
#include "storage/table.h"

namespace matinee::storage {

struct Blobs::Implementation {
  std::shared_ptr<BlobFiles> files;
  /// The identity and size of every blob that is kept.
  Table<std::uint64_t, std::uint64_t> live;
  /// Who writes what their writers have handed over; null where they do it themselves.
  runtime::Workers* workers;
};

}  // namespace matinee::storage
