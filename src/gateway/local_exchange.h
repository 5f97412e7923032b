// A request that is no call of an AWS operation: handed to a service as it is, on the state thread.
#pragma once

#include <functional>
#include <memory>

#include "gateway/request_handler.h"
#include "runtime/loop.h"
#include "services/local_api.h"

namespace matinee::gateway {

/// Whose a request is; null: nobody's any more, and it is answered with 410. On the state thread.
using FindLocalApi = std::function<services::LocalApi*(const services::LocalRequest& request)>;

/// `loop` must outlive the server.
Admission begin_local(runtime::Loop& loop, FindLocalApi find, std::shared_ptr<IoQueue> queue,
                      services::LocalRequest request);

}  // namespace matinee::gateway
