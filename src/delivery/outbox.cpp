#include "delivery/outbox.h"

#include <limits>

#include "delivery/retry_times.h"
#include "delivery/struck.h"
#include "delivery/targets/refusals.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/faults.h"

namespace matinee::delivery {

namespace {

constexpr storage::TableId old_deliveries{0x0801};
constexpr storage::TableId lanes_table{0x0802};
constexpr storage::TableId deliveries_table{0x0803};
constexpr storage::TableId counters_table{0x0804};
constexpr std::uint8_t reserved_numbers = 1;
/// So many numbers are reserved at once: a minute of the clock, where it is not behind.
constexpr std::uint64_t reserve = 60'000'000;
/// Of all calls of a lane that begin at once.
constexpr std::size_t most_bytes_at_once = std::size_t{4} << 20;
/// A disk that refuses is asked again after that.
constexpr runtime::Duration wait_for_disk = std::chrono::seconds(1);

constexpr runtime::TimerPurpose trying_again{
    .what = "deliveries are tried again", .is_told = true, .is_on_the_way = true};

/// What versions before there were lanes promised to buckets.
constexpr runtime::Duration old_patience = std::chrono::seconds(30);

}  // namespace

/// Stands for targets that nobody serves.
class Outbox::Nobody final : public services::DeliveryTarget {
 public:
  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override {
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not deliver to {}.", deliveries.front().target));
    co_return services::Refusals();
  }
};

Outbox::Outbox(storage::Store& store, services::Endpoint& endpoint, const runtime::Runtime& runtime,
               runtime::HttpClient* http)
    : store_(store),
      loop_(runtime.loop),
      clock_(runtime.clock),
      random_(runtime.random),
      queues_({.endpoint = endpoint, .random = runtime.random, .directory = directory_}),
      topics_({.endpoint = endpoint, .random = runtime.random, .directory = directory_}),
      functions_({.endpoint = endpoint, .random = runtime.random, .directory = directory_}),
      buckets_({.endpoint = endpoint, .random = runtime.random, .directory = directory_}),
      http_(http, runtime.clock),
      logs_({.endpoint = endpoint, .random = runtime.random, .directory = directory_},
            runtime.clock),
      universal_({.endpoint = endpoint, .random = runtime.random, .directory = directory_}),
      nobody_(std::make_unique<Nobody>()),
      lane_table_(store, lanes_table),
      table_(store, deliveries_table),
      counters_(store, counters_table),
      tasks_(std::numeric_limits<std::size_t>::max()) {
  provide("arn:aws:sqs:", queues_);
  provide("arn:aws:sns:", topics_);
  provide("arn:aws:lambda:", functions_);
  provide("arn:aws:s3:::", buckets_);
  provide("http://", http_);
  provide("https://", http_);
  provide("arn:aws:logs:", logs_);
  provide(std::string(UniversalTarget::prefix), universal_);
  find_lanes();
  take_over_old();
}

Outbox::~Outbox() {
  for (const auto& [name, lane] : lanes_) clock_.cancel(lane->timer);
}

/// Looks at no deliveries, but in a store of an older program, which has reserved no numbers: there
/// at one of each lane.
void Outbox::find_lanes() {
  const std::optional<std::uint64_t> reserved = counters_.find(reserved_numbers);
  last_number_ = reserved.value_or(0);
  auto last = table_.cursor();
  lane_table_.scan(lane_table_.all(), [&](std::uint64_t number, LaneRecord record) {
    auto lane = std::make_shared<Lane>();
    lane->number = number;
    lane->name = record.target + '\n' + record.source_arn + '\n' + record.via;
    lane->record = std::move(record);
    lanes_.emplace(lane->name, lane);
    last_number_ = std::max(last_number_, number);
    if (!reserved) {
      last.seek_before(std::tuple(number + 1));
      if (last.valid() && std::get<0>(last.key()) == number)
        last_number_ = std::max(last_number_, std::get<2>(last.key()));
    }
    wake(lane);
    return true;
  });
}

void Outbox::take_over_old() {
  storage::Table<OldDeliveryKey, OldDeliveryRecord> old(store_, old_deliveries);
  constexpr std::size_t most_at_once = 1000;
  while (!old.is_empty(old.all())) {
    storage::Transaction transaction(store_);
    std::size_t count = 0;
    old.scan(old.all(), [&](const OldDeliveryKey& key, OldDeliveryRecord record) {
      services::Delivery delivery{.target = std::get<0>(key),
                                  .body = std::move(record.body),
                                  .service_principal = std::move(record.service_principal),
                                  .source_arn = std::get<1>(key),
                                  .source_account = std::move(record.source_account),
                                  .trace_header = std::move(record.trace_header)};
      delivery.retries.patience_when_refused = old_patience;
      keep(delivery, record.created);
      old.erase(key);
      return ++count < most_at_once;
    });
    transaction.commit();
  }
}

/// Numbers are times, or beyond them where the clock stands, and grow on after a restart: what has
/// a lower one than others that are due with it would not be found.
std::uint64_t Outbox::next_number() {
  last_number_ = std::max(last_number_ + 1,
                          static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()));
  if (last_number_ >= reserved_number_) {
    store_.on_rollback([this] { reserved_number_ = 0; });
    reserved_number_ = last_number_ + reserve;
    counters_.put(reserved_numbers, reserved_number_);
  }
  return last_number_;
}

