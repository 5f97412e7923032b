#include "delivery/outbox.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <limits>
#include <set>

#include "services/arn.h"

namespace matinee::delivery {

namespace {

constexpr storage::TableId deliveries{0x0801};

runtime::Duration wait_after(int failures) {
  runtime::Duration wait = Outbox::first_wait;
  for (int failure = 1; failure < failures && wait < Outbox::longest_wait; ++failure) wait *= 2;
  return std::min(wait, Outbox::longest_wait);
}

}  // namespace

Outbox::Outbox(storage::Store& store, services::Endpoint& endpoint, const runtime::Runtime& runtime)
    : store_(store),
      loop_(runtime.loop),
      clock_(runtime.clock),
      targets_(endpoint, runtime.random),
      table_(store, deliveries),
      tasks_(std::numeric_limits<std::size_t>::max()) {
  find_lanes();
}

Outbox::~Outbox() {
  for (const auto& [key, lane] : lanes_) clock_.cancel(lane.timer);
}

/// Looks at two entries of each lane only, however many wait in it.
void Outbox::find_lanes() {
  auto place = table_.cursor();
  while (place.valid()) {
    const Key key = place.key();
    const LaneKey lane(std::get<0>(key), std::get<1>(key));
    const auto last =
        table_.first(table_.prefix(lane.first, lane.second), storage::Order::backward);
    last_number_ = std::max(last_number_, std::get<2>(last->first));
    wake(lane, std::get<2>(key));
    place.seek_past(storage::encode_key(std::tuple{lane.first, lane.second}));
  }
}

/// Numbers are times, so that they grow on after a restart that finds the table empty.
void Outbox::add(const services::Delivery& delivery) {
  const runtime::Time now = clock_.now();
  last_number_ =
      std::max(last_number_ + 1, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  table_.put({delivery.target, delivery.source_arn, last_number_},
             {.body = delivery.body,
              .service_principal = delivery.service_principal,
              .source_account = delivery.source_account,
              .created = now,
              .trace_header = delivery.trace_header});
  store_.on_commit([this, number = last_number_,
                    key = LaneKey(delivery.target, delivery.source_arn)] { wake(key, number); });
}

runtime::Task<> Outbox::deliver_now(services::Delivery delivery) {
  Message message{.body = std::exchange(delivery.body, ""),
                  .trace_header = std::exchange(delivery.trace_header, "")};
  Batch batch{.envelope = std::move(delivery), .messages = {std::move(message)}};
  const std::vector<std::optional<Refusal>> refusals = co_await targets_.send(std::move(batch));
  if (refusals.front())
    throw protocol::ServiceError("DeliveryRefused", 400, refusals.front()->reason);
}

bool Outbox::serves(const std::string& target) const {
  const std::optional<services::Arn> arn = services::parse_arn(target);
  return arn && arn->service == "sqs";
}

void Outbox::listen(const std::string& principal, services::DeliveryListener& listener) {
  listeners_[principal] = &listener;
}

void Outbox::reset(const services::ResetScope& scope) {
  std::vector<Key> covered;
  std::set<LaneKey> touched;
  table_.scan(table_.all(), [&](const Key& key, const DeliveryRecord& record) {
    const auto& [target, source, number] = key;
    const std::optional<services::Arn> arn = services::parse_arn(target);
    if (!scope.covers(record.source_account) && !(arn && scope.covers(arn->account))) return true;
    covered.push_back(key);
    touched.emplace(target, source);
    return true;
  });
  for (const Key& key : covered) table_.erase(key);
  store_.on_commit([this, touched = std::move(touched)] {
    for (const LaneKey& lane : touched) forget_empty(lane);
  });
}

void Outbox::forget_empty(const LaneKey& key) {
  const auto lane = lanes_.find(key);
  if (lane == lanes_.end() || lane->second.running || !table_.is_empty(range_of(key))) return;
  clock_.cancel(lane->second.timer);
  lanes_.erase(lane);
}

void Outbox::wake(const LaneKey& key, std::uint64_t number) {
  Lane& lane = lanes_.try_emplace(key, Lane{.first = number}).first->second;
  if (lane.running || lane.timer != runtime::TimerId::none) return;
  lane.running = true;
  loop_.post([this, key] { run(key); });
}

void Outbox::run(const LaneKey& key) {
  runtime::start(tasks_.spawn(drain(key)), [key](std::exception_ptr error) {
    if (error) spdlog::error("Deliveries to {} have stopped.", key.first);
  });
}

/// Nothing leaves it but the end: what goes wrong with a target is the matter of its lane alone.
runtime::Task<> Outbox::drain(LaneKey key) {
  for (;;) {
    const Pending pending = next(key);
    if (pending.keys.empty()) {
      lanes_.erase(key);
      co_return;
    }
    std::string reason;
    runtime::Duration patience = fault_patience;
    try {
      if (settle(pending, co_await targets_.send(pending.batch))) {
        Lane& lane = lanes_[key];
        lane.failures = 0;
        lane.first = std::get<2>(pending.keys.back()) + 1;
        continue;
      }
      reason = "some of a batch were not taken";
    } catch (const protocol::ServiceError& error) {
      reason = fmt::format("{}: {}", error.code(), error.message());
      if (!is_passing(error)) patience = refused_patience;
    } catch (const std::exception& error) {
      reason = error.what();
    }
    put_off(key, reason, patience);
    co_return;
  }
}

storage::KeyRange Outbox::range_of(const LaneKey& key) const {
  return table_.from(table_.prefix(key.first, key.second),
                     {key.first, key.second, lanes_.at(key).first});
}

Outbox::Pending Outbox::next(const LaneKey& lane) const {
  Pending pending;
  std::size_t bytes = 0;
  table_.scan(range_of(lane), [&](const Key& key, DeliveryRecord record) {
    services::Delivery& envelope = pending.batch.envelope;
    if (pending.keys.empty()) {
      envelope = {.target = lane.first,
                  .body = "",
                  .service_principal = record.service_principal,
                  .source_arn = lane.second,
                  .source_account = record.source_account};
    }
    bytes += record.body.size();
    if (!pending.keys.empty() &&
        (bytes > max_batch_bytes || record.service_principal != envelope.service_principal ||
         record.source_account != envelope.source_account))
      return false;
    pending.keys.push_back(key);
    pending.batch.messages.push_back(
        {.body = std::move(record.body), .trace_header = std::move(record.trace_header)});
    return pending.keys.size() < max_batch_entries;
  });
  return pending;
}

bool Outbox::settle(const Pending& pending, const std::vector<std::optional<Refusal>>& refusals) {
  storage::Transaction transaction(store_);
  bool all = true;
  for (std::size_t index = 0; index < pending.keys.size(); ++index) {
    const std::optional<Refusal>& refusal = refusals.at(index);
    if (refusal && !refusal->for_ever) {
      all = false;
      continue;
    }
    if (refusal)
      spdlog::warn("A delivery from {} to {} is dropped: {}", pending.batch.envelope.source_arn,
                   pending.batch.envelope.target, refusal->reason);
    table_.erase(pending.keys[index]);
  }
  transaction.commit();
  return all;
}

/// However many they are, that is one write: numbers are times at which deliveries were made, or
/// a little later ones. A disk that refuses changes nothing: the next try drops them.
bool Outbox::drop_older(const LaneKey& lane, runtime::Time oldest, const std::string& reason) {
  const auto end = static_cast<std::uint64_t>(oldest.time_since_epoch().count()) + 1;
  const auto key_of = [&](std::uint64_t number) { return Key{lane.first, lane.second, number}; };
  Lane& kept = lanes_.at(lane);
  if (end > kept.first) {
    const storage::KeyRange old = table_.between(key_of(kept.first), key_of(end));
    if (!table_.is_empty(old)) {
      try {
        storage::Transaction transaction(store_);
        table_.erase_range(old);
        transaction.commit();
      } catch (const storage::StoreFailure& failure) {
        spdlog::error("Deliveries that are given up cannot be removed: {}", failure.what());
        return true;
      }
      spdlog::warn("Deliveries from {} to {} are dropped: {}", lane.second, lane.first, reason);
    }
    kept.first = end;
  }
  return !table_.is_empty(range_of(lane));
}

void Outbox::put_off(const LaneKey& key, const std::string& reason, runtime::Duration patience) {
  if (!drop_older(key, clock_.now() - patience, reason)) {
    lanes_.erase(key);
    return;
  }
  Lane& lane = lanes_[key];
  lane.running = false;
  lane.timer = clock_.call_at(clock_.now() + wait_after(++lane.failures), [this, key] {
    Lane& due = lanes_[key];
    due.timer = runtime::TimerId::none;
    wake(key, due.first);
  });
}

}  // namespace matinee::delivery
