// What is on its way from one service to another, in a table: written in the transaction of what
// caused it, removed once the target has it, taken up again after a restart.
//
// Deliveries from one source to one target are a lane. A lane is emptied from its oldest end, one
// call at a time, so that its order is kept and a target that refuses holds up nobody else. Memory
// does not grow with what waits. A target that has a passing fault is tried again for a day; one
// that denies or is gone for half a minute, so that a policy can be mended. What is older then is
// dropped, with a line in the log.
//
// State thread only. Here SNS, EventBridge and Lambda will deliver too: a new kind of target is a
// new branch of Targets::send.
#pragma once

#include <map>

#include "delivery/targets.h"
#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::delivery {

struct DeliveryRecord {
  std::string body;
  std::string service_principal;
  std::string source_account;
  runtime::Time created;
  std::string trace_header;  // empty without one

  static constexpr auto fields = std::tuple{storage::field<1>(&DeliveryRecord::body),
                                            storage::field<2>(&DeliveryRecord::service_principal),
                                            storage::field<3>(&DeliveryRecord::source_account),
                                            storage::field<4>(&DeliveryRecord::created),
                                            storage::field<5>(&DeliveryRecord::trace_header)};
};

class Outbox final : public services::Outbox, public services::Resettable {
 public:
  /// How long a delivery waits for a target that refuses, and for one that has a passing fault.
  static constexpr runtime::Duration refused_patience = std::chrono::seconds(30);
  static constexpr runtime::Duration fault_patience = std::chrono::hours(24);
  /// The waits between tries double from the first to the longest.
  static constexpr runtime::Duration first_wait = std::chrono::seconds(1);
  static constexpr runtime::Duration longest_wait = std::chrono::seconds(60);

  /// All must outlive it. Takes up what an earlier run left, in the loop's next round.
  Outbox(storage::Store& store, services::Endpoint& endpoint, const runtime::Runtime& runtime);
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void add(const services::Delivery& delivery) override;
  runtime::Task<> deliver_now(services::Delivery delivery) override;
  bool serves(const std::string& target) const override;
  void listen(const std::string& principal, services::DeliveryListener& listener) override;
  /// What comes from an account, and what goes to one.
  void reset(const services::ResetScope& scope) override;

 private:
  using LaneKey = std::pair<std::string, std::string>;  // target and source
  /// Target, source, and a number that grows.
  using Key = std::tuple<std::string, std::string, std::uint64_t>;

  /// A lane that has something in it.
  struct Lane {
    /// None is left below this number: walks begin here, not among what has been removed.
    std::uint64_t first = 0;
    bool running = false;
    int failures = 0;  // in a row
    runtime::TimerId timer = runtime::TimerId::none;
  };

  struct Pending {
    Batch batch;
    std::vector<Key> keys;
  };

  storage::Store& store_;
  runtime::Loop& loop_;
  runtime::Clock& clock_;
  Targets targets_;
  storage::Table<Key, DeliveryRecord> table_;
  std::map<std::string, services::DeliveryListener*> listeners_;
  std::uint64_t last_number_ = 0;
  std::map<LaneKey, Lane> lanes_;
  runtime::TaskGroup tasks_;

  void find_lanes();
  /// Forgets a lane that has nothing in it, unless a call is under way, which will do so.
  void forget_empty(const LaneKey& key);
  /// A lane that had nothing in it begins with `number`.
  void wake(const LaneKey& key, std::uint64_t number);
  void run(const LaneKey& key);
  runtime::Task<> drain(LaneKey key);
  Pending next(const LaneKey& key) const;
  storage::KeyRange range_of(const LaneKey& key) const;
  /// Removes what was taken, and with a line in the log what never will be; true where nothing is
  /// left of it.
  bool settle(const Pending& pending, const std::vector<std::optional<Refusal>>& refusals);
  /// Removes what has waited since `oldest` or longer; true where something is left.
  bool drop_older(const LaneKey& lane, runtime::Time oldest, const std::string& reason);
  /// After a call that failed: drops what has waited long enough, and sets the next try.
  void put_off(const LaneKey& key, const std::string& reason, runtime::Duration patience);
};

}  // namespace matinee::delivery
