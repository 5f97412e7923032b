// Faults that hit calls from outside: asked by the gateway before it hands a call to the endpoint,
// and told to the journal.
#pragma once

#include "faults/plan.h"
#include "runtime/movable_clock.h"
#include "services/context.h"
#include "services/journal.h"
#include "services/reset.h"

namespace matinee::storage {
class Store;
}

namespace matinee::services {

/// The hop of a fault that has hit. Apart from the other kinds, because nobody else tells it.
inline constexpr HopKind hop_of_fault{18};

/// State thread only.
class CallFaults final : public Resettable {
 public:
  /// All must outlive it. Without a journal nobody is told.
  CallFaults(storage::Store& store, runtime::Clock& clock, Journal* journal)
      : store_(store), clock_(clock), journal_(journal) {}

  faults::Plan& plan() { return plan_; }
  /// Whether there are any: the one question that a call costs while there are none.
  bool has_any() const { return plan_.has_any(); }

  /// What is to happen to a call. Those of Matinee's own service are never hit, so that faults can
  /// be ended.
  faults::Verdict judge(const Context& context, const protocol::Operation& operation,
                        const void* request);

  /// Latencies are of the network, which does not go by the clock that users move.
  runtime::Clock& clock() { return runtime::real_clock(clock_); }

  /// A reset of everything ends all faults; one account has none of its own.
  void reset(const ResetScope& scope) override;

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  Journal* journal_;
  faults::Plan plan_;

  void tell(const Context& context, const faults::Call& call, const faults::Verdict& verdict);
};

}  // namespace matinee::services
