// Looks through everything that S3 stores: whether each object has its content, whether the content
// has the digests that it was stored with, and whether each blob is counted rightly.
#pragma once

#include "services/s3/catalog/catalog.h"
#include "storage/verification.h"

namespace matinee::s3 {

/// Reads every body once for each object, version and part that refers to it.
void verify(const Catalog& catalog, storage::Verification& found);

}  // namespace matinee::s3
