// Why a message is not received.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using services::Explanation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class ExplainedQueues : public SqsTest {
 protected:
  Explanation explain(const std::string& queue, services::Question question) {
    question.resource = "arn:aws:sqs:us-east-1:000000000000:" + queue;
    std::optional<Explanation> found;
    std::exception_ptr failure;
    runtime::start(service->explain(context, std::move(question)),
                   [&](std::optional<Explanation> result, std::exception_ptr error) {
                     found = std::move(result);
                     failure = error;
                   });
    machine.loop.run_until_idle();
    if (failure) std::rethrow_exception(failure);
    return *found;
  }
  Explanation of_message(const std::string& queue, const std::string& id) {
    return explain(queue, {.resource = "", .message_id = id});
  }
};

}  // namespace

TEST_F(ExplainedQueues, a_message_can_be_received_is_in_flight_or_delayed) {
  const std::string url = create("films");
  const std::string id = *send(url, "Metropolis").message_id;
  Explanation found = of_message("films", id);
  EXPECT_TRUE(found.holds);
  EXPECT_THAT(found.sentences,
              ElementsAre("Message " + id +
                              " is in queue films; it was sent at "
                              "2024-01-01T00:00:00Z.",
                          "It can be received now, and nobody has received it yet.",
                          "The queue keeps it until 2024-01-05T00:00:00Z (in 4 d 0 h)."));
  receive(url);
  found = of_message("films", id);
  EXPECT_THAT(found.sentences,
              Contains("It is in flight: it has been received once, and others do not see it until "
                       "2024-01-01T00:00:30Z (in 30 s), unless it is deleted before."));
  EXPECT_THAT(found.remedies, Contains(HasSubstr("matinee clock advance 30s")));
  advance(seconds(30));
  EXPECT_THAT(of_message("films", id).sentences,
              Contains("It can be received now; it has been received once and was not deleted."));
  const auto delayed =
      call(&Service::send_message,
           SendMessageRequest{.queue_url = url, .message_body = "M", .delay_seconds = 300});
  EXPECT_THAT(of_message("films", *delayed.message_id).sentences,
              Contains("It is delayed until 2024-01-01T00:05:30Z (in 5 m 0 s)."));
}

TEST_F(ExplainedQueues, a_message_waits_for_its_group) {
  const std::string url = create_fifo("films.fifo");
  const std::string first = *send_to_group(url, "silent", "Metropolis").message_id;
  const std::string second = *send_to_group(url, "silent", "Nosferatu").message_id;
  receive(url, 1);
  EXPECT_THAT(of_message("films.fifo", second).sentences,
              Contains("It has to wait for message " + first +
                       " of its group \"silent\", which is in flight until "
                       "2024-01-01T00:00:30Z (in 30 s): a group's messages are given in their "
                       "order."));
}

TEST_F(ExplainedQueues, a_message_is_found_by_its_text_among_thousands) {
  const std::string url = create("films");
  for (int i = 0; i < 2000; ++i) send(url, "film " + std::to_string(i) + ".");
  EXPECT_TRUE(explain("films", {.resource = "", .body_part = "film 1999."}).holds);
  const Explanation none = explain("films", {.resource = "", .body_part = "film 2000."});
  EXPECT_FALSE(none.holds);
  EXPECT_THAT(none.sentences,
              ElementsAre("There is no such message in queue films, which has 2000 that can be "
                          "received, 0 in flight and 0 delayed."));
}

TEST_F(ExplainedQueues, a_dead_letter_tells_where_it_came_from) {
  const std::string dead = create("dead");
  const std::string url =
      create("films", {{"RedrivePolicy", redrive_policy(dead, 1)}, {"VisibilityTimeout", "10"}});
  const std::string id = *send(url, "Metropolis").message_id;
  EXPECT_THAT(of_message("films", id).sentences,
              Contains("After 1 receive it goes to the dead-letter queue dead."));
  receive(url);
  advance(seconds(10));
  receive(url);
  EXPECT_FALSE(of_message("films", id).holds);
  EXPECT_THAT(
      of_message("dead", id).sentences,
      Contains("It came here as a dead letter of arn:aws:sqs:us-east-1:000000000000:films."));
}

TEST_F(ExplainedQueues, there_has_to_be_a_queue) {
  EXPECT_THROW(of_message("films", "1"), protocol::ServiceError);
}

}  // namespace matinee::sqs
