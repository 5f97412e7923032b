#include "delivery/outbox.h"

#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"
#include "sqs/handlers.h"

namespace matinee::delivery {
namespace {

constexpr const char* first_queue = "arn:aws:sqs:us-east-1:111111111111:first";
constexpr const char* second_queue = "arn:aws:sqs:us-east-1:111111111111:second";

/// Queues that do as they are told.
class FakeQueues : public services::ServiceBase {
 public:
  FakeQueues() : ServiceBase(sqs::model) {}

  sqs::SendMessageBatchResponse send_message_batch(const services::Context& context,
                                                   const sqs::SendMessageBatchRequest& request) {
    const std::string name = request.queue_url.substr(request.queue_url.rfind('/') + 1);
    callers.push_back(context);
    ++calls;
    if (refusals.contains(name)) throw protocol::ServiceError(refusals.at(name));
    sqs::SendMessageBatchResponse response;
    for (const sqs::SendMessageBatchRequestEntry& entry : request.entries) {
      if (entry.message_body == "malformed") {
        response.failed.push_back({.id = entry.id, .sender_fault = true, .code = "Invalid"});
        continue;
      }
      bodies[name].push_back(entry.message_body);
      response.successful.push_back({.id = entry.id, .message_id = "id"});
    }
    return response;
  }

  std::map<std::string, protocol::ServiceError> refusals;  // by queue
  std::map<std::string, std::vector<std::string>> bodies;  // the same
  std::vector<services::Context> callers;
  int calls = 0;
};

class DeliveryOutbox : public testing::Test {
 protected:
  DeliveryOutbox() { open(); }
  ~DeliveryOutbox() override { close(); }

  void open() {
    auto opened = storage::Store::open({.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    endpoint.emplace(simulation.loop, *store);
    endpoint->add(queues, sqs::handlers<FakeQueues>);
    outbox.emplace(*store, *endpoint, simulation.runtime());
  }
  void close() {
    outbox.reset();
    endpoint.reset();
    store.reset();
  }
  void add(const std::vector<std::string>& bodies, const char* target = first_queue,
           const char* source = "arn:aws:s3:::bucket") {
    storage::Transaction transaction(*store);
    for (const std::string& body : bodies) {
      services::Delivery delivery{.target = target,
                                  .body = body,
                                  .service_principal = "s3.amazonaws.com",
                                  .source_arn = source,
                                  .source_account = "222222222222"};
      delivery.retries.patience_when_refused = std::chrono::seconds(30);
      outbox->add(delivery);
    }
    transaction.commit();
  }
  void refuse(const std::string& queue, const std::string& code, int status) {
    queues.refusals.insert_or_assign(queue, protocol::ServiceError(code, status, "because"));
  }
  static std::vector<std::string> numbers(int count) {
    std::vector<std::string> bodies;
    for (int i = 0; i < count; ++i) bodies.push_back(std::to_string(i));
    return bodies;
  }
  bool is_empty() {
    storage::Table<DeliveryKey, DeliveryRecord> table(*store, storage::TableId{0x0803});
    storage::Table<std::uint64_t, LaneRecord> lanes(*store, storage::TableId{0x0802});
    return table.is_empty(table.all()) && lanes.is_empty(lanes.all()) && outbox->is_empty();
  }

  runtime::Simulation simulation;
  FakeQueues queues;
  std::unique_ptr<storage::Store> store;
  std::optional<services::Endpoint> endpoint;
  std::optional<Outbox> outbox;
};

TEST_F(DeliveryOutbox, delivers_in_order_in_batches_of_ten) {
  add(numbers(25));
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.bodies["first"], numbers(25));
  EXPECT_EQ(queues.calls, 3);
  EXPECT_TRUE(is_empty());
}

TEST_F(DeliveryOutbox, names_the_service_that_sends_and_its_source) {
  add({"one"});
  simulation.loop.run_until_idle();
  ASSERT_EQ(queues.callers.size(), 1u);
  EXPECT_EQ(queues.callers[0].service_principal, "s3.amazonaws.com");
  EXPECT_EQ(queues.callers[0].source_arn, "arn:aws:s3:::bucket");
  EXPECT_EQ(queues.callers[0].source_account, "222222222222");
  EXPECT_EQ(queues.callers[0].account, "111111111111");
  EXPECT_EQ(queues.callers[0].access_key, "");
}

TEST_F(DeliveryOutbox, does_not_deliver_what_was_taken_back) {
  {
    storage::Transaction transaction(*store);
    outbox->add({.target = first_queue, .body = "never", .source_arn = "source"});
  }
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.calls, 0);
}

TEST_F(DeliveryOutbox, waits_longer_from_try_to_try_until_a_fault_has_passed) {
  refuse("first", "InternalFailure", 500);
  add(numbers(12));
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.calls, 1);
  simulation.loop.advance(std::chrono::seconds(1));
  EXPECT_EQ(queues.calls, 2);
  simulation.loop.advance(std::chrono::seconds(1));
  EXPECT_EQ(queues.calls, 2);
  simulation.loop.advance(std::chrono::hours(12));
  EXPECT_GT(queues.calls, 700);
  EXPECT_LT(queues.calls, 800);
  queues.refusals.clear();
  simulation.loop.advance(std::chrono::seconds(60));
  EXPECT_EQ(queues.bodies["first"], numbers(12));
  EXPECT_TRUE(is_empty());
}

TEST_F(DeliveryOutbox, gives_up_on_a_fault_that_does_not_pass_within_a_day) {
  refuse("first", "InternalFailure", 500);
  add({"old"});
  simulation.loop.advance(std::chrono::hours(20));
  add({"young"});
  simulation.loop.advance(std::chrono::hours(5));
  queues.refusals.clear();
  simulation.loop.advance(std::chrono::seconds(60));
  EXPECT_EQ(queues.bodies["first"], std::vector<std::string>{"young"});
}

TEST_F(DeliveryOutbox, gives_up_on_a_refusal_within_a_minute) {
  refuse("first", "AccessDenied", 403);
  add(numbers(30));
  simulation.loop.advance(std::chrono::minutes(1));
  EXPECT_TRUE(is_empty());
  EXPECT_LT(queues.calls, 10);
  queues.refusals.clear();
  add({"later"});
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.bodies["first"], std::vector<std::string>{"later"});
}

