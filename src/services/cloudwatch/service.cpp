#include "services/cloudwatch/service.h"

#include "cloudwatch/operations.h"

namespace matinee::cloudwatch {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(cloudwatch::model), store_(store), runtime_(runtime) {}

}  // namespace matinee::cloudwatch
