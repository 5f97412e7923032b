// FIFO queues, as a client sees them.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;

class FifoQueue : public SqsTest {
 protected:
  std::string url = create_fifo("films.fifo");

  SendMessageResponse send_with_id(const std::string& id, const std::string& body,
                                   const std::string& group = "g") {
    return call(&Service::send_message, SendMessageRequest{.queue_url = url,
                                                           .message_body = body,
                                                           .message_deduplication_id = id,
                                                           .message_group_id = group});
  }
};

TEST_F(FifoQueue, messages_of_a_group_come_in_order_and_the_group_is_locked_meanwhile) {
  for (const char* body : {"1", "2", "3"}) send_to_group(url, "a", body);
  const auto first = receive(url);
  EXPECT_EQ(first[0].body, "1");
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  remove(url, first[0]);
  EXPECT_THAT(receive_bodies(url), ElementsAre("2", "3"));
}

TEST_F(FifoQueue, other_groups_go_on_while_one_is_locked) {
  send_to_group(url, "a", "a1");
  send_to_group(url, "a", "a2");
  send_to_group(url, "b", "b1");
  EXPECT_EQ(receive(url)[0].body, "a1");
  EXPECT_EQ(receive(url)[0].body, "b1");
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  EXPECT_EQ(counts(url), "1/0/2");
}

TEST_F(FifoQueue, one_receive_takes_a_group_as_far_as_it_can_before_the_next) {
  for (const char* body : {"1", "2", "3"}) {
    send_to_group(url, "a", std::string("a") + body);
    send_to_group(url, "b", std::string("b") + body);
  }
  EXPECT_THAT(receive_bodies(url, 4), ElementsAre("a1", "a2", "a3", "b1"));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
}

TEST_F(FifoQueue, a_group_waits_for_its_first_message_in_flight) {
  for (const char* body : {"1", "2", "3"}) send_to_group(url, "a", body);
  const auto messages = receive(url, 2);
  remove(url, messages[0]);
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  hide(url, messages[1], 0);
  EXPECT_THAT(receive_bodies(url), ElementsAre("2", "3"));
}

TEST_F(FifoQueue, order_holds_after_a_visibility_timeout_and_across_a_crash) {
  for (const char* body : {"1", "2", "3", "4"}) send_to_group(url, "a", body);
  EXPECT_THAT(receive_bodies(url, 2), ElementsAre("1", "2"));
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2", "3", "4"));
}

TEST_F(FifoQueue, a_message_behind_one_that_is_longer_in_flight_is_not_given_early) {
  for (const char* body : {"1", "2"}) send_to_group(url, "a", body);
  const auto messages = receive(url, 2);
  hide(url, messages[0], 100);
  advance(seconds(50));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(seconds(50));
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2"));
}

TEST_F(FifoQueue, messages_before_one_that_is_longer_in_flight_are_given_and_no_others) {
  for (const char* body : {"a", "b", "c", "d"}) send_to_group(url, "g", body);
  const auto messages = receive(url, 3);
  hide(url, messages[2], 100);
  advance(seconds(30));
  EXPECT_EQ(counts(url), "3/0/1");
  EXPECT_THAT(receive_bodies(url), ElementsAre("a", "b"));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), ElementsAre("a", "b"));
  kill_and_restart();
  advance(seconds(40));
  EXPECT_THAT(receive_bodies(url), ElementsAre("a", "b", "c", "d"));
}

TEST_F(FifoQueue, the_first_message_comes_again_at_once_alone) {
  for (const char* body : {"a", "b", "c"}) send_to_group(url, "g", body);
  const auto messages = receive(url, 2);
  hide(url, messages[0], 0);
  const auto again = receive(url, 10);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].body, "a");
  remove(url, again[0]);
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  hide(url, messages[1], 0);
  EXPECT_THAT(receive_bodies(url), ElementsAre("b", "c"));
}

TEST_F(FifoQueue, a_message_that_becomes_the_first_comes_though_later_ones_are_in_flight) {
  for (const char* body : {"a", "b", "c"}) send_to_group(url, "g", body);
  const auto messages = receive(url, 3);
  hide(url, messages[0], 100);
  hide(url, messages[2], 100);
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  remove(url, messages[0]);
  EXPECT_THAT(receive_bodies(url), ElementsAre("b"));
}

