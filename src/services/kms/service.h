// The Key Management Service: keys that never leave it, and what is done with them.
#pragma once

#include <span>

#include "kms/shapes.h"
#include "runtime/runtime.h"
#include "services/endpoint.h"
#include "storage/store.h"

namespace matinee::kms {

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

}  // namespace matinee::kms
