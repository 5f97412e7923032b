#include "services/kms/service.h"

#include "kms/operations.h"

namespace matinee::kms {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(kms::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::kms
