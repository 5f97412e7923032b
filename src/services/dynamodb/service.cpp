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
      heavy_(runtime.loop, runtime.workers),
      tokens_(store) {}

runtime::Task<> Service::let_disk_catch_up() {
  constexpr runtime::Duration apart = std::chrono::milliseconds(1);
  constexpr int most_looks = 100;
  for (int looks = 0; looks < most_looks && store_.is_behind(); ++looks)
    co_await runtime::sleep_until(clock_, clock_.now() + apart);
}

void Service::reset(const services::ResetScope& scope) {
  for (const TableRecord& table : catalog_.find_all(scope.account)) {
    catalog_.remove(table);
    items_.forget(table);
  }
  tokens_.forget_all(scope);
}

}  // namespace matinee::dynamodb