void Outbox::provide(const std::string& prefix, services::DeliveryTarget& target) {
  targets_[prefix] = &target;
}

namespace {

/// An ARN without its region and account: arn:aws:events:::api-destination/...
std::string without_place(const std::string& target) {
  if (!target.starts_with("arn:")) return target;
  std::size_t begin = 0;  // of the region
  for (int colons = 0; colons < 3; ++colons) {
    begin = target.find(':', begin) + 1;
    if (begin == 0) return target;
  }
  const std::size_t account = target.find(':', begin);
  const std::size_t end = account == std::string::npos ? account : target.find(':', account + 1);
  if (end == std::string::npos) return target;
  return target.substr(0, begin) + ':' + target.substr(end);
}

}  // namespace

/// Longer prefixes come before those that they begin with. One for a kind of resource names no
/// region and account.
services::DeliveryTarget* Outbox::find_target(const std::string& target) const {
  const std::string placeless = without_place(target);
  for (const auto& [prefix, kind] : targets_)
    if (placeless.starts_with(prefix)) return kind;
  return nullptr;
}

std::optional<std::string> Outbox::find_refusal(const services::Delivery& delivery) {
  services::DeliveryTarget* target = find_target(delivery.target);
  if (!target) return fmt::format("Matinee does not deliver to {}.", delivery.target);
  std::optional<services::Refusal> refusal = why_not_in_its_role(delivery);
  if (!refusal) refusal = target->find_refusal(delivery);
  if (!refusal) return std::nullopt;
  return std::move(refusal->reason);
}

bool Outbox::serves(const std::string& target) const {
  if (target.starts_with(UniversalTarget::prefix))
    return universal_.find_operation(target) != nullptr;
  return find_target(target) != nullptr;
}

void Outbox::listen(const std::string& principal, services::DeliveryListener& listener) {
  listeners_[principal] = &listener;
}

runtime::Task<> Outbox::deliver_now(services::Delivery delivery) {
  services::DeliveryTarget* target = find_target(delivery.target);
  if (!target) target = nobody_.get();
  std::vector<services::Delivery> deliveries;
  deliveries.push_back(std::move(delivery));
  const services::Refusals refusals = co_await target->send(std::move(deliveries));
  if (!refusals.front()) co_return;
  const services::Refusal& refusal = *refusals.front();
  throw protocol::ServiceError(refusal.code.empty() ? "DeliveryRefused" : refusal.code,
                               refusal.status == 0 ? 400 : refusal.status, refusal.reason);
}

LanePointer Outbox::lane_for(const services::Delivery& delivery) {
  std::string name = lane_name(delivery);
  LaneRecord record = lane_of(delivery);
  if (const auto known = lanes_.find(name); known != lanes_.end()) {
    LanePointer lane = known->second;
    if (lane->record == record) return lane;
    // Whether order is kept is in the keys of what waits: it stays until the lane is empty.
    record.in_order = lane->record.in_order;
    store_.on_rollback([lane, before = lane->record] { lane->record = before; });
    lane->record = std::move(record);
    lane_table_.put(lane->number, lane->record);
    return lane;
  }
  auto lane = std::make_shared<Lane>();
  lane->number = next_number();
  lane->name = std::move(name);
  lane->record = std::move(record);
  lane_table_.put(lane->number, lane->record);
  lanes_.emplace(lane->name, lane);
  store_.on_rollback([this, lane] {
    lane->is_gone = true;
    lanes_.erase(lane->name);
  });
  return lane;
}

void Outbox::keep(const services::Delivery& delivery, runtime::Time created,
                  runtime::Duration wait) {
  const LanePointer lane = lane_for(delivery);
  const bool in_order = lane->record.in_order;
  DeliveryRecord record = record_of(delivery, created);
  if (in_order && wait > runtime::Duration::zero()) record.due = clock_.now() + wait;
  const runtime::Time due = in_order ? runtime::Time() : clock_.now() + wait;
  table_.put({lane->number, due, next_number()}, record);
  touch(lane);
}

