#include "services/reset.h"

#include "services/endpoint.h"
#include "storage/store.h"

namespace matinee::services {

void Resettable::reset(const ResetScope&) {}

runtime::Task<> Resettable::finish_reset() {
  co_return;
}

/// All parts in one transaction: nobody sees one service without the other's part, and after a
/// crash either everything is there or nothing.
runtime::Task<> Endpoint::reset(ResetScope scope) {
  {
    storage::Transaction transaction(store_);
    for (Resettable* part : resettable_) part->reset(scope);
    transaction.commit();
  }
  for (Resettable* part : resettable_) co_await part->finish_reset();
}

}  // namespace matinee::services
