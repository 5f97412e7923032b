#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

Service::Service(storage::Store& store, const runtime::Runtime& runtime)
    : ServiceBase(dynamodb::model),
      store_(store),
      clock_(runtime.clock),
      turns_(runtime.loop.turns()),
      random_(runtime.random),
      catalog_(store),
      items_(store),
      heavy_(runtime.loop, runtime.workers) {}

}  // namespace matinee::dynamodb
