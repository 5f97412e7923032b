// What is on its way from one service to another, in a table: written in the transaction of what
// caused it, removed once the target has it, taken up again after a restart. It ends delivered, in
// a queue for dead letters, or dropped; each end is told to the journal and to the listener of its
// principal in the transaction that removes it.
//
// Deliveries of one source to one target by one way (a rule, a subscription) are a lane. A lane
// that keeps its order is emptied from its oldest end, one call at a time; in others several calls
// are under way, and what has failed waits for itself. So a target that refuses or is slow holds up
// nobody else. Memory does not grow with what waits: there is one timer a lane, and nothing ticks.
// However many lanes there are, a round works on them for one turn of long work.
//
// State thread only.
#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "delivery/lane.h"
#include "delivery/targets/bucket_target.h"
#include "delivery/targets/function_target.h"
#include "delivery/targets/http_target.h"
#include "delivery/targets/logs_target.h"
#include "delivery/targets/queue_target.h"
#include "delivery/targets/topic_target.h"
#include "delivery/targets/universal_target.h"
#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/due_source.h"
#include "services/journal.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::services {
class Faults;
}

namespace matinee::delivery {

class Outbox final : public services::Outbox,
                     public services::Resettable,
                     public services::DueSource {
 public:
  /// All must outlive it; without an HTTP client no HTTP endpoint is reached. Takes up what an
  /// earlier run left, in the loop's next round.
  Outbox(storage::Store& store, services::Endpoint& endpoint, const runtime::Runtime& runtime,
         runtime::HttpClient* http = nullptr);
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Before anything is added. They must outlive the outbox's work.
  void use_journal(services::Journal& journal) { journal_ = &journal; }
  void use_queues(services::ServiceBase& queues, std::span<const services::Handler> handlers,
                  services::Authorizer& authorizer) {
    queues_.use(queues, handlers, authorizer);
    authorizer_ = &authorizer;
  }
  void use_trial(services::QueueTrial& trial) { queues_.use_trial(trial); }
  void use_faults(services::Faults& faults) { faults_ = &faults; }
  void use_directory(const identity::Directory& directory) { directory_ = &directory; }

  void provide(const std::string& prefix, services::DeliveryTarget& target) override;
  void add(const services::Delivery& delivery) override;
  void add_all(std::vector<services::Delivery> deliveries) override;
  void begin_gathering() override { gathered_.emplace(); }
  void add_gathered() override;
  void forget_gathered() override { gathered_.reset(); }
  runtime::Task<> deliver_now(services::Delivery delivery) override;
  std::optional<std::string> find_refusal(const services::Delivery& delivery) override;
  bool serves(const std::string& target) const override;
  void listen(const std::string& principal, services::DeliveryListener& listener) override;
  /// What comes from an account, and what goes to one.
  void reset(const services::ResetScope& scope) override;

  /// When deliveries that were not taken are tried again: of each lane the first one, others of it
  /// come after that. Lanes are of no region.
  runtime::Task<std::vector<services::DueThing>> due(services::DueQuery query,
                                                     runtime::Turns& turns) const override;

  /// Whether nothing waits.
  bool is_empty() const { return lanes_.empty(); }

 private:
  /// How a try of a batch went.
  struct Attempt {
    services::Refusals refusals;
    /// The target as a whole has refused: somebody may mend that.
    bool by_target = false;
    std::vector<services::Delivery> kept = {};  // for a listener; empty without one
    runtime::Duration took{};
  };
  /// What is under way to a target for all of its lanes, and who waits for that to end.
  struct Traffic {
    std::size_t calls = 0;
    std::size_t failing_calls = 0;  // of lanes whose last call failed
    std::deque<LanePointer> waiting;
    std::deque<LanePointer> failing_waiting;
  };
  class Nobody;
  struct Ends;

  storage::Store& store_;
  runtime::Loop& loop_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  const identity::Directory* directory_ = nullptr;
  services::Journal* journal_ = nullptr;
  services::Authorizer* authorizer_ = nullptr;
  services::Faults* faults_ = nullptr;
  QueueTarget queues_;
  TopicTarget topics_;
  FunctionTarget functions_;
  BucketTarget buckets_;
  HttpTarget http_;
  LogsTarget logs_;
  UniversalTarget universal_;
  std::unique_ptr<Nobody> nobody_;
  std::map<std::string, services::DeliveryTarget*, std::greater<>> targets_;  // by prefix
  std::map<std::string, services::DeliveryListener*> listeners_;              // by principal
  storage::Table<std::uint64_t, LaneRecord> lane_table_;
  storage::Table<DeliveryKey, DeliveryRecord> table_;
  storage::Table<std::uint8_t, std::uint64_t> counters_;
  std::uint64_t last_number_ = 0;
  std::uint64_t reserved_number_ = 0;                   // up to it, in the store
  std::unordered_map<std::string, LanePointer> lanes_;  // by Lane::name
  std::optional<std::vector<services::Delivery>> gathered_;
  std::size_t handed_over_ = 0;       // by the call of `add_all` that runs
  std::vector<LanePointer> touched_;  // in the current transaction
  std::deque<LanePointer> ready_;     // run in rounds to come
  bool is_posted_ = false;            // that they run
  std::unordered_map<services::DeliveryTarget*, Traffic> traffic_;
  runtime::TaskGroup tasks_;

  void find_lanes();
  void take_over_old();
  /// Within a transaction.
  std::uint64_t next_number();
  services::DeliveryTarget* find_target(const std::string& target) const;

  /// A delivery's role has to trust the service that takes it on, where policies decide.
  std::optional<services::Refusal> why_not_in_its_role(const services::Delivery& delivery) const;

  LanePointer lane_for(const services::Delivery& delivery);
  /// Where it is to wait, for the first try too.
  void keep(const services::Delivery& delivery, runtime::Time created,
            runtime::Duration wait = runtime::Duration::zero());
  /// Those that are left to be handed over; others are kept for later.
  std::vector<services::Delivery> strike(std::vector<services::Delivery> deliveries);
  /// Why an attempt fails before the target has heard of it.
  std::optional<services::Refusal> strike_attempt(const services::Delivery& delivery,
                                                  bool& loses_acknowledgement);
  /// Hands over what has a lane in common without keeping it first, where target and lane allow
  /// that; keeps the rest.
  void hand_over(std::span<services::Delivery* const> deliveries);
  void hand_over_batch(services::DeliveryTarget& target, std::vector<services::Delivery> batch,
                       bool& goes_on);
  void touch(const LanePointer& lane);
  void wake(const LanePointer& lane);
  void post_run();
  void run_ready();
  void run(const LanePointer& lane);
  std::vector<Batch> next(Lane& lane, std::size_t most_batches) const;
  /// How many more calls the lane may begin.
  static std::size_t room_for(const Lane& lane, const Traffic& traffic);
  void let_others_run(Traffic& traffic);
  /// Whether `delivery` may be handed over with the batch.
  static bool joins(const Lane& lane, const Batch& batch, const services::Delivery& delivery);
  void set_timer(const LanePointer& lane);
  /// Removes a lane in which nothing waits.
  void forget(const LanePointer& lane);
  runtime::Task<> call(LanePointer lane, Batch batch, bool was_failing);
  void end_call(Lane& lane, bool was_failing, bool failed);

  void keep_payloads(const Lane& lane, const Batch& batch);
  void settle(Lane& lane, const Batch& batch, Attempt& attempt);
  void settle_one(Lane& lane, const Underway& underway, const services::Refusal& refusal,
                  services::DeliveryResult& result);
  bool put_off(Lane& lane, const Underway& underway, const services::Refusal& refusal,
               services::DeliveryResult& result);
  void end(Lane& lane, const Underway& underway, const services::Refusal& refusal,
           services::DeliveryResult& result);
  void tell_taken(const Ends& ends, std::span<const Underway> underway,
                  const services::Refusals& refusals);
  void tell(const Lane& lane, const Underway& underway, const services::DeliveryResult& result);
};

}  // namespace matinee::delivery
