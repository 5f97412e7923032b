// CloudWatch Logs on a simulated machine, for the tests beside the code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "services/logs/service.h"
#include "storage/store.h"

namespace matinee::logs {

/// Keeps what it is told.
class MetricNotes final : public services::MetricSink {
 public:
  std::vector<services::MetricValue> values;
  void put_metric(const services::MetricValue& value) override { values.push_back(value); }
  void put_summary(const services::MetricValue& metric, const services::MetricSummary&) override {
    values.push_back(metric);
  }
};

/// A bucket in memory.
class BucketNotes final : public services::ObjectWriter {
 public:
  std::vector<services::ObjectToWrite> objects;
  std::string refusal;  // the code of an error

  runtime::Task<> write(services::ObjectToWrite object) override {
    if (!refusal.empty()) throw protocol::ServiceError(refusal, 400, "refused");
    objects.push_back(std::move(object));
    co_return;
  }
};

class LogsTest : public testing::Test {
 protected:
  LogsTest() { start(); }
  ~LogsTest() override { stop(); }

  runtime::Simulation machine;
  MetricNotes metrics;
  BucketNotes bucket;
  std::unique_ptr<storage::Store> store;
  std::optional<runtime::Runtime> runtime;
  std::unique_ptr<Service> service;
  Context context;

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
    runtime.emplace(machine.runtime());
    service = std::make_unique<Service>(
        *store, *runtime, Neighbours{.metrics = &metrics, .keys = nullptr, .objects = &bucket});
    machine.loop.run_until_idle();
  }
  void stop() {
    machine.loop.run_until_idle();
    service.reset();
    store.reset();
  }
  /// The program ends as if killed, and starts again from what its disk has.
  void kill_and_restart() {
    machine.loop.run_until_idle();
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    machine.restart();
    start();
  }
  void advance(runtime::Duration duration) {
    machine.loop.advance(duration);
    machine.loop.run_until_idle();
  }
  Milliseconds now() { return runtime::to_milliseconds(machine.loop.now()); }

  /// Runs an operation as the endpoint does: in a transaction, and flushed before its reply.
  template <class Response, class Request>
  Response call(Response (Service::*operation)(const Context&, const Request&),
                const Request& request) {
    storage::Transaction transaction(*store);
    Response response = (service.get()->*operation)(context, request);
    transaction.commit();
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    return response;
  }
  template <class Response, class Request>
  Response call(runtime::Task<Response> (Service::*operation)(const Context&, const Request&),
                const Request& request) {
    std::optional<Response> result;
    std::exception_ptr failure;
    runtime::start((service.get()->*operation)(context, request),
                   [&](std::optional<Response> response, std::exception_ptr error) {
                     result = std::move(response);
                     failure = error;
                   });
    machine.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    EXPECT_TRUE(result.has_value());
    EXPECT_TRUE(store->flush().has_value());
    return std::move(*result);
  }

  void create_group(const std::string& name) {
    call(&Service::create_log_group, CreateLogGroupRequest{.log_group_name = name});
  }
  void create_stream(const std::string& group, const std::string& name) {
    call(&Service::create_log_stream,
         CreateLogStreamRequest{.log_group_name = group, .log_stream_name = name});
  }
  PutLogEventsResponse put(const std::string& group, const std::string& stream,
                           std::vector<InputLogEvent> events) {
    return call(&Service::put_log_events, PutLogEventsRequest{.log_group_name = group,
                                                              .log_stream_name = stream,
                                                              .log_events = std::move(events)});
  }
  /// "g" with "s", and these texts a millisecond apart, the last one now.
  void fill(const std::vector<std::string>& texts) {
    create_group("g");
    create_stream("g", "s");
    std::vector<InputLogEvent> events;
    for (std::size_t i = 0; i < texts.size(); ++i)
      events.push_back({.timestamp = now() - static_cast<Milliseconds>(texts.size() - 1 - i),
                        .message = texts[i]});
    put("g", "s", std::move(events));
  }
  GetLogEventsResponse get(GetLogEventsRequest request) {
    if (!request.log_group_identifier) request.log_group_name = "g";
    request.log_stream_name = "s";
    return call(&Service::get_log_events, request);
  }
  static std::vector<std::string> texts(const GetLogEventsResponse& response) {
    std::vector<std::string> out;
    for (const OutputLogEvent& event : *response.events) out.push_back(*event.message);
    return out;
  }
  FilterLogEventsResponse filter(FilterLogEventsRequest request) {
    if (!request.log_group_identifier) request.log_group_name = "g";
    return call(&Service::filter_log_events, request);
  }
  static std::vector<std::string> texts(const FilterLogEventsResponse& response) {
    std::vector<std::string> out;
    for (const FilteredLogEvent& event : *response.events) out.push_back(*event.message);
    return out;
  }
  /// All pages.
  std::vector<std::string> filter_all(FilterLogEventsRequest request) {
    std::vector<std::string> out;
    for (int pages = 0; pages < 1000; ++pages) {
      const FilterLogEventsResponse response = filter(request);
      for (std::string& text : texts(response)) out.push_back(std::move(text));
      if (!response.next_token) return out;
      request.next_token = response.next_token;
    }
    ADD_FAILURE() << "too many pages";
    return out;
  }

  /// What an operation is refused with: "Code: message".
  template <class Operation>
  std::string error_of(Operation operation) {
    try {
      operation();
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    }
    return "no error";
  }
};

}  // namespace matinee::logs
