// The function index_objects: a consumer of what `matinee publish` sends.
#pragma once

#include "library/runtime.h"

namespace publishing {

/// By its environment: INDEX_TABLE, a table with the key `bucket` (text) and `key` (text).
/// Writes an item for each object that a message names: its size, ETag, type, when it was modified,
/// and its version where the bucket keeps versions. An object that is gone has no item. The same
/// message twice leaves the same item. Throws FunctionError "MissingSetting".
lambda::Handler make_index_objects();

}  // namespace publishing
