// A DynamoDB service on a simulated machine, spoken to in its own JSON: for the tests beside the
// code.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "protocol/codec.h"
#include "runtime/simulated/simulation.h"
#include "services/dynamodb/service.h"
#include "storage/store.h"

namespace matinee::dynamodb {

class DynamoDbTest : public testing::Test {
 protected:
  DynamoDbTest() { start(); }
  ~DynamoDbTest() override { stop(); }

  runtime::Simulation machine;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  Context context;
  /// What happens once an operation has given way for the first time.
  std::function<void()> meanwhile;

  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    service = std::make_unique<Service>(*store, machine.runtime());
  }
  void stop() {
    service.reset();
    store.reset();
  }
  /// The program ends as if killed, and starts again from what its disk has.
  void kill_and_restart() {
    machine.crash(runtime::SimulatedDisk::Crash::process);
    stop();
    machine.restart();
    start();
  }

  /// The reply to a request, both in JSON. An error is "CODE: message", or, where it has more to
  /// say, its JSON. A failed call is rolled back, a successful one is flushed, as by the endpoint.
  std::string call(std::string_view operation, std::string_view json) {
    const services::Handler& handler = find_handler(operation);
    protocol::HttpRequest request{.method = "POST", .target = "/"};
    request.body = std::string(json);
    protocol::Object decoded(*handler.operation->request);
    try {
      protocol::Violations violations = protocol::decode_request(
          *handler.operation, protocol::Protocol::json, request, decoded.get());
      protocol::validate(*handler.operation->input, decoded.get(), violations);
      service->check(*handler.operation, decoded.get(), violations);
      if (!violations.empty()) throw service->invalid(*handler.operation, violations);
      const protocol::Object response = run(handler, decoded.get());
      EXPECT_TRUE(store->flush().has_value());
      return protocol::encode_response(*handler.operation, protocol::Protocol::json, response.get(),
                                       "id")
          .body.bytes;
    } catch (const protocol::ServiceError& error) {
      if (!error.members()) return error.code() + ": " + error.message();
      return protocol::encode_error(service->model, protocol::Protocol::json, error, "id")
          .body.bytes;
    }
  }

  /// A table with a string partition key "p" and, with `sort`, a number sort key "s".
  void create_table(std::string_view name, bool sort) {
    const std::string_view sort_definition =
        sort ? R"(,{"AttributeName":"s","AttributeType":"N"})" : "";
    const std::string_view sort_element = sort ? R"(,{"AttributeName":"s","KeyType":"RANGE"})" : "";
    const std::string reply = call(
        "CreateTable",
        fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":)"
                    R"([{{"AttributeName":"p","AttributeType":"S"}}{}],)"
                    R"("KeySchema":[{{"AttributeName":"p","KeyType":"HASH"}}{}]}})",
                    name, sort_definition, sort_element));
    ASSERT_NE(reply.find("CREATING"), std::string::npos) << reply;
  }
  /// Stores an item given in JSON, which must succeed.
  void put(std::string_view table, std::string_view item) {
    EXPECT_EQ(call("PutItem", fmt::format(R"({{"TableName":"{}","Item":{}}})", table, item)), "{}");
  }
  std::string get(std::string_view table, std::string_view key) {
    return call("GetItem", fmt::format(R"({{"TableName":"{}","Key":{}}})", table, key));
  }
  /// A part of TableDescription, as DescribeTable gives it.
  TableDescription describe(std::string_view table) {
    storage::Transaction transaction(*store);
    return *service->describe_table(context, {.table_name = std::string(table)}).table;
  }

 private:
  static const services::Handler& find_handler(std::string_view operation) {
    for (const services::Handler& handler : Service::handlers())
      if (handler.operation->name == operation && (handler.call || handler.start)) return handler;
    throw std::runtime_error(fmt::format("{} is not served", operation));
  }

  /// Lets rounds pass until an operation that gives way has ended.
  protocol::Object run(const services::Handler& handler, const void* request) {
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
    if (meanwhile && !response && !error) meanwhile();
    machine.loop.run_until_idle();
    while (!response && !error && machine.loop.advance_to_next_timer()) {
    }
    if (error) std::rethrow_exception(error);
    return *std::move(response);
  }
};

}  // namespace matinee::dynamodb
