// The times that a table with recovery can be brought back to.
#pragma once

#include "services/dynamodb/past_versions.h"

namespace matinee::dynamodb::history {

/// In whole seconds, since most clients send no more of a time. On AWS the latest is some five
/// minutes ago; here it is this second, or the earliest where recovery was switched on in it.
struct Window {
  runtime::Time earliest;
  runtime::Time latest;
};

Window window_of(const RecoveryRecord& recovery, const PastVersions& past, runtime::Time now);

}  // namespace matinee::dynamodb::history
