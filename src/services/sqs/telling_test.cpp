// What queues tell the journal of messages.
#include <gmock/gmock.h>

#include <set>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using services::HopKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

class KeptHops final : public services::Journal {
 public:
  struct Kept {
    HopKind kind;
    std::string resource;
    std::string peer;
    std::string reason;
    std::string caller;
    std::vector<std::string> ids;
    std::vector<std::string> causes = {};
  };
  std::vector<Kept> hops;
  bool all = true;
  std::set<std::string, std::less<>> wanted;  // where not all are

  bool keeps_all() const override { return all; }
  bool wants(std::string_view, std::string_view message) const override {
    return all || wanted.contains(message);
  }
  bool wants_new(std::string_view, std::string_view) const override { return all; }
  void note(const services::Hop& hop) override {
    Kept kept{.kind = hop.kind,
              .resource = std::string(hop.resource),
              .peer = std::string(hop.peer),
              .reason = std::string(hop.reason),
              .caller = std::string(hop.caller),
              .ids = {}};
    for (const services::HopMessage& message : hop.messages) {
      kept.ids.emplace_back(message.id);
      kept.causes.emplace_back(message.cause);
    }
    hops.push_back(std::move(kept));
  }
  std::map<std::string, std::string, std::less<>> bodies;  // by id
  std::set<std::string, std::less<>> secrets;
  std::map<std::string, std::string, std::less<>> by_place;  // by ARN and id
  void keep(const services::Payload& payload) override {
    by_place[fmt::format("{} {}", payload.resource, payload.id)] = payload.body;
    bodies[std::string(payload.id)] =
        fmt::format("{}{}", std::string(payload.body), std::string(payload.settings));
  }
  void withhold(std::string_view id) override { secrets.emplace(id); }
  bool is_withheld(std::string_view id) const override { return secrets.contains(id); }

  std::vector<HopKind> kinds() const {
    std::vector<HopKind> kinds;
    for (const Kept& hop : hops) kinds.push_back(hop.kind);
    return kinds;
  }
};

class QueuesTell : public SqsTest {
 protected:
  QueuesTell() {
    service->use_journal(journal);
    context.caller_arn = "arn:aws:iam::000000000000:user/mia";
  }

  /// Of a message "Metropolis" that is received twice, ten seconds apart, and not deleted.
  std::string give_up(const std::string& url) {
    const std::string id = *send(url, "Metropolis").message_id;
    receive(url);
    advance(seconds(10));
    receive(url);
    return id;
  }

  KeptHops journal;
};

}  // namespace

TEST_F(QueuesTell, the_life_of_a_message_from_its_sender_to_its_deletion) {
  const std::string url = create("films");
  const std::string id = *send(url, "Metropolis").message_id;
  const std::vector<Message> messages = receive(url);
  hide(url, messages[0], 60);
  hide(url, messages[0], 0);
  remove(url, receive(url)[0]);
  EXPECT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::received, HopKind::hidden,
                                           HopKind::returned, HopKind::received, HopKind::deleted));
  for (const KeptHops::Kept& hop : journal.hops) {
    EXPECT_EQ(hop.resource, "arn:aws:sqs:us-east-1:000000000000:films");
    EXPECT_EQ(hop.caller, "arn:aws:iam::000000000000:user/mia");
    EXPECT_THAT(hop.ids, ElementsAre(id));
  }
  EXPECT_EQ(journal.hops[1].reason, "hidden from others until 2024-01-01T00:00:30Z");
  EXPECT_EQ(journal.hops[2].reason, "hidden from others until 2024-01-01T00:01:00Z");
}

TEST_F(QueuesTell, a_batch_is_one_hop) {
  const std::string url = create("films");
  call(&Service::send_message_batch,
       SendMessageBatchRequest{.queue_url = url,
                               .entries = {{.id = "a", .message_body = "Metropolis"},
                                           {.id = "b", .message_body = "M"}}});
  ASSERT_THAT(journal.hops, SizeIs(1));
  EXPECT_THAT(journal.hops[0].ids, SizeIs(2));
  receive(url, 10);
  ASSERT_THAT(journal.hops, SizeIs(2));
  EXPECT_EQ(journal.hops[0].ids, journal.hops[1].ids);
}

TEST_F(QueuesTell, a_duplicate_and_that_it_is_one) {
  const std::string url = create_fifo("films.fifo");
  const std::string id = *send_to_group(url, "g", "Metropolis").message_id;
  send_to_group(url, "g", "Metropolis");
  EXPECT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::duplicate));
  EXPECT_THAT(journal.hops[1].ids, ElementsAre(id));
  EXPECT_THAT(journal.hops[1].reason, HasSubstr("deduplication id"));
}

