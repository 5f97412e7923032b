#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

Service::Service(storage::Store& store, runtime::Loop& loop, runtime::Random& random)
    : ServiceBase(dynamodb::model),
      store_(store),
      clock_(loop.clock()),
      turns_(loop.turns()),
      random_(random),
      catalog_(store),
      items_(store) {}

}  // namespace matinee::dynamodb
