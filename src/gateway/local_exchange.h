// A request that is no call of an AWS operation: handed to a service as it is, on the state thread.
#pragma once

#include <functional>
#include <memory>

#include "gateway/authenticate.h"
#include "gateway/request_handler.h"
#include "runtime/loop.h"
#include "services/local_api.h"

namespace matinee::gateway {

/// Whose a request is; null: nobody's any more, and it is answered with 410. On the state thread.
using FindLocalApi = std::function<services::LocalApi*(const services::LocalRequest& request)>;

struct LocalTarget {
  FindLocalApi find;
  /// Whether bodies that say so are handed over while they come (services/local_stream.h).
  bool takes_pieces = false;
  /// Who says by whom a request was signed, for which service. Null: nobody asks.
  const Authenticator* authenticator = nullptr;
  const protocol::ServiceModel* service = nullptr;
};

/// `loop` and what the target points to must outlive the server.
Admission begin_local(runtime::Loop& loop, LocalTarget target, std::shared_ptr<IoQueue> queue,
                      services::LocalRequest request);

}  // namespace matinee::gateway
