// What a service has answered, as JSON for programs.
#pragma once

#include <string>

#include "protocol/shape.h"

namespace matinee::client {

/// A response or a part of one by its table; absent members are left out.
std::string to_json(const protocol::Structure& structure, const void* object);

}  // namespace matinee::client
