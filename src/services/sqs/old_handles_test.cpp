// Receipt handles of earlier receives. On a standard queue an old one deletes nothing, and says so
// by a success, but changes the visibility of its message as the latest one does; on a FIFO queue,
// whose handles end with their visibility timeout, it is refused.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OldHandles : public SqsTest {
 protected:
  std::string standard = create("films", {{"VisibilityTimeout", "30"}});
  std::string fifo = create_fifo("films.fifo", {{"VisibilityTimeout", "30"}});

  std::string error_of_delete(const std::string& url, const Message& message) {
    return error_of([&] { remove(url, message); });
  }
  std::string error_of_hide(const std::string& url, const Message& message) {
    return error_of([&] { hide(url, message, 60); });
  }
  std::string expired(const Message& message) {
    return "InvalidParameterValue: Value " + *message.receipt_handle +
           " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.";
  }
};

TEST_F(OldHandles, on_a_standard_queue_the_latest_handle_deletes_after_its_timeout) {
  send(standard, "m");
  const Message message = receive(standard).at(0);
  advance(seconds(31));
  EXPECT_EQ(counts(standard), "1/0/0");
  remove(standard, message);
  EXPECT_EQ(counts(standard), "0/0/0");
}

TEST_F(OldHandles, on_a_standard_queue_an_older_handle_deletes_nothing_without_an_error) {
  send(standard, "m");
  const Message old = receive(standard).at(0);
  advance(seconds(31));
  const Message latest = receive(standard).at(0);
  EXPECT_NE(*old.receipt_handle, *latest.receipt_handle);
  EXPECT_EQ(error_of_delete(standard, old), "no error");
  EXPECT_EQ(counts(standard), "0/0/1");
  remove(standard, latest);
  EXPECT_EQ(counts(standard), "0/0/0");
}

TEST_F(OldHandles, on_a_standard_queue_a_message_that_is_visible_again_is_hidden_by_any_handle) {
  send(standard, "m");
  const Message old = receive(standard).at(0);
  advance(seconds(31));
  EXPECT_EQ(counts(standard), "1/0/0");
  hide(standard, old, 60);
  EXPECT_EQ(counts(standard), "0/0/1");
  EXPECT_THAT(receive(standard), IsEmpty());
  advance(seconds(60));
  const Message latest = receive(standard).at(0);
  advance(seconds(31));
  hide(standard, old, 10);
  EXPECT_EQ(counts(standard), "0/0/1");
  advance(seconds(10));
  EXPECT_EQ(counts(standard), "1/0/0");
  remove(standard, latest);
  EXPECT_EQ(counts(standard), "0/0/0");
}

TEST_F(OldHandles, on_a_standard_queue_an_older_handle_changes_what_a_later_receive_has_hidden) {
  send(standard, "m");
  const Message old = receive(standard).at(0);
  advance(seconds(31));
  receive(standard);
  hide(standard, old, 100);
  advance(seconds(99));
  EXPECT_EQ(counts(standard), "0/0/1");
  hide(standard, old, 0);
  EXPECT_EQ(counts(standard), "1/0/0");
  hide(standard, old, 0);
  EXPECT_EQ(receive_bodies(standard).size(), 1u);
}

TEST_F(OldHandles, what_was_hidden_once_more_stays_so_across_a_crash) {
  for (const char* body : {"1", "2", "3"}) send(standard, body);
  const auto messages = receive(standard, 3);
  advance(seconds(31));
  hide(standard, messages.at(1), 100);
  kill_and_restart();
  EXPECT_EQ(counts(standard), "2/0/1");
  hide(standard, messages.at(0), 100);
  kill_and_restart();
  EXPECT_EQ(counts(standard), "1/0/2");
  EXPECT_THAT(receive_bodies(standard), testing::ElementsAre("3"));
  advance(seconds(100));
  EXPECT_EQ(counts(standard), "3/0/0");
}

TEST_F(OldHandles, in_a_batch_too_any_handle_hides_a_message_of_a_standard_queue) {
  send(standard, "m");
  const Message message = receive(standard).at(0);
  advance(seconds(31));
  const auto response = call(
      &Service::change_message_visibility_batch,
      ChangeMessageVisibilityBatchRequest{
          .queue_url = standard,
          .entries = {
              {.id = "a", .receipt_handle = *message.receipt_handle, .visibility_timeout = 60}}});
  EXPECT_THAT(response.failed, IsEmpty());
  EXPECT_EQ(counts(standard), "0/0/1");
}

TEST_F(OldHandles, hiding_a_message_of_a_group_again_hides_it_behind_no_other) {
  for (const char* body : {"1", "2"})
    call(&Service::send_message,
         SendMessageRequest{.queue_url = standard, .message_body = body, .message_group_id = "g"});
  const auto messages = receive(standard, 2);
  advance(seconds(31));
  hide(standard, messages.at(0), 60);
  EXPECT_THAT(receive_bodies(standard), testing::ElementsAre("2"));
  advance(seconds(60));
  EXPECT_THAT(receive_bodies(standard), testing::UnorderedElementsAre("1", "2"));
}

TEST_F(OldHandles, on_a_fifo_queue_a_handle_ends_with_its_timeout) {
  send_to_group(fifo, "g", "m");
  const Message message = receive(fifo).at(0);
  advance(seconds(31));
  EXPECT_EQ(error_of_delete(fifo, message), expired(message));
  EXPECT_EQ(error_of_hide(fifo, message), expired(message));
  EXPECT_EQ(counts(fifo), "1/0/0");
}

