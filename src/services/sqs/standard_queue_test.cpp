// Standard queues, as a client sees them.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class StandardQueue : public SqsTest {
 protected:
  std::string url = create("films");
};

TEST_F(StandardQueue, a_message_is_received_with_what_was_sent) {
  const auto sent = send(url, "Metropolis");
  const auto messages = receive(url);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].body, "Metropolis");
  EXPECT_EQ(messages[0].message_id, sent.message_id);
  EXPECT_EQ(messages[0].md5_of_body, sent.md5_of_message_body);
  EXPECT_EQ(sent.md5_of_message_body, "45b7d6bd6a51c5f44167f682a0de2f09");
  EXPECT_EQ(messages[0].attributes->at("ApproximateReceiveCount"), "1");
  EXPECT_EQ(messages[0].attributes->at("SentTimestamp"), "1704067200000");
  EXPECT_EQ(messages[0].attributes->at("ApproximateFirstReceiveTimestamp"), "1704067200000");
  EXPECT_EQ(messages[0].attributes->at("SenderId"), "000000000000");
  EXPECT_FALSE(messages[0].attributes->contains("SequenceNumber"));
}

TEST_F(StandardQueue, a_received_message_reappears_when_its_visibility_timeout_ends) {
  send(url, "Metropolis");
  EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
  advance(seconds(30) - runtime::Duration(1));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(runtime::Duration(1));
  const auto messages = receive(url);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].attributes->at("ApproximateReceiveCount"), "2");
  EXPECT_EQ(messages[0].attributes->at("ApproximateFirstReceiveTimestamp"), "1704067200000");
}

TEST_F(StandardQueue, what_was_received_stays_hidden_across_a_crash_and_keeps_its_count) {
  send(url, "Metropolis");
  const auto first = receive(url);
  advance(seconds(10));
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  EXPECT_EQ(counts(url), "0/0/1");
  advance(seconds(20));
  const auto again = receive(url);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].message_id, first[0].message_id);
  EXPECT_EQ(again[0].attributes->at("ApproximateReceiveCount"), "2");
}

TEST_F(StandardQueue, a_receipt_handle_deletes_even_after_a_crash) {
  send(url, "Metropolis");
  send(url, "Nosferatu");
  const auto messages = receive(url, 10);
  ASSERT_EQ(messages.size(), 2u);
  kill_and_restart();
  remove(url, messages[0]);
  EXPECT_EQ(counts(url), "0/0/1");
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), ElementsAre(*messages[1].body));
}

TEST_F(StandardQueue, a_deleted_message_never_comes_back) {
  send(url, "Metropolis");
  const auto messages = receive(url);
  remove(url, messages[0]);
  remove(url, messages[0]);
  advance(minutes(1));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), IsEmpty());
}