TEST_F(QueuesTell, what_a_message_that_moves_has_in_it_also_where_it_came_to) {
  const std::string dead = create("dead");
  const std::string url =
      create("films", {{"RedrivePolicy", redrive_policy(dead, 1)}, {"VisibilityTimeout", "10"}});
  const std::string id = give_up(url);
  const std::string queues = "arn:aws:sqs:us-east-1:000000000000:";
  EXPECT_EQ(journal.by_place[queues + "dead " + id], "Metropolis");
  call(&Service::start_message_move_task,
       StartMessageMoveTaskRequest{.source_arn = queues + "dead"});
  advance(seconds(1));
  const Message back = receive(url).at(0);
  const auto moved = std::ranges::find(journal.hops, HopKind::moved, &KeptHops::Kept::kind);
  ASSERT_NE(moved, journal.hops.end());
  EXPECT_THAT(moved->ids, ElementsAre(*back.message_id));
  EXPECT_THAT(moved->causes, ElementsAre(id));
  EXPECT_EQ(journal.by_place[queues + "films " + *back.message_id], "Metropolis");
}

TEST_F(QueuesTell, why_a_message_went_to_the_dead_letter_queue) {
  const std::string dead = create("dead");
  const std::string url =
      create("films", {{"RedrivePolicy", redrive_policy(dead, 1)}, {"VisibilityTimeout", "10"}});
  const std::string id = give_up(url);
  remove(dead, receive(dead)[0]);
  EXPECT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::received, HopKind::dead_lettered,
                                           HopKind::received, HopKind::deleted));
  EXPECT_EQ(journal.hops[2].peer, "arn:aws:sqs:us-east-1:000000000000:dead");
  EXPECT_EQ(journal.hops[2].caller, "");
  EXPECT_EQ(
      journal.hops[2].reason,
      "it was received 1 time and not deleted: as often as the queue's redrive policy allows");
  EXPECT_THAT(journal.hops[4].ids, ElementsAre(id)) << "it keeps its id";
}

TEST_F(QueuesTell, that_messages_grew_too_old_or_were_purged) {
  const std::string url = create("films", {{"MessageRetentionPeriod", "60"}});
  const std::string id = *send(url, "Metropolis").message_id;
  advance(seconds(61));
  receive(url);
  ASSERT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::expired));
  EXPECT_THAT(journal.hops[1].ids, ElementsAre(id));
  EXPECT_EQ(journal.hops[1].reason, "the queue keeps messages for 60 seconds");
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  EXPECT_EQ(journal.hops.back().reason, "all messages were purged");
}

TEST_F(QueuesTell, that_messages_go_with_what_comes_where_nobody_reads) {
  const std::string url = create("films", {{"MessageRetentionPeriod", "60"}});
  const std::string first = *send(url, "Metropolis").message_id;
  advance(seconds(61));
  send(url, "Nosferatu");
  ASSERT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::expired, HopKind::sent));
  EXPECT_THAT(journal.hops[1].ids, ElementsAre(first));
}

TEST_F(QueuesTell, what_comes_from_other_services_is_told_by_those_who_deliver_it) {
  const std::string url = create("films");
  context.service_principal = "sns.amazonaws.com";
  send(url, "Metropolis");
  EXPECT_THAT(journal.hops, IsEmpty());
  context.service_principal = "";
  receive(url);
  EXPECT_THAT(journal.kinds(), ElementsAre(HopKind::received));
}

TEST_F(QueuesTell, of_those_messages_alone_that_the_journal_follows) {
  const std::string url = create("films");
  const std::string followed = *send(url, "Metropolis").message_id;
  journal.all = false;
  const std::string other = *send(url, "M").message_id;
  EXPECT_THAT(journal.hops, SizeIs(1));
  const std::vector<Message> messages = receive(url, 10);
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_THAT(journal.hops.back().ids, ElementsAre(followed));
  for (const Message& message : messages) remove(url, message);
  EXPECT_THAT(journal.kinds(), ElementsAre(HopKind::sent, HopKind::received, HopKind::deleted));
  context.service_principal = "sns.amazonaws.com";
  context.request_id = "of the topic";
  send(url, "not wanted");
  journal.wanted.insert("of the topic");
  send(url, "Nosferatu");
  context.service_principal = "";
  const std::size_t before = journal.hops.size();
  ASSERT_THAT(receive(url, 10), SizeIs(2));
  ASSERT_THAT(journal.hops, SizeIs(before + 1));
  EXPECT_THAT(journal.hops.back().ids, SizeIs(1)) << "the one that the topic has told of";
}

}  // namespace matinee::sqs
