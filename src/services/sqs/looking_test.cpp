// What people see of a queue, and do with single messages of it, without receiving them.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using services::QueuedState;
using services::SeenMessage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

class LookedAtQueues : public SqsTest {
 protected:
  static std::string arn(const std::string& queue) {
    return "arn:aws:sqs:us-east-1:000000000000:" + queue;
  }
  services::QueuePage look(const std::string& queue, std::size_t most = 50,
                           const std::string& after = "") {
    return run(service->look(context, {.queue_arn = arn(queue), .after = after, .most = most}),
               [] {});
  }
  /// What a task gives; `meanwhile` happens between its first turn and the others.
  template <class Result>
  Result run(runtime::Task<Result> task, runtime::Callback meanwhile) {
    std::optional<Result> found;
    std::exception_ptr failure;
    runtime::start(std::move(task), [&](std::optional<Result> result, std::exception_ptr error) {
      found = std::move(result);
      failure = error;
    });
    const bool takes_turns = !found && !failure;
    machine.loop.post([&] {
      if (takes_turns) meanwhile();
    });
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    if (failure) std::rethrow_exception(failure);
    return *std::move(found);
  }
  void let_work_take_time() { machine.loop.let_looking_take(runtime::Turns::length / 4); }
  std::vector<std::string> bodies(const std::string& queue) {
    std::vector<std::string> found;
    for (const SeenMessage& message : look(queue).messages) found.push_back(message.body);
    return found;
  }
  std::vector<std::string> remove(const std::string& queue,
                                  const std::vector<std::string>& handles) {
    storage::Transaction transaction(*store);
    std::vector<std::string> gone = service->delete_queued(context, arn(queue), handles);
    transaction.commit();
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    return gone;
  }
  std::vector<std::string> move(const std::string& queue, const std::string& target,
                                const std::vector<std::string>& handles) {
    storage::Transaction transaction(*store);
    std::vector<std::string> gone = service->move_queued(
        context, {.queue_arn = arn(queue), .target_arn = target, .handles = handles});
    transaction.commit();
    machine.loop.run_until_idle();
    EXPECT_TRUE(store->flush().has_value());
    return gone;
  }
};

}  // namespace

TEST_F(LookedAtQueues, messages_are_shown_in_their_states_and_not_received) {
  const std::string url = create("films");
  send(url, "Metropolis");
  call(&Service::send_message,
       SendMessageRequest{.queue_url = url, .message_body = "M", .delay_seconds = 300});
  for (int i = 0; i < 2; ++i) {
    const services::QueuePage page = look("films");
    ASSERT_THAT(page.messages, SizeIs(2));
    EXPECT_EQ(page.messages[0].state, QueuedState::visible);
    EXPECT_EQ(page.messages[0].receives, 0U);
    EXPECT_EQ(page.messages[1].state, QueuedState::delayed);
    EXPECT_EQ(page.messages[1].reason, "It is delayed until 2024-01-01T00:05:00Z.");
    EXPECT_EQ(page.summary.visible, 1U);
    EXPECT_EQ(page.summary.delayed, 1U);
  }
  receive(url);
  const SeenMessage seen = look("films").messages[0];
  EXPECT_EQ(seen.state, QueuedState::in_flight);
  EXPECT_EQ(seen.reason, "It is in flight until 2024-01-01T00:00:30Z: it has been received once.");
  advance(seconds(30));
  EXPECT_EQ(look("films").messages[0].state, QueuedState::visible);
}

TEST_F(LookedAtQueues, a_message_of_a_group_waits_behind_the_first_that_is_hidden) {
  const std::string url = create_fifo("films.fifo");
  for (const char* body : {"first", "second", "third"}) send_to_group(url, "a", body);
  send_to_group(url, "b", "free");
  receive(url);
  const services::QueuePage page = look("films.fifo");
  const std::string& first = page.messages[0].id;
  EXPECT_EQ(page.messages[0].state, QueuedState::in_flight);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(page.messages[i].state, QueuedState::behind);
    EXPECT_EQ(page.messages[i].blocker, first);
    EXPECT_THAT(page.messages[i].reason, HasSubstr("waits behind message " + first));
  }
  EXPECT_EQ(page.messages[3].state, QueuedState::visible);
  // A page that begins behind the blocker knows it all the same.
  EXPECT_EQ(look("films.fifo", 1, page.messages[1].handle).messages[0].blocker, first);
}

