#include "services/secretsmanager/service.h"

#include "secretsmanager/operations.h"

namespace matinee::secretsmanager {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(secretsmanager::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::secretsmanager
