#include "services/dynamodb/service.h"

#include "services/dynamodb/request_tokens.h"

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

void Service::reset(const services::ResetScope& scope) {
  for (const TableRecord& table : catalog_.find_all(scope.account)) {
    catalog_.remove(table);
    items_.forget(table);
  }
  RequestTokens(store_).forget_all(scope);
}

}  // namespace matinee::dynamodb