void Outbox::touch(const LanePointer& lane) {
  if (touched_.empty()) {
    store_.on_rollback([this] { touched_.clear(); });
    store_.on_commit([this] {
      for (const LanePointer& touched : std::exchange(touched_, {})) wake(touched);
    });
  }
  if (touched_.empty() || touched_.back() != lane) touched_.push_back(lane);
}

void Outbox::wake(const LanePointer& lane) {
  if (lane->is_ready || lane->is_gone) return;
  lane->is_ready = true;
  ready_.push_back(lane);
  post_run();
}

void Outbox::post_run() {
  if (std::exchange(is_posted_, true)) return;
  loop_.post([this] {
    is_posted_ = false;
    run_ready();
  });
}

/// Those that are woken meanwhile have their turn in a later round.
void Outbox::run_ready() {
  for (std::size_t left = ready_.size(); left > 0; --left) {
    const LanePointer lane = std::move(ready_.front());
    ready_.pop_front();
    lane->is_ready = false;
    if (!lane->is_gone) run(lane);
    if (loop_.turns().is_over()) break;
  }
  if (!ready_.empty()) post_run();
}

void Outbox::run(const LanePointer& lane) {
  // Services provide their targets after an earlier run's lanes have been found.
  if (!lane->target) lane->target = find_target(lane->record.target);
  if (!lane->target) lane->target = nobody_.get();
  if (lane->looks_again && lane->calls == 0) {
    lane->looks_again = false;
    lane->position = {};
  }
  if (lane->waits_for_others) return;
  Traffic& traffic = traffic_[lane->target];
  const std::size_t room = room_for(*lane, traffic);
  const std::size_t most = lane->record.in_order ? 1 : lane->target->most_calls();
  if (room == 0 && lane->calls < most) {
    lane->waits_for_others = true;
    (lane->has_failed ? traffic.failing_waiting : traffic.waiting).push_back(lane);
    return;
  }
  const bool is_failing = lane->has_failed;
  for (Batch& batch : next(*lane, room)) {
    ++lane->calls;
    ++traffic.calls;
    if (is_failing) ++traffic.failing_calls;
    runtime::start(tasks_.spawn(call(lane, std::move(batch), is_failing)),
                   [lane](std::exception_ptr error) {
                     if (error)
                       spdlog::error("Deliveries to {} have stopped.", lane->record.target);
                   });
  }
  // One that had nothing to send has let nobody through.
  let_others_run(traffic);
  set_timer(lane);
  // A call that has ended already lets the lane run again: it may have put something off.
  if (lane->calls == 0 && !lane->next_due && !lane->is_ready) forget(lane);
}

std::size_t Outbox::room_for(const Lane& lane, const Traffic& traffic) {
  const auto left = [](std::size_t most, std::size_t taken) {
    return most - std::min(most, taken);
  };
  const std::size_t most = lane.record.in_order ? 1 : lane.target->most_calls();
  const std::size_t of_all = lane.target->most_calls_of_all();
  std::size_t room = std::min(left(most, lane.calls), left(of_all, traffic.calls));
  if (lane.has_failed)
    room = std::min(room, left(std::max<std::size_t>(of_all / 2, 1), traffic.failing_calls));
  return room;
}

/// Those that wait are woken one by one, as there is room: each wakes the next.
void Outbox::let_others_run(Traffic& traffic) {
  for (std::deque<LanePointer>* waiting : {&traffic.waiting, &traffic.failing_waiting}) {
    while (!waiting->empty()) {
      const LanePointer first = waiting->front();
      if (!first->is_gone && room_for(*first, traffic) == 0) break;
      waiting->pop_front();
      first->waits_for_others = false;
      wake(first);
      if (!first->is_gone) return;
    }
  }
}

std::vector<Batch> Outbox::next(Lane& lane, std::size_t most_batches) const {
  std::vector<Batch> batches;
  if (most_batches == 0) return batches;
  const runtime::Time now = clock_.now();
  lane.position = std::max(lane.position, DeliveryKey(lane.number, runtime::Time(), 0));
  auto place = table_.cursor(table_.from(table_.prefix(lane.number), lane.position));
  std::size_t bytes = 0;
  lane.next_due.reset();
  for (; place.valid(); place.next()) {
    const DeliveryKey key = place.key();
    runtime::Time due = std::get<1>(key);
    if (due > now) {
      lane.next_due = due;
      return batches;
    }
    DeliveryRecord record = place.record();
    due = std::max(due, record.due.value_or(due));
    if (due > now) {
      lane.next_due = due;
      return batches;
    }
    Underway underway{.key = key,
                      .id = record.id,
                      .trace_header = record.trace_header,
                      .created = record.created,
                      .tries = record.tries.value_or(0)};
    services::Delivery delivery = to_delivery(lane.record, std::move(record));
    underway.bytes = size_of(delivery);
    if (batches.empty() || !joins(lane, batches.back(), delivery)) {
      if (batches.size() == most_batches || bytes > most_bytes_at_once) return batches;
      batches.emplace_back();
    }
    bytes += underway.bytes;
    batches.back().bytes += underway.bytes;
    batches.back().underway.push_back(std::move(underway));
    batches.back().deliveries.push_back(std::move(delivery));
    // Not further: what is put off now may be due before what is first then.
    lane.position = key;
    std::get<2>(lane.position) += 1;
  }
  return batches;
}

