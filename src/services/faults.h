// Faults on purpose, in front of those whom they are for: the gateway asks about calls before it
// hands them to the endpoint, the outbox about deliveries, and Lambda about calls of functions.
// Each hit is told to the journal.
#pragma once

#include <string>
#include <vector>

#include "faults/plan.h"
#include "runtime/movable_clock.h"
#include "runtime/random.h"
#include "services/context.h"
#include "services/journal.h"
#include "services/outbox.h"
#include "services/reset.h"

namespace matinee::storage {
class Store;
}

namespace matinee::services {

/// The hop of a fault that has hit. Apart from the other kinds, because nobody else tells it.
inline constexpr HopKind hop_of_fault{18};

/// A call of a function, as far as faults are concerned.
struct CalledFunction {
  std::string_view account;
  std::string_view region;
  std::string_view arn;
  std::string_view id;  // of the request
  std::string_view trace;
};

/// A message that a client sends to a standard queue: a delivery as far as faults are concerned.
struct SentMessage {
  const Context& sender;
  std::string_view queue_arn;
  std::string_view id;
};

/// State thread only.
class Faults final : public Resettable {
 public:
  /// All must outlive it. Without a journal nobody is told.
  Faults(storage::Store& store, runtime::Clock& clock, Journal* journal)
      : store_(store), clock_(clock), journal_(journal) {}

  faults::Plan& plan() { return plan_; }
  /// Whether there are any: the one question that a call costs while there are none.
  bool has_any() const { return plan_.has_any(); }
  bool has_any(faults::Stage stage) const { return plan_.has_any(stage); }
  /// Who is told the ids of those that hit from now on, each once, as of what a call causes while
  /// it runs. Null: nobody.
  void gather(std::vector<std::string>* hits) { hits_ = hits; }

  /// What is to happen to a call. Those of Matinee's own service are never hit, so that faults can
  /// be ended.
  faults::Verdict judge(const Context& context, const protocol::Operation& operation,
                        const void* request);

  // Within the transaction that the hit belongs to, or outside of any.

  /// Of a delivery that is added, or of an attempt at one.
  faults::Verdict judge_delivery(faults::Stage stage, const Delivery& delivery);
  /// Whether an attempt could be hit.
  bool may_hit_attempt(const Delivery& delivery) const;
  faults::Verdict judge_message(const SentMessage& message);
  /// Of a call of a function.
  faults::Verdict judge_function(const CalledFunction& call);

  /// Adds what AWS says may happen to any message that need not keep its order: a second copy, and
  /// that later ones overtake it. The seed is drawn where there is none.
  void begin_weather(runtime::Random& random);
  /// Draws the seed where there is none: short enough to be written down.
  void require_seed(runtime::Random& random);

  /// Latencies are of the network, which does not go by the clock that users move.
  runtime::Clock& clock() { return runtime::real_clock(clock_); }

  /// A reset of everything ends all faults; one account has none of its own.
  void reset(const ResetScope& scope) override;

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  Journal* journal_;
  faults::Plan plan_;
  std::vector<std::string>* hits_ = nullptr;

  faults::Verdict decide(const faults::Call& call, Hop hop);
  void tell(const Hop& hop);
};

}  // namespace matinee::services