TEST_F(FifoQueue, a_long_poll_gets_the_first_message_when_it_is_visible_again) {
  for (const char* body : {"a", "b"}) send_to_group(url, "g", body);
  const auto messages = receive(url, 2);
  hide(url, messages[1], 100);
  const auto polling =
      poll({.queue_url = url, .max_number_of_messages = 10, .wait_time_seconds = 20});
  EXPECT_FALSE(polling->done());
  hide(url, messages[0], 0);
  machine.loop.run_until_idle();
  EXPECT_THAT(polling->bodies(), ElementsAre("a"));
}

TEST_F(FifoQueue, groups_that_are_visible_at_once_come_in_the_order_of_their_first_messages) {
  send_to_group(url, "g1", "1");
  send_to_group(url, "g2", "2");
  send_to_group(url, "g2", "3");
  send_to_group(url, "g1", "4");
  const ReceiveMessageRequest request{
      .queue_url = url, .max_number_of_messages = 10, .visibility_timeout = 0};
  for (int i = 0; i < 3; ++i) {
    std::vector<std::string> bodies;
    for (const Message& message : receive(request)) bodies.push_back(*message.body);
    EXPECT_THAT(bodies, ElementsAre("1", "4", "2", "3"));
  }
}

TEST_F(FifoQueue, a_purge_forgets_deduplication_ids_also_across_a_crash) {
  send_with_id("id", "before");
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  send_with_id("id", "after");
  send_with_id("id", "once more");
  EXPECT_EQ(counts(url), "1/0/0");
  advance(seconds(60));
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  kill_and_restart();
  send_with_id("id", "at last");
  EXPECT_THAT(receive_bodies(url), ElementsAre("at last"));
}

TEST_F(FifoQueue, a_duplicate_is_answered_like_the_original_and_dropped) {
  const auto original = send_with_id("id", "Metropolis");
  const auto duplicate = send_with_id("id", "Metropolis again");
  EXPECT_EQ(duplicate.message_id, original.message_id);
  EXPECT_EQ(duplicate.sequence_number, original.sequence_number);
  EXPECT_EQ(counts(url), "1/0/0");
}

TEST_F(FifoQueue, duplicates_are_known_after_a_crash_and_after_the_original_was_deleted) {
  const auto original = send_with_id("id", "Metropolis");
  remove(url, receive(url)[0]);
  advance(minutes(4));
  kill_and_restart();
  EXPECT_EQ(send_with_id("id", "Metropolis").message_id, original.message_id);
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(FifoQueue, after_five_minutes_the_id_is_free_again) {
  const auto original = send_with_id("id", "Metropolis");
  advance(minutes(5) - seconds(1));
  EXPECT_EQ(send_with_id("id", "Metropolis").message_id, original.message_id);
  advance(seconds(1));
  EXPECT_NE(send_with_id("id", "Metropolis").message_id, original.message_id);
  EXPECT_EQ(counts(url), "2/0/0");
}

TEST_F(FifoQueue, content_takes_the_place_of_the_id) {
  const auto first = send_to_group(url, "a", "Metropolis");
  EXPECT_EQ(send_to_group(url, "b", "Metropolis").message_id, first.message_id);
  const auto messages = receive(url, 10);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].attributes->at("MessageDeduplicationId"),
            "1dce2c62a0fd85ae645964966e518499c7e01bcc575ef22eb8060a15bec03dbf");
  EXPECT_EQ(send_with_id("1dce2c62a0fd85ae645964966e518499c7e01bcc575ef22eb8060a15bec03dbf",
                         "something else")
                .message_id,
            first.message_id);
}

TEST_F(FifoQueue, duplicates_can_be_looked_for_in_the_group_only) {
  set(url, "DeduplicationScope", "messageGroup");
  const auto first = send_with_id("id", "Metropolis", "a");
  EXPECT_NE(send_with_id("id", "Metropolis", "b").message_id, first.message_id);
  EXPECT_EQ(send_with_id("id", "Metropolis", "a").message_id, first.message_id);
}

TEST_F(FifoQueue, duplicates_within_a_batch_are_one_message) {
  SendMessageBatchRequest request{.queue_url = url, .entries = {}};
  for (const char* id : {"x", "y"})
    request.entries.push_back({.id = id,
                               .message_body = "Metropolis",
                               .message_deduplication_id = "same",
                               .message_group_id = "g"});
  const auto response = call(&Service::send_message_batch, request);
  ASSERT_EQ(response.successful.size(), 2u);
  EXPECT_EQ(response.successful[0].message_id, response.successful[1].message_id);
  EXPECT_EQ(counts(url), "1/0/0");
}

