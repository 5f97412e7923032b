#include "services/ssm/service.h"

#include "runtime/timer_purpose.h"
#include "ssm/operations.h"

namespace matinee::ssm {

namespace {

constexpr runtime::TimerPurpose carrying_out{
    .what = "Parameter Store carries out policies of parameters", .is_told = true};

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, Neighbours neighbours)
    : ServiceBase(ssm::model),
      store_(store),
      runtime_(runtime),
      secrets_(neighbours.secrets),
      catalog_(store),
      encryption_(neighbours.keys) {
  await_policies();
}

Service::~Service() {
  runtime_.clock.cancel(timer_);
}

// AWS keeps milliseconds.
runtime::Time Service::now() const {
  return std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
}

void Service::await_policies() {
  runtime_.clock.cancel(timer_);
  timer_ = runtime::TimerId::none;
  if (const auto next = catalog_.next_moment())
    timer_ =
        runtime::call_for(runtime_.clock, carrying_out, *next, [this] { carry_out_policies(); });
}

void Service::carry_out_policies() {
  constexpr int at_once = 100;
  try {
    storage::Transaction transaction(store_);
    for (int count = 0; count < at_once; ++count) {
      const std::optional<Catalog::Due> due = catalog_.take_due(runtime_.clock.now());
      if (!due) break;
      tell_policy(*due);
    }
    transaction.commit();
    await_policies();
  } catch (const storage::StoreFailure&) {
    // The disk refuses: what has expired stays a little longer.
    constexpr std::chrono::seconds a_while(10);
    timer_ = runtime::call_for(runtime_.clock, carrying_out, runtime_.clock.now() + a_while,
                               [this] { carry_out_policies(); });
  }
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.reset(scope);
  store_.on_commit([this] { await_policies(); });
}

}  // namespace matinee::ssm
