// Removes the versions of items that nobody needs any more, a piece at a time.
#pragma once

#include <functional>
#include <optional>

#include "services/dynamodb/past_versions.h"

namespace matinee::dynamodb::history {

/// A piece of the first pass that is under way, in the current transaction; it ends when `is_over`
/// says so, at the latest after a thousand versions. True where more is left to do.
bool trim_some(storage::Store& store, PastVersions& past, const std::function<bool()>& is_over);

/// When the next table has versions that have become too old for its recovery. Passes are at least
/// a twenty-fourth of the table's days apart, so that what is kept is not read all the time.
std::optional<runtime::Time> next_trim(const PastVersions& past);
/// Begins the passes that are due, in the current transaction.
void begin_trims(PastVersions& past, runtime::Time now);

}  // namespace matinee::dynamodb::history
