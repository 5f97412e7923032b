// The answer to what is not even a request.
#pragma once

#include <string>

#include "protocol/http.h"

namespace matinee::gateway {

/// In XML, as AWS's front ends do, with the code that belongs to the status.
protocol::HttpResponse malformed_reply(int status, const std::string& reason);

}  // namespace matinee::gateway
