// A CloudWatch service on a simulated machine, spoken to in its own JSON: for the tests beside the
// code.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "protocol/codec.h"
#include "runtime/simulated/simulation.h"
#include "services/cloudwatch/service.h"
#include "storage/store.h"

namespace matinee::cloudwatch {

class CloudWatchTest : public testing::Test, public services::AlarmActions {
 protected:
  CloudWatchTest() { start(); }
  ~CloudWatchTest() override { stop(); }

  runtime::Simulation machine;
  runtime::Runtime parts = machine.runtime();
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  Context context;
  std::vector<services::AlarmAction> actions;

  void run(const services::AlarmAction& action) override { actions.push_back(action); }

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    service = std::make_unique<Service>(*store, parts, this);
  }
  void stop() {
    service.reset();
    store.reset();
  }
  void kill_and_restart() {
    ASSERT_TRUE(store->flush().has_value());
    machine.crash(runtime::SimulatedDisk::Crash::process);
    stop();
    machine.restart();
    start();
  }

  /// The time of the machine in whole seconds since 1970, and to the next minute.
  std::int64_t now() { return runtime::to_seconds(machine.loop.now()); }
  std::int64_t next_minute() { return (now() / 60 + 1) * 60; }
  void run_for(runtime::Duration duration) { machine.loop.advance(duration); }
  void run_to(std::int64_t second) {
    run_for(runtime::Time(std::chrono::seconds(second)) - machine.loop.now());
  }

  /// The reply to a request, both in JSON; an error is "CODE: message" with its query code.
  std::string call(std::string_view operation, std::string_view json) {
    const services::Handler& handler = find_handler(operation);
    protocol::HttpRequest request{.method = "POST", .target = "/"};
    request.body = std::string(json);
    protocol::Object decoded(*handler.operation->request);
    try {
      protocol::Violations violations = protocol::decode_request(
          *handler.operation, protocol::Protocol::json, request, decoded.get());
      protocol::validate(*handler.operation->input, decoded.get(), violations);
      if (!violations.empty()) throw service->invalid(*handler.operation, violations);
      const protocol::Object response = run_handler(handler, decoded.get());
      return protocol::encode_response(*handler.operation, protocol::Protocol::json, response.get(),
                                       "id")
          .body.bytes;
    } catch (const protocol::ServiceError& error) {
      return error.query_code() + ": " + error.message();
    }
  }
  void call_well(std::string_view operation, std::string_view json) {
    EXPECT_EQ(call(operation, json), "") << operation << json;
  }

  /// One value of the metric "m" in the namespace "N".
  void put(double value, std::int64_t time, std::string_view more = "") {
    call_well("PutMetricData",
              fmt::format(R"({{"Namespace":"N","MetricData":[{{"MetricName":"m","Value":{},)"
                          R"("Timestamp":{}{}}}]}})",
                          value, time, more));
  }
  /// What GetMetricData gives for "m".
  std::string get(std::string_view stat, std::int32_t period, std::int64_t from, std::int64_t to) {
    return call("GetMetricData",
                fmt::format(R"({{"StartTime":{},"EndTime":{},"ScanBy":"TimestampAscending",)"
                            R"("MetricDataQueries":[{{"Id":"a","MetricStat":{{"Metric":{{)"
                            R"("Namespace":"N","MetricName":"m"}},"Period":{},"Stat":"{}"}}}}]}})",
                            from, to, period, stat));
  }
  /// "Values" of that.
  std::string values(std::string_view stat, std::int32_t period, std::int64_t from,
                     std::int64_t to) {
    const std::string reply = get(stat, period, from, to);
    constexpr std::string_view mark = "\"Values\":";
    const std::size_t start = reply.find(mark);
    if (start == std::string::npos) return reply;
    return reply.substr(start + mark.size(), reply.find(']', start) + 1 - start - mark.size());
  }

 private:
  static const services::Handler& find_handler(std::string_view operation) {
    for (const services::Handler& handler : Service::handlers())
      if (handler.operation->name == operation && (handler.call || handler.start)) return handler;
    throw std::runtime_error(fmt::format("{} is not served", operation));
  }

  protocol::Object run_handler(const services::Handler& handler, const void* request) {
    if (handler.call) {
      storage::Transaction transaction(*store);
      protocol::Object response = handler.call(service.get(), context, request);
      transaction.commit();
      return response;
    }
    std::optional<protocol::Object> response;
    std::exception_ptr error;
    runtime::start(handler.start(service.get(), context, request),
                   [&](std::optional<protocol::Object> result, std::exception_ptr failure) {
                     response = std::move(result);
                     error = failure;
                   });
    machine.loop.run_until_idle();
    while (!response && !error && machine.loop.advance_to_next_timer()) {
    }
    if (error) std::rethrow_exception(error);
    return *std::move(response);
  }
};

}  // namespace matinee::cloudwatch
