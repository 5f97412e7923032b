// The bytes of a body, wherever they are.
#pragma once

#include "protocol/body.h"

namespace matinee::client {

/// All of the body in memory. Throws ServiceError "ConnectionFailed" where a file cannot be read.
std::string read_body(protocol::Body body);

}  // namespace matinee::client
