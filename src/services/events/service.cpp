#include "services/events/service.h"

#include "events/operations.h"

namespace matinee::events {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(events::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::events
