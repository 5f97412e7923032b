// Times as HTTP headers write them.
#pragma once

#include <string>

#include "runtime/clock.h"

namespace matinee::gateway {

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(runtime::Time time);

}  // namespace matinee::gateway
