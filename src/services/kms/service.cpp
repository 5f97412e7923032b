#include "services/kms/service.h"

#include "kms/operations.h"

namespace matinee::kms {

Service::Service(storage::Store& store, runtime::Runtime& runtime)
    : ServiceBase(kms::model),
      store_(store),
      runtime_(runtime),
      clock_(runtime.clock),
      random_(runtime.random),
      catalog_(store, runtime.random) {
  watch_due();
}

Service::~Service() {
  clock_.cancel(due_timer_);
  clock_.cancel(uses_timer_);
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.reset(scope);
  store_.on_commit([this, scope] {
    std::erase_if(uses_,
                  [&](const auto& entry) { return scope.covers(entry.second.first.account); });
  });
}

}  // namespace matinee::kms
