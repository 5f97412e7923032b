#include "services/ssm/service.h"

#include "ssm/operations.h"

namespace matinee::ssm {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(ssm::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::ssm
