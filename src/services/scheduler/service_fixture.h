// A scheduler on a simulated machine, for the tests beside the code, with an outbox that remembers
// what fired when.
#pragma once

#include <fmt/format.h>

#include <set>

#include "protocol/timestamps.h"
#include "schedules/zones_fixture.h"
#include "services/keyed_service_fixture.h"
#include "services/scheduler/names.h"
#include "services/scheduler/service.h"

namespace matinee::scheduler {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Fired {
  std::string time;
  services::Delivery delivery;
};

/// Serves queues, topics and universal targets.
class RecordingOutbox final : public services::Outbox {
 public:
  RecordingOutbox(storage::Store& store, runtime::Clock& clock, std::vector<Fired>& fired)
      : store_(store), clock_(clock), fired_(fired) {}

  void provide(const std::string&, services::DeliveryTarget&) override {}
  void add(const services::Delivery& delivery) override {
    store_.on_commit([this, delivery] { fired_.push_back({text_of(clock_.now()), delivery}); });
  }
  runtime::Task<> deliver_now(services::Delivery) override { co_return; }
  bool serves(const std::string& target) const override {
    return target.starts_with("arn:aws:sqs:") || target.starts_with("arn:aws:sns:") ||
           target == "arn:aws:scheduler:::aws-sdk:sqs:sendMessage" ||
           target == "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents";
  }
  void listen(const std::string&, services::DeliveryListener&) override {}

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  std::vector<Fired>& fired_;
};

class SchedulerTest : public services::KeyedServiceTest<Service> {
 protected:
  SchedulerTest() {
    for (const char* zone : {"Europe/Berlin", "UTC"}) {
      const std::string path = std::string("/usr/share/zoneinfo/") + zone;
      machine.disk.create_directories(path.substr(0, path.rfind('/'))).value();
      machine.disk.write_atomically(path, schedules::read_zone_file(zone).value()).value();
    }
    start();
  }
  ~SchedulerTest() override {
    machine.loop.run_until_idle();
    service.reset();
  }

  static constexpr const char* queue = "arn:aws:sqs:us-east-1:111122223333:queue";
  std::vector<Fired> fired;

  static CreateScheduleRequest schedule(const std::string& name, const std::string& expression) {
    return {.name = name,
            .schedule_expression = expression,
            .target = {.arn = queue, .role_arn = "arn:aws:iam::111122223333:role/scheduler"},
            .flexible_time_window = {.mode = "OFF"}};
  }
  void create(const CreateScheduleRequest& request) {
    call(&Service::create_schedule, request);
    machine.loop.run_until_idle();
  }
  GetScheduleResponse get(const std::string& name) {
    return call(&Service::get_schedule, GetScheduleRequest{.name = name});
  }
  bool is_there(const std::string& name) {
    return error_of([&] { get(name); }) == "no error";
  }
  void advance_to(const std::string& time) {
    machine.loop.advance(time_of(time) - machine.loop.now());
  }
  static runtime::Time time_of(const std::string& text) {
    return protocol::parse_iso8601(text).value();
  }
  std::vector<std::string> times() const {
    std::vector<std::string> list;
    for (const Fired& one : fired) list.push_back(one.time);
    return list;
  }

 private:
  std::unique_ptr<RecordingOutbox> outbox_;

  std::unique_ptr<Service> make() override {
    outbox_ = std::make_unique<RecordingOutbox>(*store, machine.loop, fired);
    return std::make_unique<Service>(*store, runtime,
                                     Neighbours{.outbox = outbox_.get(), .keys = &keys});
  }
};

}  // namespace matinee::scheduler
