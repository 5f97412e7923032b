// A FIFO topic and its queues through crashes: what was acknowledged is delivered, once, and in the
// order of its group.
#include "cloud_machine.h"
#include "runtime/task_group.h"
#include "sns/client.h"
#include "sqs/client.h"

namespace matinee::simulation {

namespace {

constexpr int messages = 30;
constexpr int groups = 3;
constexpr const char* topic = "arn:aws:sns:us-east-1:000000000000:orders.fifo";
constexpr const char* allow_topics = R"({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
    "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:orders*"}}}]})";

std::string url_of(const std::string& queue) {
  return "http://localhost:4566/000000000000/" + queue;
}

class Topics {
 public:
  explicit Topics(std::uint64_t seed) : machine_(seed) {
    machine_.wait_for(
        sns().create_topic({.name = "orders.fifo", .attributes = {{{"FifoTopic", "true"}}}}));
    for (const std::string queue : {"first.fifo", "second.fifo"}) {
      machine_.wait_for(
          sqs().create_queue({.queue_name = queue,
                              .attributes = {{{"FifoQueue", "true"}, {"Policy", allow_topics}}}}));
      machine_.wait_for(sns().subscribe({.topic_arn = topic,
                                         .protocol = "sqs",
                                         .endpoint = "arn:aws:sqs:us-east-1:000000000000:" + queue,
                                         .attributes = {{{"RawMessageDelivery", "true"}}}}));
    }
  }

  /// Until it is acknowledged, however often the program is killed in between. True where it was.
  bool publish(int number) {
    bool killed = false;
    for (;;) {
      if (machine_.machine.random.below(3) == 0)
        machine_.kill_after(machine_.machine.random.below(12));
      bool acknowledged = false;
      auto calls = std::make_unique<runtime::TaskGroup>(1);
      runtime::start(calls->spawn(publish_once(number, acknowledged)), [](std::exception_ptr) {});
      machine_.pass_time([&] { return acknowledged; });
      if (!machine_.machine.disk.has_crashed()) return killed;
      killed = true;
      calls.reset();
      machine_.stop();
      machine_.start();
      if (acknowledged) return killed;
    }
  }

  /// From now on the program lives.
  void let_live() { machine_.kill_after(std::uint64_t{1} << 40); }

  std::vector<int> receive(const std::string& queue) {
    std::vector<int> numbers;
    for (;;) {
      const sqs::ReceiveMessageResponse response = machine_.wait_for(sqs().receive_message(
          {.queue_url = url_of(queue), .max_number_of_messages = 10, .wait_time_seconds = 20}));
      if (!response.messages || response.messages->empty()) return numbers;
      for (const sqs::Message& message : *response.messages) {
        numbers.push_back(std::stoi(*message.body));
        machine_.wait_for(sqs().delete_message(
            {.queue_url = url_of(queue), .receipt_handle = *message.receipt_handle}));
      }
    }
  }

 private:
  CloudMachine machine_;

  runtime::Task<> publish_once(int number, bool& acknowledged) {
    sns::PublishRequest request{.topic_arn = topic,
                                .message = std::to_string(number),
                                .message_deduplication_id = std::to_string(number),
                                .message_group_id = std::to_string(number % groups)};
    co_await sns().publish(std::move(request));
    acknowledged = true;
  }
  sns::Client sns() { return sns::Client(machine_.channel()); }
  sqs::Client sqs() { return sqs::Client(machine_.channel()); }
};

}  // namespace

TEST(Topics, keep_order_and_lose_and_double_nothing_through_crashes) {
  int kills = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Topics topics(seed);
    for (int number = 0; number < messages; ++number) kills += topics.publish(number) ? 1 : 0;
    topics.let_live();
    for (const char* queue : {"first.fifo", "second.fifo"}) {
      const std::vector<int> numbers = topics.receive(queue);
      ASSERT_EQ(numbers.size(), std::size_t{messages}) << "seed " << seed;
      std::vector<int> last(groups, -1);
      for (const int number : numbers) {
        EXPECT_GT(number, last[static_cast<std::size_t>(number % groups)]) << "seed " << seed;
        last[static_cast<std::size_t>(number % groups)] = number;
      }
    }
  }
  EXPECT_GT(kills, 12);
}

}  // namespace matinee::simulation
