// Waiting for messages.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;

class LongPolling : public SqsTest {
 protected:
  std::string url = create("films");

  std::shared_ptr<Polling> wait_at(const std::string& queue, std::int32_t seconds = 20) {
    return poll({.queue_url = queue, .max_number_of_messages = 10, .wait_time_seconds = seconds});
  }
};

TEST_F(LongPolling, a_sent_message_ends_the_wait) {
  const auto polling = wait_at(url);
  EXPECT_FALSE(polling->done());
  send(url, "Metropolis");
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
  EXPECT_EQ(counts(url), "0/0/1");
}

TEST_F(LongPolling, who_waits_longest_is_served_first) {
  const auto first = wait_at(url);
  const auto second = wait_at(url);
  send(url, "1");
  EXPECT_THAT(first->bodies(), ElementsAre("1"));
  EXPECT_FALSE(second->done());
  send(url, "2");
  EXPECT_THAT(second->bodies(), ElementsAre("2"));
}

TEST_F(LongPolling, without_messages_the_wait_ends_empty_when_its_time_is_over) {
  const auto polling = wait_at(url, 5);
  advance(seconds(5) - runtime::Duration(1));
  EXPECT_FALSE(polling->done());
  advance(runtime::Duration(1));
  EXPECT_TRUE(polling->done());
  EXPECT_FALSE(polling->response->messages.has_value());
}

TEST_F(LongPolling, a_client_that_went_away_gets_no_message) {
  const auto gone = wait_at(url);
  gone->context.cancellation->cancel();
  machine.loop.run_until_idle();
  EXPECT_TRUE(gone->done());
  send(url, "Metropolis");
  EXPECT_THAT(gone->bodies(), IsEmpty());
  EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
}

TEST_F(LongPolling, the_wait_ends_with_the_service) {
  const auto polling = wait_at(url);
  const auto other = wait_at(create_fifo("order.fifo"));
  service.reset();
  EXPECT_TRUE(polling->done());
  EXPECT_TRUE(other->done());
  EXPECT_THAT(polling->bodies(), IsEmpty());
}

TEST_F(LongPolling, a_message_that_reappears_ends_the_wait_at_that_moment) {
  send(url, "Metropolis");
  receive(url);
  advance(seconds(20));
  const auto polling = wait_at(url);
  advance(seconds(10) - runtime::Duration(1));
  EXPECT_FALSE(polling->done());
  advance(runtime::Duration(1));
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
}

TEST_F(LongPolling, a_delayed_message_ends_the_wait_when_its_delay_is_over) {
  const auto polling = wait_at(url);
  call(&Service::send_message,
       SendMessageRequest{.queue_url = url, .message_body = "Metropolis", .delay_seconds = 3});
  EXPECT_FALSE(polling->done());
  advance(seconds(3));
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
}

TEST_F(LongPolling, a_deletion_that_frees_a_group_ends_the_wait) {
  const std::string fifo = create_fifo("films.fifo");
  send_to_group(fifo, "a", "1");
  send_to_group(fifo, "a", "2");
  const auto first = receive(fifo);
  const auto polling = wait_at(fifo);
  EXPECT_FALSE(polling->done());
  remove(fifo, first[0]);
  EXPECT_THAT(polling->bodies(), ElementsAre("2"));
}

TEST_F(LongPolling, a_changed_visibility_ends_the_wait) {
  send(url, "Metropolis");
  const auto first = receive(url);
  const auto polling = wait_at(url);
  hide(url, first[0], 2);
  EXPECT_FALSE(polling->done());
  advance(seconds(2));
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
}

TEST_F(LongPolling, the_queue_says_how_long_to_wait_unless_the_call_does) {
  set(url, "ReceiveMessageWaitTimeSeconds", "10");
  const auto by_queue = poll({.queue_url = url});
  const auto by_call = poll({.queue_url = url, .wait_time_seconds = 0});
  EXPECT_FALSE(by_queue->done());
  EXPECT_TRUE(by_call->done());
  advance(seconds(10));
  EXPECT_TRUE(by_queue->done());
}

TEST_F(LongPolling, the_deletion_of_the_queue_ends_the_wait_with_an_error) {
  const auto polling = wait_at(url);
  call(&Service::delete_queue, DeleteQueueRequest{.queue_url = url});
  ASSERT_NE(polling->error, nullptr);
  EXPECT_EQ(error_of([&] { std::rethrow_exception(polling->error); }),
            "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
}

TEST_F(LongPolling, what_a_waiter_was_given_survives_a_crash) {
  const auto polling = wait_at(url);
  send(url, "Metropolis");
  ASSERT_TRUE(polling->done());
  kill_and_restart();
  EXPECT_EQ(counts(url), "0/0/1");
  remove(url, polling->response->messages->front());
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(LongPolling, a_rolled_back_message_wakes_nobody) {
  const auto polling = wait_at(url);
  {
    storage::Transaction transaction(*store);
    service->send_message(context, {.queue_url = url, .message_body = "never"});
  }
  machine.loop.run_until_idle();
  EXPECT_FALSE(polling->done());
  send(url, "Metropolis");
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
}

TEST_F(LongPolling, a_thousand_waiters_get_one_message_each) {
  std::vector<std::shared_ptr<Polling>> waiters;
  for (int i = 0; i < 1000; ++i)
    waiters.push_back(poll({.queue_url = url, .wait_time_seconds = 20}));
  for (int i = 0; i < 1000; ++i) send(url, std::to_string(i));
  for (std::size_t i = 0; i < 1000; ++i)
    EXPECT_THAT(waiters[i]->bodies(), ElementsAre(std::to_string(i)));
}

}  // namespace matinee::sqs