TEST_F(StandardQueue, an_old_receipt_handle_deletes_nothing_and_is_no_error) {
  send(url, "Metropolis");
  const auto first = receive(url);
  advance(seconds(30));
  const auto second = receive(url);
  remove(url, first[0]);
  EXPECT_EQ(counts(url), "0/0/1");
  remove(url, second[0]);
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(StandardQueue, the_latest_handle_deletes_after_the_timeout_too) {
  send(url, "Metropolis");
  const auto messages = receive(url);
  advance(seconds(31));
  remove(url, messages[0]);
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(StandardQueue, delayed_messages_appear_when_their_delay_is_over) {
  call(&Service::send_message,
       SendMessageRequest{.queue_url = url, .message_body = "later", .delay_seconds = 900});
  send(url, "now");
  EXPECT_EQ(counts(url), "1/1/0");
  EXPECT_THAT(receive_bodies(url), ElementsAre("now"));
  kill_and_restart();
  advance(seconds(899));
  EXPECT_THAT(receive_bodies(url), ElementsAre("now"));
  advance(seconds(1));
  EXPECT_THAT(receive_bodies(url), ElementsAre("later"));
}

TEST_F(StandardQueue, a_queue_delay_is_not_retroactive) {
  set(url, "DelaySeconds", "60");
  send(url, "one");
  set(url, "DelaySeconds", "0");
  send(url, "two");
  EXPECT_THAT(receive_bodies(url), ElementsAre("two"));
  EXPECT_EQ(counts(url), "0/1/1");
}

TEST_F(StandardQueue, messages_are_dropped_when_they_are_older_than_the_retention_period) {
  set(url, "MessageRetentionPeriod", "60");
  send(url, "old");
  advance(seconds(30));
  send(url, "young");
  advance(seconds(30));
  EXPECT_EQ(counts(url), "1/0/0");
  EXPECT_THAT(receive_bodies(url), ElementsAre("young"));
}

TEST_F(StandardQueue, visibility_can_be_extended_and_ended) {
  send(url, "Metropolis");
  const auto messages = receive(url);
  hide(url, messages[0], 100);
  advance(seconds(99));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  hide(url, messages[0], 0);
  EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
}

TEST_F(StandardQueue, a_visibility_change_survives_a_crash) {
  send(url, "Metropolis");
  hide(url, receive(url)[0], 1000);
  kill_and_restart();
  advance(seconds(999));
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  advance(seconds(1));
  EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
}

TEST_F(StandardQueue, a_message_stays_hidden_for_12_hours_in_all_at_most) {
  send(url, "Metropolis");
  const auto messages = receive(url);
  hide(url, messages[0], 43'200);
  advance(seconds(10));
  EXPECT_EQ(error_of([&] { hide(url, messages[0], 43'200); }),
            "InvalidParameterValue: Value 43200 for parameter VisibilityTimeout is invalid. "
            "Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
  hide(url, messages[0], 43'190);
}

TEST_F(StandardQueue, twelve_hours_count_from_the_last_receive_also_for_a_visible_message) {
  send(url, "Metropolis");
  const auto messages = receive(url);
  advance(seconds(30));
  EXPECT_THAT(error_of([&] { hide(url, messages[0], 43'171); }),
              testing::HasSubstr("Total VisibilityTimeout for the message is beyond the limit"));
  hide(url, messages[0], 43'170);
  EXPECT_EQ(counts(url), "0/0/1");
}

TEST_F(StandardQueue, what_comes_back_goes_before_what_was_sent_in_the_meantime) {
  for (const char* body : {"1", "2"}) send(url, body);
  receive(url, 2);
  for (const char* body : {"3", "4"}) send(url, body);
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2", "3", "4"));
  kill_and_restart();
  advance(seconds(30));
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2", "3", "4"));
}

TEST_F(StandardQueue, what_comes_back_again_and_again_keeps_nobody_waiting) {
  for (const char* body : {"bad", "good"}) send(url, body);
  std::vector<std::string> bodies;
  for (int i = 0; i < 5; ++i) {
    const Message message = receive(url).at(0);
    bodies.push_back(*message.body);
    hide(url, message, 0);
  }
  EXPECT_THAT(bodies, ElementsAre("bad", "bad", "bad", "bad", "good"));
}

TEST_F(StandardQueue, a_message_of_a_group_that_comes_back_goes_before_those_of_other_groups) {
  const auto send_as = [&](const std::string& group, const std::string& body) {
    call(&Service::send_message,
         SendMessageRequest{.queue_url = url, .message_body = body, .message_group_id = group});
  };
  send_as("a", "a1");
  // Shorter than what would make the group noisy.
  receive({.queue_url = url, .visibility_timeout = 5});
  send_as("b", "b1");
  send(url, "none");
  send_as("a", "a2");
  advance(seconds(5));
  EXPECT_THAT(receive_bodies(url), ElementsAre("a1", "b1", "none", "a2"));
}

TEST_F(StandardQueue, a_receive_with_a_timeout_of_zero_gives_each_message_once) {
  send(url, "one");
  send(url, "two");
  const auto messages =
      receive({.queue_url = url, .max_number_of_messages = 10, .visibility_timeout = 0});
  EXPECT_EQ(messages.size(), 2u);
  EXPECT_EQ(counts(url), "2/0/0");
}

TEST_F(StandardQueue, handles_that_nobody_gave_are_refused) {
  EXPECT_EQ(error_of([&] { remove(url, {.receipt_handle = "nonsense"}); }),
            "ReceiptHandleIsInvalid: The input receipt handle \"nonsense\" is not a valid receipt "
            "handle.");
  const std::string other = create("other");
  send(other, "Metropolis");
  const auto messages = receive(other);
  EXPECT_EQ(error_of([&] { remove(url, messages[0]); }),
            "ReceiptHandleIsInvalid: The receipt handle \"" + *messages[0].receipt_handle +
                "\" is not valid for this queue.");
}

TEST_F(StandardQueue, purging_leaves_nothing_and_is_refused_twice_within_a_minute) {
  send(url, "one");
  send(url, "two");
  receive(url);
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  EXPECT_EQ(counts(url), "0/0/0");
  EXPECT_EQ(error_of([&] { call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url}); }),
            "AWS.SimpleQueueService.PurgeQueueInProgress: Only one PurgeQueue operation on films "
            "is allowed every 60 seconds.");
  send(url, "three");
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), ElementsAre("three"));
  advance(seconds(60));
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  EXPECT_EQ(counts(url), "0/0/0");
}

TEST_F(StandardQueue, attributes_travel_with_the_message_and_are_filtered) {
  SendMessageRequest request{.queue_url = url, .message_body = "Metropolis"};
  request.message_attributes.emplace();
  request.message_attributes->emplace(
      "movie.year", MessageAttributeValue{.string_value = "1927", .data_type = "Number.int"});
  request.message_attributes->emplace(
      "movie.poster",
      MessageAttributeValue{.binary_value = protocol::Blob{"\x01\x02"}, .data_type = "Binary"});
  request.message_attributes->emplace(
      "source", MessageAttributeValue{.string_value = "list", .data_type = "String"});
  const auto sent = call(&Service::send_message, request);
  EXPECT_EQ(sent.md5_of_message_attributes, "559816d86812ca6344571b2361fe543a");
  ReceiveMessageRequest wanted{
      .queue_url = url, .message_attribute_names = {{"movie.*"}}, .visibility_timeout = 0};
  const auto some = receive(wanted);
  ASSERT_EQ(some.size(), 1u);
  EXPECT_EQ(some[0].message_attributes->size(), 2u);
  EXPECT_EQ(some[0].message_attributes->at("movie.poster").binary_value->bytes, "\x01\x02");
  EXPECT_NE(some[0].md5_of_message_attributes, sent.md5_of_message_attributes);
  wanted.message_attribute_names = {{"All"}};
  EXPECT_EQ(receive(wanted)[0].md5_of_message_attributes, sent.md5_of_message_attributes);
  wanted.message_attribute_names.reset();
  EXPECT_FALSE(receive(wanted)[0].message_attributes.has_value());
}

TEST_F(StandardQueue, only_so_many_messages_are_in_flight) {
  service.reset();
  service = std::make_unique<Service>(*store, machine.loop, machine.random,
                                      ServiceOptions{.max_in_flight = 2});
  for (const char* body : {"one", "two", "three"}) send(url, body);
  EXPECT_EQ(receive(url, 10).size(), 2u);
  EXPECT_EQ(error_of([&] { receive(url, 10); }),
            "OverLimit: Too many messages have been received without being deleted. Please delete "
            "your received messages or let them timeout before receiving more.");
  EXPECT_EQ(counts(url), "1/0/2");
}

TEST_F(StandardQueue, whoever_waits_gets_a_message_once_fewer_are_in_flight) {
  service.reset();
  service = std::make_unique<Service>(*store, machine.loop, machine.random,
                                      ServiceOptions{.max_in_flight = 1});
  for (const char* body : {"one", "two"}) send(url, body);
  const Message first = receive(url).at(0);
  const auto waiting = poll({.queue_url = url, .wait_time_seconds = 20});
  advance(seconds(5));
  EXPECT_FALSE(waiting->done());
  remove(url, first);
  EXPECT_THAT(waiting->bodies(), testing::ElementsAre("two"));
}

TEST_F(StandardQueue, a_batch_does_what_it_can_and_reports_the_rest) {
  SendMessageBatchRequest request{.queue_url = url, .entries = {}};
  request.entries.push_back({.id = "good", .message_body = "Metropolis"});
  request.entries.push_back({.id = "bad", .message_body = std::string("\0", 1)});
  request.entries.push_back({.id = "late", .message_body = "M", .delay_seconds = 901});
  const auto response = call(&Service::send_message_batch, request);
  ASSERT_EQ(response.successful.size(), 1u);
  EXPECT_EQ(response.successful[0].id, "good");
  ASSERT_EQ(response.failed.size(), 2u);
  EXPECT_EQ(response.failed[0].id, "bad");
  EXPECT_EQ(response.failed[0].code, "InvalidMessageContents");
  EXPECT_TRUE(response.failed[0].sender_fault);
  EXPECT_EQ(response.failed[1].message,
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 "
            "and <= 900.");
  EXPECT_EQ(counts(url), "1/0/0");
}

TEST_F(StandardQueue, messages_of_a_batch_are_deleted_one_by_one_and_survive_a_crash) {
  SendMessageBatchRequest request{.queue_url = url, .entries = {}};
  for (int i = 0; i < 10; ++i)
    request.entries.push_back({.id = std::to_string(i), .message_body = "m" + std::to_string(i)});
  call(&Service::send_message_batch, request);
  const auto messages = receive(url, 4);
  DeleteMessageBatchRequest deletion{.queue_url = url, .entries = {}};
  for (std::size_t i = 0; i < 3; ++i)
    deletion.entries.push_back(
        {.id = std::to_string(i), .receipt_handle = *messages[i].receipt_handle});
  EXPECT_EQ(call(&Service::delete_message_batch, deletion).successful.size(), 3u);
  EXPECT_EQ(counts(url), "6/0/1");
  kill_and_restart();
  EXPECT_EQ(counts(url), "6/0/1");
  EXPECT_THAT(receive_bodies(url), UnorderedElementsAre("m4", "m5", "m6", "m7", "m8", "m9"));
  remove(url, messages[3]);
  EXPECT_EQ(counts(url), "0/0/6");
}

TEST_F(StandardQueue, a_failed_transaction_leaves_no_trace_in_memory) {
  send(url, "Metropolis");
  {
    storage::Transaction transaction(*store);
    service->send_message(context, {.queue_url = url, .message_body = "Nosferatu"});
  }
  EXPECT_EQ(counts(url), "1/0/0");
  EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
}

}  // namespace matinee::sqs
