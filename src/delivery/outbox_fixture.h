// An outbox on a simulated runtime, with a target that does as it is told.
#pragma once

#include <gtest/gtest.h>

#include "delivery/outbox.h"
#include "runtime/channel.h"
#include "runtime/simulated/simulation.h"

namespace matinee::delivery {

/// Takes what begins with "test:", and refuses whole targets or single bodies.
class FakeTarget final : public services::DeliveryTarget {
 public:
  std::map<std::string, std::vector<std::string>> bodies;   // by target, in order of taking
  std::map<std::string, services::Refusal> refused_bodies;  // those that are refused, with why
  std::map<std::string, protocol::ServiceError> refused_targets;
  std::set<std::string> stuck_targets;  // whose calls do not end before `release`
  std::vector<std::pair<runtime::Time, std::string>> tries;
  std::size_t batch = 1;
  std::size_t calls_at_once = 4;
  std::size_t calls_of_all = 1000;
  std::size_t calls = 0;
  std::size_t underway = 0;
  std::size_t most_underway = 0;
  runtime::Clock* clock = nullptr;

  void release() {
    stuck_targets.clear();
    released_.notify();
  }

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override {
    const std::string target = deliveries.front().target;
    ++calls;
    most_underway = std::max(most_underway, ++underway);
    for (const services::Delivery& delivery : deliveries)
      tries.emplace_back(clock->now(), delivery.body);
    while (stuck_targets.contains(target)) co_await released_.wait();
    --underway;
    if (const auto refused = refused_targets.find(target); refused != refused_targets.end())
      throw protocol::ServiceError(refused->second);
    services::Refusals refusals(deliveries.size());
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
      const auto refused = refused_bodies.find(deliveries[i].body);
      if (refused != refused_bodies.end())
        refusals[i] = refused->second;
      else
        bodies[target].push_back(deliveries[i].body);
    }
    co_return refusals;
  }
  std::size_t most() const override { return batch; }
  std::size_t most_calls() const override { return calls_at_once; }
  std::size_t most_calls_of_all() const override { return calls_of_all; }

 private:
  runtime::Event released_;
};

/// Keeps how deliveries ended or were put off.
class FakeListener final : public services::DeliveryListener {
 public:
  std::vector<std::pair<std::string, services::DeliveryResult>> results;

  void settled(const services::Delivery& delivery,
               const services::DeliveryResult& result) override {
    results.emplace_back(delivery.body, result);
  }
  std::size_t count(services::DeliveryResult::Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        results, [&](const auto& result) { return result.second.outcome == outcome; }));
  }
};

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    target.clock = &simulation.loop.clock();
    open();
  }
  ~OutboxTest() override { close(); }

  void open() {
    auto opened = storage::Store::open({.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    endpoint.emplace(simulation.loop, *store);
    simulation.loop.set_flush([this] { (void)store->flush(); });
    outbox.emplace(*store, *endpoint, simulation.runtime());
    outbox->provide("test:", target);
    outbox->listen("sns.amazonaws.com", listener);
  }
  void close() {
    simulation.loop.set_flush(nullptr);
    outbox.reset();
    endpoint.reset();
    store.reset();
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    close();
    simulation.restart();
    open();
  }

  static services::Delivery delivery(const std::string& body, const std::string& to = "test:one") {
    services::Delivery made{.target = to,
                            .body = body,
                            .service_principal = "sns.amazonaws.com",
                            .source_arn = "arn:aws:sns:us-east-1:111111111111:topic",
                            .source_account = "111111111111"};
    made.in_order = false;
    made.retries.kind = services::RetryPolicy::Kind::topic;
    return made;
  }
  void add(const services::Delivery& made) {
    storage::Transaction transaction(*store);
    outbox->add(made);
    transaction.commit();
  }
  void run() { simulation.loop.run_until_idle(); }
  bool is_empty() {
    storage::Table<DeliveryKey, DeliveryRecord> table(*store, storage::TableId{0x0803});
    storage::Table<std::uint64_t, LaneRecord> lanes(*store, storage::TableId{0x0802});
    return table.is_empty(table.all()) && lanes.is_empty(lanes.all()) && outbox->is_empty();
  }
  static services::Refusal passing() { return {.reason = "not now", .code = "Busy"}; }
  static services::Refusal final() {
    return {.reason = "never", .code = "AccessDenied", .for_ever = true};
  }

  runtime::Simulation simulation;
  FakeTarget target;
  FakeListener listener;
  std::unique_ptr<storage::Store> store;
  std::optional<services::Endpoint> endpoint;
  std::optional<Outbox> outbox;
};

}  // namespace matinee::delivery