TEST_F(DeliveryOutbox, lets_no_target_and_no_source_wait_for_another) {
  refuse("first", "InternalFailure", 500);
  add({"stuck"});
  add({"passes"}, second_queue);
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.bodies["second"], std::vector<std::string>{"passes"});
}

TEST_F(DeliveryOutbox, drops_what_is_malformed_and_nothing_else) {
  add({"one", "malformed", "two"});
  simulation.loop.run_until_idle();
  EXPECT_EQ(queues.bodies["first"], (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(is_empty());
}

TEST_F(DeliveryOutbox, goes_on_where_it_was_after_a_kill) {
  refuse("first", "InternalFailure", 500);
  add(numbers(3));
  add(numbers(2), second_queue, "other");
  simulation.loop.run_until_idle();
  ASSERT_TRUE(store->flush());
  simulation.crash(runtime::SimulatedDisk::Crash::process);
  close();
  simulation.restart();
  queues.refusals.clear();
  open();
  add({"3"});
  simulation.loop.advance(std::chrono::seconds(60));
  EXPECT_EQ(queues.bodies["first"], numbers(4));
  EXPECT_EQ(queues.bodies["second"].size(), 2u);
  EXPECT_TRUE(is_empty());
}

TEST_F(DeliveryOutbox, refuses_targets_of_services_that_are_not_there) {
  std::string code;
  runtime::start(outbox->deliver_now({.target = "arn:aws:kinesis:us-east-1:111111111111:stream/s",
                                      .body = "",
                                      .service_principal = "s3.amazonaws.com"}),
                 [&](std::exception_ptr error) {
                   try {
                     std::rethrow_exception(error);
                   } catch (const protocol::ServiceError& refusal) {
                     code = refusal.code();
                   }
                 });
  EXPECT_EQ(code, "NotImplemented");
}

}  // namespace
}  // namespace matinee::delivery