TEST_F(LookedAtQueues, pages_follow_each_other_to_the_end) {
  const std::string url = create("films");
  for (int i = 0; i < 5; ++i) send(url, std::to_string(i));
  std::vector<std::string> seen;
  std::string after;
  for (;;) {
    const services::QueuePage page = look("films", 2, after);
    for (const SeenMessage& message : page.messages) seen.push_back(message.body);
    if (!page.next) break;
    after = *page.next;
  }
  EXPECT_THAT(seen, ElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(LookedAtQueues, a_page_goes_on_where_its_last_message_is_gone) {
  const std::string url = create("films");
  for (int i = 0; i < 6; ++i) send(url, std::to_string(i));
  const services::QueuePage first = look("films", 2);
  ASSERT_TRUE(first.next);
  EXPECT_THAT(remove("films", {first.messages[0].handle, *first.next}), IsEmpty());
  const services::QueuePage second = look("films", 3, *first.next);
  EXPECT_EQ(second.messages[0].body, "2");
  remove("films", {second.messages[1].handle, second.messages[2].handle});
  ASSERT_TRUE(second.next);
  const services::QueuePage third = look("films", 3, *second.next);
  ASSERT_THAT(third.messages, SizeIs(1));
  EXPECT_EQ(third.messages[0].body, "5");
  remove("films", {third.messages[0].handle});
  EXPECT_THAT(look("films", 3, *second.next).messages, IsEmpty());
}

TEST_F(LookedAtQueues, a_cursor_outlasts_a_restart) {
  const std::string url = create("films");
  for (int i = 0; i < 4; ++i) send(url, std::to_string(i));
  receive(url);
  const services::QueuePage page = look("films", 2);
  remove("films", {page.messages[0].handle});
  kill_and_restart();
  const services::QueuePage rest = look("films", 9, *page.next);
  ASSERT_THAT(rest.messages, SizeIs(2));
  EXPECT_EQ(rest.messages[0].body, "2");
}

TEST_F(LookedAtQueues, a_long_page_takes_turns_and_bears_what_happens_between_them) {
  const std::string url = create_fifo("films.fifo");
  for (int i = 0; i < 20; ++i) send_to_group(url, "a", std::to_string(i));
  receive(url);
  const std::vector<SeenMessage> all = look("films.fifo").messages;
  let_work_take_time();
  bool happened = false;
  const services::QueuePage page =
      run(service->look(context, {.queue_arn = arn("films.fifo")}), [&] {
        happened = true;
        storage::Transaction transaction(*store);
        service->delete_queued(context, arn("films.fifo"), {all[0].handle, all[9].handle});
        transaction.commit();
      });
  ASSERT_TRUE(happened);
  ASSERT_THAT(page.messages, SizeIs(19));
  EXPECT_EQ(page.messages[1].state, QueuedState::behind);
  EXPECT_EQ(page.messages[9].body, "10");
  // Whom it waited for has gone.
  EXPECT_EQ(page.messages[9].state, QueuedState::visible);
}

TEST_F(LookedAtQueues, a_queue_that_goes_while_it_is_looked_at_is_no_more) {
  const std::string url = create("films");
  for (int i = 0; i < 20; ++i) send(url, std::to_string(i));
  let_work_take_time();
  const auto remove_queue = [&] {
    storage::Transaction transaction(*store);
    service->delete_queue(context, {.queue_url = url});
    transaction.commit();
  };
  EXPECT_THROW(run(service->look(context, {.queue_arn = arn("films")}), remove_queue),
               QueueDoesNotExist);
}

TEST_F(LookedAtQueues, all_queues_are_looked_at_in_turns_whatever_becomes_of_them) {
  for (char name = 'a'; name <= 'l'; ++name) create(std::string(1, name));
  let_work_take_time();
  const auto change = [&] {
    storage::Transaction transaction(*store);
    service->create_queue(context, {.queue_name = "new"});
    // The last that was looked at is one of these.
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
      service->delete_queue(context, {.queue_url = "/000000000000/" + std::string(name)});
    transaction.commit();
  };
  std::string names;
  for (const services::QueueSummary& queue : run(service->summaries(context), change))
    names += queue.name;
  EXPECT_THAT(names, testing::MatchesRegex("ab?c?d?e?f?g?h?ijklnew"));
}

TEST_F(LookedAtQueues, a_page_has_a_length) {
  const std::string url = create("films");
  const std::string body(1 << 20, 'x');
  for (int i = 0; i < 6; ++i) send(url, body);
  const services::QueuePage page = look("films");
  EXPECT_THAT(page.messages, SizeIs(4));
  ASSERT_TRUE(page.next);
  EXPECT_THAT(look("films", 50, *page.next).messages, SizeIs(2));
}

TEST_F(LookedAtQueues, single_messages_are_deleted_in_any_state_for_good) {
  const std::string url = create("films");
  for (const char* body : {"one", "two", "three"}) send(url, body);
  receive(url);
  const services::QueuePage page = look("films");
  EXPECT_THAT(remove("films", {page.messages[0].handle, page.messages[2].handle}), IsEmpty());
  EXPECT_THAT(bodies("films"), ElementsAre("two"));
  EXPECT_THAT(remove("films", {page.messages[0].handle}), ElementsAre(page.messages[0].handle));
  kill_and_restart();
  EXPECT_THAT(bodies("films"), ElementsAre("two"));
  EXPECT_THROW(remove("films", {"no handle"}), InvalidParameterValueException);
}

TEST_F(LookedAtQueues, dead_letters_go_back_where_they_came_from_one_by_one) {
  create("dead");
  const std::string url = create(
      "films",
      {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + arn("dead") + R"(","maxReceiveCount":1})"},
       {"VisibilityTimeout", "0"}});
  send(url, "one");
  send(url, "two");
  for (int i = 0; i < 4; ++i) receive(url);
  ASSERT_THAT(bodies("dead"), ElementsAre("one", "two"));
  EXPECT_THAT(move("dead", "", {look("dead").messages[1].handle}), IsEmpty());
  EXPECT_THAT(bodies("films"), ElementsAre("two"));
  EXPECT_EQ(look("films").messages[0].receives, 0U);
  EXPECT_THAT(bodies("dead"), ElementsAre("one"));
  // One that was no dead letter needs a place to go to.
  const std::string handle = look("films").messages[0].handle;
  EXPECT_THROW(move("films", "", {handle}), InvalidParameterValueException);
  EXPECT_THROW(move("films", arn("films"), {handle}), InvalidParameterValueException);
  EXPECT_THAT(move("films", arn("dead"), {handle}), IsEmpty());
  EXPECT_THAT(bodies("dead"), ElementsAre("one", "two"));
}

}  // namespace matinee::sqs
