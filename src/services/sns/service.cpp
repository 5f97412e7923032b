#include "services/sns/service.h"

#include "sns/operations.h"

namespace matinee::sns {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(sns::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::sns