bool Outbox::joins(const Lane& lane, const Batch& batch, const services::Delivery& delivery) {
  return batch.underway.size() < lane.target->most() &&
         batch.bytes + size_of(delivery) <= lane.target->most_bytes() &&
         (lane.target->mixes_traces() ||
          batch.underway.front().trace_header == delivery.trace_header);
}

void Outbox::set_timer(const LanePointer& lane) {
  if (lane->timer != runtime::TimerId::none) {
    if (lane->next_due == lane->timer_at) return;
    clock_.cancel(std::exchange(lane->timer, runtime::TimerId::none));
  }
  if (!lane->next_due) return;
  lane->timer_at = *lane->next_due;
  lane->timer = runtime::call_for(clock_, trying_again, lane->timer_at, [this, lane] {
    lane->timer = runtime::TimerId::none;
    wake(lane);
  });
}

/// A disk that refuses changes nothing: the lane stays, and is empty.
void Outbox::forget(const LanePointer& lane) {
  try {
    storage::Transaction transaction(store_);
    lane_table_.erase(lane->number);
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("An empty lane cannot be removed: {}", failure.what());
    return;
  }
  lane->is_gone = true;
  lanes_.erase(lane->name);
}

/// Nothing leaves it but the end: what goes wrong with a target is the matter of its lane alone.
runtime::Task<> Outbox::call(LanePointer lane, Batch batch, bool was_failing) {
  Attempt attempt;
  if (listeners_.contains(lane->record.service_principal)) attempt.kept = batch.deliveries;
  const runtime::Duration began = loop_.elapsed();
  std::optional<services::Refusal> refused = why_not_in_its_role(batch.deliveries.front());
  bool loses_acknowledgement = false;
  if (!refused && faults_ && faults_->has_any(faults::Stage::attempt))
    refused = strike_attempt(batch.deliveries.front(), loses_acknowledgement);
  try {
    if (!refused) attempt.refusals = co_await lane->target->send(std::move(batch.deliveries));
  } catch (const protocol::ServiceError& error) {
    refused = to_refusal(error);
    attempt.by_target = true;
  } catch (const std::exception& error) {
    refused = services::Refusal{.reason = error.what(), .code = "InternalFailure"};
  }
  if (refused)
    for (std::size_t i = 0; i < batch.underway.size(); ++i) attempt.refusals.emplace_back(refused);
  if (loses_acknowledgement) attempt.refusals.assign(batch.underway.size(), lost_acknowledgement());
  attempt.took = loop_.elapsed() - began;
  end_call(*lane, was_failing, std::ranges::none_of(attempt.refusals, [](const auto& refusal) {
    return !refusal.has_value();
  }));
  if (lane->is_gone) co_return;
  try {
    settle(*lane, batch, attempt);
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("What became of deliveries cannot be stored: {}", failure.what());
    lane->looks_again = true;
    lane->next_due = clock_.now() + wait_for_disk;
    set_timer(lane);
    co_return;
  }
  wake(lane);
}

void Outbox::end_call(Lane& lane, bool was_failing, bool failed) {
  Traffic& traffic = traffic_[lane.target];
  --lane.calls;
  // One that waits stays among those where it waits.
  if (!lane.waits_for_others) lane.has_failed = failed;
  --traffic.calls;
  if (was_failing) --traffic.failing_calls;
  let_others_run(traffic);
}

void Outbox::reset(const services::ResetScope& scope) {
  std::vector<LanePointer> covered;
  for (const auto& [name, lane] : lanes_) {
    const LaneRecord& record = lane->record;
    if (!scope.covers(record.source_account) &&
        !scope.covers(std::string(services::account_of_arn(record.target))))
      continue;
    covered.push_back(lane);
    table_.erase_range(table_.prefix(lane->number));
    lane_table_.erase(lane->number);
  }
  store_.on_commit([this, covered = std::move(covered)] {
    for (const LanePointer& lane : covered) {
      lane->is_gone = true;
      clock_.cancel(lane->timer);
      lanes_.erase(lane->name);
    }
  });
}

}  // namespace matinee::delivery
