// Amazon SNS: topics and their subscriptions.
#pragma once

#include <span>

#include "runtime/runtime.h"
#include "services/endpoint.h"
#include "sns/shapes.h"
#include "storage/store.h"

namespace matinee::sns {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
};

}  // namespace matinee::sns
