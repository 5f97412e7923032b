#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

Service::Service(storage::Store& store, runtime::Clock& clock, runtime::Random& random)
    : ServiceBase(dynamodb::model),
      store_(store),
      clock_(clock),
      random_(random),
      catalog_(store),
      items_(store) {}

}  // namespace matinee::dynamodb
