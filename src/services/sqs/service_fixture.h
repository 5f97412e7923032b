// A queue service on a simulated machine, for the tests beside the code.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

using std::chrono::minutes;
using std::chrono::seconds;

/// A ReceiveMessage that may still be waiting.
struct Polling {
  ReceiveMessageRequest request;
  Context context;
  std::optional<ReceiveMessageResponse> response;
  std::exception_ptr error;

  bool done() const { return response.has_value() || error != nullptr; }
  std::vector<std::string> bodies() const {
    std::vector<std::string> bodies;
    if (response && response->messages)
      for (const Message& message : *response->messages) bodies.push_back(*message.body);
    return bodies;
  }
};

class SqsTest : public testing::Test {
 protected:
  SqsTest() { start(); }
  ~SqsTest() override { stop(); }

  runtime::Simulation machine;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  Context context{.host = "localhost:4566"};

  void start(ServiceOptions options = {}) {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush().has_value()); });
    service = std::make_unique<Service>(*store, machine.loop, machine.random, options);
  }
  void stop() {
    if (!service) return;
    service->stop_waiting();
    machine.loop.run_until_idle();
    service.reset();
    store.reset();
  }
  /// The program ends as if killed, and starts again from what its disk has.
  void kill_and_restart() {
    service->stop_waiting();
    machine.loop.run_until_idle();
    machine.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    machine.restart();
    start();
  }
  void advance(runtime::Duration duration) { machine.loop.advance(duration); }

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

  std::string create(const std::string& name, Attributes attributes = {}) {
    return *call(&Service::create_queue,
                 CreateQueueRequest{.queue_name = name, .attributes = std::move(attributes)})
                .queue_url;
  }
  std::string create_fifo(const std::string& name, Attributes attributes = {}) {
    attributes.emplace("FifoQueue", "true");
    attributes.emplace("ContentBasedDeduplication", "true");
    return create(name, std::move(attributes));
  }
  SendMessageResponse send(const std::string& url, const std::string& body) {
    return call(&Service::send_message, SendMessageRequest{.queue_url = url, .message_body = body});
  }
  SendMessageResponse send_to_group(const std::string& url, const std::string& group,
                                    const std::string& body) {
    return call(
        &Service::send_message,
        SendMessageRequest{.queue_url = url, .message_body = body, .message_group_id = group});
  }

  std::shared_ptr<Polling> poll(ReceiveMessageRequest request) {
    auto polling = std::make_shared<Polling>();
    std::erase_if(pollings_, [](const auto& other) { return other->done(); });
    pollings_.push_back(polling);
    polling->request = std::move(request);
    polling->context = context;
    polling->context.cancellation = std::make_shared<services::Cancellation>();
    runtime::start(service->receive_message(polling->context, polling->request),
                   [state = polling.get()](std::optional<ReceiveMessageResponse> response,
                                           std::exception_ptr error) {
                     state->response = std::move(response);
                     state->error = error;
                   });
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    return polling;
  }
  std::vector<Message> receive(ReceiveMessageRequest request) {
    const auto polling = poll(std::move(request));
    if (polling->error) std::rethrow_exception(polling->error);
    EXPECT_TRUE(polling->done());
    return polling->response->messages.value_or(std::vector<Message>{});
  }
  std::vector<Message> receive(const std::string& url, std::int32_t most = 1) {
    return receive({.queue_url = url,
                    .message_system_attribute_names = {{"All"}},
                    .message_attribute_names = {{"All"}},
                    .max_number_of_messages = most});
  }
  std::vector<std::string> receive_bodies(const std::string& url, std::int32_t most = 10) {
    std::vector<std::string> bodies;
    for (const Message& message : receive(url, most)) bodies.push_back(*message.body);
    return bodies;
  }
  void remove(const std::string& url, const Message& message) {
    call(&Service::delete_message,
         DeleteMessageRequest{.queue_url = url, .receipt_handle = *message.receipt_handle});
  }
  void hide(const std::string& url, const Message& message, std::int32_t timeout) {
    call(&Service::change_message_visibility,
         ChangeMessageVisibilityRequest{.queue_url = url,
                                        .receipt_handle = *message.receipt_handle,
                                        .visibility_timeout = timeout});
  }
  std::string attribute(const std::string& url, const std::string& name) {
    const auto response =
        call(&Service::get_queue_attributes,
             GetQueueAttributesRequest{.queue_url = url, .attribute_names = {{name}}});
    if (!response.attributes) return "";
    const auto found = response.attributes->find(name);
    return found == response.attributes->end() ? "" : found->second;
  }
  void set(const std::string& url, const std::string& name, const std::string& value) {
    call(&Service::set_queue_attributes,
         SetQueueAttributesRequest{.queue_url = url, .attributes = {{name, value}}});
  }
  /// "visible/delayed/in flight".
  std::string counts(const std::string& url) {
    return attribute(url, "ApproximateNumberOfMessages") + "/" +
           attribute(url, "ApproximateNumberOfMessagesDelayed") + "/" +
           attribute(url, "ApproximateNumberOfMessagesNotVisible");
  }
  std::string redrive_policy(const std::string& target, int count) {
    return R"({"deadLetterTargetArn":")" + attribute(target, "QueueArn") +
           R"(","maxReceiveCount":)" + std::to_string(count) + "}";
  }

  /// What an operation is refused with: "Code: message".
  template <class Operation>
  std::string error_of(Operation operation) {
    try {
      operation();
    } catch (const protocol::ServiceError& error) {
      return error.query_code() + ": " + error.message();
    }
    return "no error";
  }

 private:
  std::vector<std::shared_ptr<Polling>> pollings_;  // a call's request and context outlive it
};

}  // namespace matinee::sqs
