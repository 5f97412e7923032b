// What can be told of UpdateTable without the table: it takes one kind of change at a time.
#pragma once

#include "dynamodb/shapes.h"

namespace matinee::dynamodb {

/// Throws NotImplemented for what is not served here, and a ValidationException where nothing is to
/// change, where changes may not come together, and for updates of indexes that say nothing.
/// Structures without a member count as not given.
void require_one_change(const UpdateTableRequest& request);

}  // namespace matinee::dynamodb
