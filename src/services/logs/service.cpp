#include "services/logs/service.h"

#include "logs/operations.h"

namespace matinee::logs {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(logs::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::logs