TEST_F(OldHandles, on_a_fifo_queue_an_older_handle_does_not_touch_what_another_has_received) {
  send_to_group(fifo, "g", "m");
  const Message old = receive(fifo).at(0);
  advance(seconds(31));
  const Message latest = receive(fifo).at(0);
  EXPECT_EQ(error_of_delete(fifo, old), expired(old));
  EXPECT_EQ(error_of_hide(fifo, old), expired(old));
  EXPECT_EQ(counts(fifo), "0/0/1");
  remove(fifo, latest);
  EXPECT_EQ(counts(fifo), "0/0/0");
}

TEST_F(OldHandles, a_longer_timeout_lengthens_the_life_of_a_fifo_handle) {
  send_to_group(fifo, "g", "m");
  const Message message = receive(fifo).at(0);
  hide(fifo, message, 100);
  advance(seconds(99));
  remove(fifo, message);
  EXPECT_EQ(counts(fifo), "0/0/0");
}

TEST_F(OldHandles, a_batch_tells_of_an_expired_handle_and_deletes_the_rest) {
  send_to_group(fifo, "a", "1");
  const Message old = receive(fifo).at(0);
  advance(seconds(31));
  send_to_group(fifo, "b", "2");
  receive(fifo);
  const Message latest = receive(fifo).at(0);
  const auto response =
      call(&Service::delete_message_batch,
           DeleteMessageBatchRequest{
               .queue_url = fifo,
               .entries = {{.id = "old", .receipt_handle = *old.receipt_handle},
                           {.id = "new", .receipt_handle = *latest.receipt_handle}}});
  ASSERT_THAT(response.failed, SizeIs(1));
  EXPECT_EQ(response.failed[0].id, "old");
  EXPECT_EQ(response.failed[0].code, "ReceiptHandleIsInvalid");
  EXPECT_EQ(response.failed[0].message, "The receipt handle has expired.");
  EXPECT_TRUE(response.failed[0].sender_fault);
  ASSERT_THAT(response.successful, SizeIs(1));
  EXPECT_EQ(response.successful[0].id, "new");
}

TEST_F(OldHandles, the_rules_hold_for_handles_from_before_a_restart) {
  send(standard, "s");
  send_to_group(fifo, "g", "f");
  const Message old_standard = receive(standard).at(0);
  const Message old_fifo = receive(fifo).at(0);
  advance(seconds(31));
  const Message standard_message = receive(standard).at(0);
  const Message fifo_message = receive(fifo).at(0);
  kill_and_restart();
  EXPECT_EQ(error_of_delete(standard, old_standard), "no error");
  EXPECT_EQ(error_of_delete(fifo, old_fifo), expired(old_fifo));
  EXPECT_EQ(counts(standard) + " " + counts(fifo), "0/0/1 0/0/1");
  hide(standard, standard_message, 100);
  hide(fifo, fifo_message, 100);
  kill_and_restart();
  advance(seconds(90));
  remove(standard, standard_message);
  remove(fifo, fifo_message);
  EXPECT_EQ(counts(standard) + " " + counts(fifo), "0/0/0 0/0/0");
}

TEST_F(OldHandles, a_handle_ends_while_the_server_is_away) {
  send(standard, "s");
  send_to_group(fifo, "g", "f");
  const Message of_standard = receive(standard).at(0);
  const Message of_fifo = receive(fifo).at(0);
  stop();
  advance(seconds(31));
  start();
  EXPECT_EQ(error_of_delete(fifo, of_fifo), expired(of_fifo));
  EXPECT_EQ(error_of_delete(standard, of_standard), "no error");
  EXPECT_EQ(counts(standard) + " " + counts(fifo), "0/0/0 1/0/0");
}

TEST_F(OldHandles, what_is_gone_is_deleted_once_more_without_an_error_even_after_a_restart) {
  send(standard, "s");
  send_to_group(fifo, "g", "f");
  const Message of_standard = receive(standard).at(0);
  const Message of_fifo = receive(fifo).at(0);
  remove(standard, of_standard);
  remove(fifo, of_fifo);
  kill_and_restart();
  EXPECT_EQ(error_of_delete(standard, of_standard), "no error");
  EXPECT_EQ(error_of_delete(fifo, of_fifo), "no error");
  EXPECT_THAT(error_of_hide(standard, of_standard), HasSubstr("Message does not exist"));
  EXPECT_THAT(error_of_hide(fifo, of_fifo), HasSubstr("Message does not exist"));
}

TEST_F(OldHandles, the_handle_of_a_message_in_the_dead_letter_queue_no_longer_finds_it) {
  const std::string dead = create("dead");
  set(standard, "RedrivePolicy", redrive_policy(dead, 1));
  send(standard, "m");
  const Message message = receive(standard).at(0);
  advance(seconds(31));
  EXPECT_THAT(receive(standard), IsEmpty());
  EXPECT_EQ(error_of_delete(standard, message), "no error");
  EXPECT_THAT(error_of([&] { remove(dead, message); }), HasSubstr("ReceiptHandleIsInvalid"));
  EXPECT_EQ(counts(dead), "1/0/0");
}

}  // namespace matinee::sqs
