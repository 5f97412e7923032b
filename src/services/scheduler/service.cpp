#include "services/scheduler/service.h"

#include "scheduler/operations.h"

namespace matinee::scheduler {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(scheduler::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::scheduler
