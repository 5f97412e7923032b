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
      changes_(store, runtime.clock),
      past_(store, runtime.clock),
      items_(store, changes_, past_),
      heavy_(runtime.loop, runtime.workers),
      housekeeping_(catalog_, items_, store, runtime.loop),
      tokens_(store) {
  writes_.changes = &changes_;
  begin_chores(runtime.loop);
}

runtime::Task<> Service::let_disk_catch_up() {
  constexpr runtime::Duration apart = std::chrono::milliseconds(1);
  constexpr int most_looks = 100;
  for (int looks = 0; looks < most_looks && store_.is_behind(); ++looks)
    co_await runtime::sleep_until(clock_, clock_.now() + apart);
}

void Service::reset(const services::ResetScope& scope) {
  for (const TableRecord& table : catalog_.find_all(scope.account)) {
    housekeeping_.forget(table);
    catalog_.remove(table);
    items_.forget(table);
  }
  forget_backups(scope.account);
  changes_.forget_all(scope.account);
  tokens_.forget_all(scope);
  forget_transfers(scope);
}

}  // namespace matinee::dynamodb
