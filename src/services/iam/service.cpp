#include "services/iam/service.h"

#include "iam/operations.h"

namespace matinee::iam {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(iam::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::iam
