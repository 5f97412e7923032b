// Dead-letter queues: who uses them, and how messages come back.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MoveTasks : public SqsTest {
 protected:
  std::string dead = create("dead");
  std::string films = create("films", {{"RedrivePolicy", redrive_policy(dead, 1)}});

  /// Receives each message of the queue once more than it allows.
  void let_fail(const std::string& url, int count) {
    for (int i = 0; i < count; ++i)
      receive({.queue_url = url, .max_number_of_messages = 1, .visibility_timeout = 0});
    EXPECT_THAT(receive_bodies(url), IsEmpty());
  }
  void send_and_fail(int count) {
    for (int i = 0; i < count; ++i) send(films, std::to_string(i));
    let_fail(films, count);
    ASSERT_EQ(attribute(dead, "ApproximateNumberOfMessages"), std::to_string(count));
  }
  std::string begin(const std::string& source, std::optional<std::int32_t> rate = std::nullopt,
                    std::optional<std::string> destination = std::nullopt) {
    return *call(&Service::start_message_move_task,
                 StartMessageMoveTaskRequest{.source_arn = attribute(source, "QueueArn"),
                                             .destination_arn = std::move(destination),
                                             .max_number_of_messages_per_second = rate})
                .task_handle;
  }
  std::vector<ListMessageMoveTasksResultEntry> tasks(const std::string& source) {
    return call(&Service::list_message_move_tasks,
                ListMessageMoveTasksRequest{.source_arn = attribute(source, "QueueArn"),
                                            .max_results = 10})
        .results.value();
  }
  /// "STATUS moved/to move" of the latest task.
  std::string progress(const std::string& source) {
    const auto task = tasks(source).front();
    return *task.status + " " + std::to_string(*task.approximate_number_of_messages_moved) + "/" +
           std::to_string(*task.approximate_number_of_messages_to_move);
  }
  void cancel(const std::string& handle) {
    call(&Service::cancel_message_move_task, CancelMessageMoveTaskRequest{.task_handle = handle});
  }
};

TEST_F(MoveTasks, messages_go_back_to_where_they_came_from_as_new_ones) {
  const std::string plays = create("plays", {{"RedrivePolicy", redrive_policy(dead, 1)}});
  const std::string id = *send(films, "Metropolis").message_id;
  send(plays, "Hamlet");
  let_fail(films, 1);
  let_fail(plays, 1);
  advance(minutes(1));
  begin(dead);
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "COMPLETED 2/2");
  EXPECT_EQ(counts(dead), "0/0/0");
  const Message film = receive(films).at(0);
  EXPECT_EQ(*film.body, "Metropolis");
  EXPECT_NE(*film.message_id, id);
  EXPECT_EQ(film.attributes->at("ApproximateReceiveCount"), "1");
  EXPECT_FALSE(film.attributes->contains("DeadLetterQueueSourceArn"));
  EXPECT_GT(std::stoll(film.attributes->at("SentTimestamp")),
            runtime::to_milliseconds(machine.loop.now() - seconds(2)));
  EXPECT_THAT(receive_bodies(plays), ElementsAre("Hamlet"));
}

TEST_F(MoveTasks, a_task_ends_after_36_hours) {
  send_and_fail(10);
  begin(dead, 1);
  stop();
  advance(std::chrono::hours(36));
  start();
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "FAILED 0/10");
  EXPECT_EQ(tasks(dead).front().failure_reason, "TaskTimeLimitExceeded");
  EXPECT_EQ(counts(dead), "10/0/0");
}

TEST_F(MoveTasks, an_account_has_a_hundred_running_tasks_at_most) {
  const auto begin_at = [&](int i) {
    const std::string source = create("dead-" + std::to_string(i));
    create("films-" + std::to_string(i), {{"RedrivePolicy", redrive_policy(source, 1)}});
    send(source, "0");
    send(source, "1");
    return error_of([&] { begin(source, 1); });
  };
  for (int i = 0; i < 100; ++i) ASSERT_EQ(begin_at(i), "no error");
  EXPECT_EQ(begin_at(100), "OverLimit: 100 message move tasks are active, maximum allowed is 100.");
  context.account = "111111111111";
  EXPECT_EQ(begin_at(101), "no error");
}

TEST_F(MoveTasks, messages_go_to_the_destination_that_was_named) {
  const std::string other = create("other");
  send_and_fail(3);
  begin(dead, std::nullopt, attribute(other, "QueueArn"));
  advance(seconds(1));
  EXPECT_EQ(counts(other), "3/0/0");
  EXPECT_EQ(counts(films), "0/0/0");
  EXPECT_EQ(tasks(dead).front().destination_arn, attribute(other, "QueueArn"));
}

TEST_F(MoveTasks, no_more_messages_a_second_than_was_asked_for) {
  send_and_fail(20);
  const std::string handle = begin(dead, 4);
  EXPECT_EQ(*tasks(dead).front().task_handle, handle);
  EXPECT_EQ(progress(dead), "RUNNING 0/20");
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "RUNNING 4/20");
  advance(seconds(3));
  EXPECT_EQ(progress(dead), "RUNNING 16/20");
  EXPECT_EQ(counts(films), "16/0/0");
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "COMPLETED 20/20");
  EXPECT_FALSE(tasks(dead).front().task_handle.has_value());
}

TEST_F(MoveTasks, a_task_goes_on_after_a_crash_and_moves_each_message_once) {
  send_and_fail(20);
  begin(dead, 5);
  advance(seconds(2));
  ASSERT_EQ(progress(dead), "RUNNING 10/20");
  kill_and_restart();
  EXPECT_EQ(progress(dead), "RUNNING 10/20");
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "RUNNING 15/20");
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "COMPLETED 20/20");
  EXPECT_EQ(counts(films), "20/0/0");
  EXPECT_EQ(counts(dead), "0/0/0");
  kill_and_restart();
  EXPECT_EQ(progress(dead), "COMPLETED 20/20");
}