TEST_F(FifoQueue, a_failed_transaction_does_not_make_a_resend_a_duplicate) {
  {
    storage::Transaction transaction(*store);
    service->send_message(context, {.queue_url = url,
                                    .message_body = "Metropolis",
                                    .message_deduplication_id = "id",
                                    .message_group_id = "g"});
  }
  send_with_id("id", "Metropolis");
  EXPECT_EQ(counts(url), "1/0/0");
}

TEST_F(FifoQueue, sequence_numbers_have_20_digits_and_grow_even_across_a_crash) {
  std::string last;
  for (int i = 0; i < 20; ++i) {
    if (i == 10) kill_and_restart();
    const auto sent = send_to_group(url, "a", std::to_string(i));
    EXPECT_EQ(sent.sequence_number->size(), 20u);
    EXPECT_LT(last, *sent.sequence_number);
    last = *sent.sequence_number;
  }
  EXPECT_EQ(receive(url, 10)[9].attributes->at("SequenceNumber").size(), 20u);
}

TEST_F(FifoQueue, an_expired_handle_neither_deletes_nor_hides) {
  send_to_group(url, "a", "1");
  const auto messages = receive(url);
  advance(seconds(30));
  const std::string expected = "InvalidParameterValue: Value " + *messages[0].receipt_handle +
                               " for parameter ReceiptHandle is invalid. Reason: The receipt "
                               "handle has expired.";
  EXPECT_EQ(error_of([&] { remove(url, messages[0]); }), expected);
  EXPECT_EQ(error_of([&] { hide(url, messages[0], 10); }), expected);
  receive(url);
  EXPECT_EQ(error_of([&] { remove(url, messages[0]); }), expected);
  EXPECT_EQ(counts(url), "0/0/1");
}

TEST_F(FifoQueue, a_queue_delay_is_retroactive_and_holds_across_a_crash) {
  set(url, "DelaySeconds", "100");
  send_to_group(url, "a", "1");
  send_to_group(url, "a", "2");
  EXPECT_EQ(counts(url), "0/2/0");
  set(url, "DelaySeconds", "10");
  kill_and_restart();
  advance(seconds(9));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(seconds(1));
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2"));
}

TEST_F(FifoQueue, what_the_queue_type_forbids_is_refused) {
  EXPECT_EQ(error_of([&] { send(url, "x"); }),
            "MissingParameter: The request must contain the parameter MessageGroupId.");
  EXPECT_EQ(error_of([&] {
              call(&Service::send_message, SendMessageRequest{.queue_url = url,
                                                              .message_body = "x",
                                                              .delay_seconds = 5,
                                                              .message_group_id = "g"});
            }),
            "InvalidParameterValue: Value 5 for parameter DelaySeconds is invalid. Reason: The "
            "request include parameter that is not valid for this queue type.");
  set(url, "ContentBasedDeduplication", "false");
  EXPECT_EQ(error_of([&] { send_to_group(url, "g", "x"); }),
            "InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled "
            "or MessageDeduplicationId provided explicitly");
  EXPECT_EQ(error_of([&] { send_with_id("with space", "x"); }),
            "InvalidParameterValue: Value with space for parameter MessageDeduplicationId is "
            "invalid. Reason: MessageDeduplicationId can only include alphanumeric and "
            "punctuation characters. 1 to 128 in length.");
}

TEST_F(FifoQueue, a_repeated_receive_attempt_gets_the_same_messages_and_handles) {
  for (const char* body : {"1", "2", "3"}) send_to_group(url, "a", body);
  const ReceiveMessageRequest request{
      .queue_url = url, .max_number_of_messages = 2, .receive_request_attempt_id = "attempt"};
  const auto first = receive(request);
  advance(seconds(20));
  const auto again = receive(request);
  ASSERT_EQ(again.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(again[i].receipt_handle, first[i].receipt_handle);
  advance(seconds(20));
  EXPECT_EQ(counts(url), "1/0/2");
  remove(url, first[0]);
  EXPECT_THAT(receive(request), IsEmpty());
}

TEST_F(FifoQueue, a_batch_of_large_messages_is_kept_in_order) {
  SendMessageBatchRequest request{.queue_url = url, .entries = {}};
  for (int i = 0; i < 10; ++i)
    request.entries.push_back({.id = std::to_string(i),
                               .message_body = std::string(9'000, static_cast<char>('a' + i)),
                               .message_group_id = "g"});
  call(&Service::send_message_batch, request);
  kill_and_restart();
  const auto messages = receive(url, 10);
  ASSERT_EQ(messages.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(messages[i].body, request.entries[i].message_body);
}

}  // namespace matinee::sqs