TEST_F(MoveTasks, a_cancelled_task_moves_no_more) {
  send_and_fail(5);
  const std::string handle = begin(dead, 1);
  advance(seconds(2));
  cancel(handle);
  advance(seconds(10));
  EXPECT_EQ(progress(dead), "CANCELLED 2/5");
  EXPECT_EQ(counts(dead), "3/0/0");
  EXPECT_THAT(error_of([&] { cancel(handle); }), HasSubstr("UnsupportedOperation"));
  kill_and_restart();
  advance(seconds(10));
  EXPECT_EQ(progress(dead), "CANCELLED 2/5");
}

TEST_F(MoveTasks, a_long_queue_moves_in_steps_that_let_others_in_between) {
  send_and_fail(250);
  begin(dead);
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "COMPLETED 250/250");
  EXPECT_EQ(counts(films), "250/0/0");
}

TEST_F(MoveTasks, a_message_of_unknown_origin_fails_the_task_and_stays) {
  send(dead, "sent there");
  begin(dead);
  advance(seconds(1));
  EXPECT_EQ(progress(dead), "FAILED 0/1");
  EXPECT_EQ(tasks(dead).front().failure_reason, "CouldNotDetermineMessageSource");
  EXPECT_EQ(counts(dead), "1/0/0");
}

TEST_F(MoveTasks, a_waiting_receive_gets_what_is_moved) {
  send_and_fail(1);
  const auto polling = poll({.queue_url = films, .wait_time_seconds = 20});
  begin(dead);
  advance(seconds(1));
  EXPECT_THAT(polling->bodies(), ElementsAre("0"));
}

TEST_F(MoveTasks, a_group_keeps_its_order_on_the_way_back) {
  const std::string fifo_dead = create_fifo("dead.fifo");
  const std::string fifo =
      create_fifo("films.fifo", {{"RedrivePolicy", redrive_policy(fifo_dead, 1)}});
  for (const char* body : {"1", "2", "3"}) send_to_group(fifo, "a", body);
  let_fail(fifo, 3);
  ASSERT_EQ(counts(fifo_dead), "3/0/0");
  begin(fifo_dead);
  advance(seconds(1));
  EXPECT_THAT(receive_bodies(fifo), ElementsAre("1", "2", "3"));
}

TEST_F(MoveTasks, wrong_requests_are_refused) {
  const std::string arn = attribute(dead, "QueueArn");
  EXPECT_THAT(error_of([&] { begin(films); }), HasSubstr("InvalidParameterValue: Source queue"));
  EXPECT_THAT(error_of([&] { begin(dead, 0); }), HasSubstr("InvalidParameterValue"));
  EXPECT_THAT(error_of([&] { begin(dead, 501); }), HasSubstr("InvalidParameterValue"));
  EXPECT_THAT(error_of([&] { begin(dead, std::nullopt, arn); }), HasSubstr("cannot be the same"));
  EXPECT_THAT(error_of([&] { begin(dead, std::nullopt, arn + "x"); }),
              HasSubstr("ResourceNotFoundException"));
  EXPECT_THAT(error_of([&] { begin(dead, std::nullopt, "x"); }),
              HasSubstr("InvalidParameterValue"));
  const std::string fifo = create_fifo("x.fifo");
  EXPECT_THAT(error_of([&] { begin(dead, std::nullopt, attribute(fifo, "QueueArn")); }),
              HasSubstr("same type"));
  send_and_fail(2);
  begin(dead, 1);
  EXPECT_THAT(error_of([&] { begin(dead, 1); }), HasSubstr("already a task running"));
  EXPECT_THAT(error_of([&] { cancel("nonsense"); }), HasSubstr("InvalidParameterValue"));
  EXPECT_THAT(error_of([&] { cancel("eyJ0YXNrSWQiOiIxIn0="); }),
              HasSubstr("ResourceNotFoundException"));
}

TEST_F(MoveTasks, a_queue_remembers_its_ten_latest_tasks_and_takes_them_with_it) {
  for (int i = 0; i < 12; ++i) {
    begin(dead);
    advance(seconds(1));
  }
  EXPECT_EQ(tasks(dead).size(), 10u);
  send_and_fail(2);
  begin(dead, 1);
  call(&Service::delete_queue, DeleteQueueRequest{.queue_url = dead});
  advance(minutes(2));
  dead = create("dead");
  EXPECT_THAT(tasks(dead), IsEmpty());
}

TEST_F(MoveTasks, source_queues_of_a_dead_letter_queue_are_listed_in_pages) {
  for (const char* name : {"a", "b", "c", "unrelated"}) {
    const bool related = std::string_view(name).size() == 1;
    create(name, related ? Attributes{{"RedrivePolicy", redrive_policy(dead, 3)}} : Attributes{});
  }
  std::vector<std::string> names;
  std::optional<std::string> token;
  int pages = 0;
  do {
    const auto page = call(&Service::list_dead_letter_source_queues,
                           ListDeadLetterSourceQueuesRequest{
                               .queue_url = dead, .next_token = token, .max_results = 2});
    for (const std::string& url : page.queue_urls) names.push_back(url.substr(url.rfind('/') + 1));
    token = page.next_token;
    ++pages;
  } while (token);
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "films"));
  EXPECT_EQ(pages, 2);
  EXPECT_THAT(error_of([&] {
                call(&Service::list_dead_letter_source_queues,
                     ListDeadLetterSourceQueuesRequest{.queue_url = dead, .max_results = 1001});
              }),
              HasSubstr("InvalidParameterValue"));
}

}  // namespace matinee::sqs
