// What the journal keeps, and for how long.
#include "journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"

namespace matinee::journal {
namespace {

using services::Hop;
using services::HopKind;
using services::HopMessage;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AJournal : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    auto opened = storage::Store::open(
        {.directory = "/data", .disk = &machine.disk, .workers = &machine.workers});
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    journal.emplace(*store, machine.loop, limits);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush()); });
  }
  void note(const Hop& hop) {
    storage::Transaction transaction(*store);
    journal->note(hop);
    transaction.commit();
  }
  void note(HopKind kind, const std::string& id, const std::string& cause = "",
            const std::string& trace = "") {
    const HopMessage message{.id = id, .cause = cause, .bytes = 5};
    note({.kind = kind,
          .account = "111122223333",
          .region = "us-east-1",
          .trace = trace,
          .resource = "arn:aws:sqs:us-east-1:111122223333:q",
          .messages = std::span(&message, 1)});
  }
  std::vector<HopKind> kinds_of(const std::string& token) const {
    std::vector<HopKind> kinds;
    for (const Journal::Numbered& found : journal->of(token, 1000)) kinds.push_back(found.hop.kind);
    return kinds;
  }

  runtime::Simulation machine;
  JournalLimits limits;
  std::unique_ptr<storage::Store> store;
  std::optional<Journal> journal;
};

TEST_F(AJournal, finds_what_was_written_by_its_trace_and_does_not_mix_traces_by_it) {
  const auto write = [&](const std::string& trace, const std::string& key) {
    const HopMessage item{.id = key, .bytes = 5};
    note({.kind = HopKind::wrote,
          .account = "111122223333",
          .region = "us-east-1",
          .trace = trace,
          .resource = "arn:aws:dynamodb:us-east-1:111122223333:table/films",
          .messages = std::span(&item, 1),
          .by_trace_alone = true});
  };
  write("Root=1-a", "metropolis");
  write("Root=1-b", "metropolis");
  EXPECT_THAT(journal->story("1-a", 100), SizeIs(1));
  EXPECT_THAT(kinds_of("metropolis"), IsEmpty());
  EXPECT_EQ(journal->story("1-b", 100).front().hop.messages.front().id, "metropolis");
}

TEST_F(AJournal, finds_what_happened_to_all_messages_of_a_resource_by_its_name) {
  const std::string queue = "arn:aws:sqs:us-east-1:111122223333:q";
  note(HopKind::sent, "m");
  note({.kind = HopKind::deleted,
        .account = "111122223333",
        .region = "us-east-1",
        .resource = queue,
        .reason = "all messages were purged"});
  EXPECT_THAT(kinds_of(queue), ElementsAre(HopKind::deleted));
}

TEST_F(AJournal, finds_hops_by_message_by_cause_and_by_trace) {
  note(HopKind::sent, "topic-1", "", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
  note(HopKind::delivered, "queue-1", "topic-1", "Root=1-5759e988-bd862e3fe1be46a994272793");
  note(HopKind::received, "queue-1");
  note(HopKind::sent, "topic-2");
  EXPECT_THAT(kinds_of("topic-1"), ElementsAre(HopKind::sent, HopKind::delivered));
  EXPECT_THAT(kinds_of("queue-1"), ElementsAre(HopKind::delivered, HopKind::received));
  EXPECT_THAT(kinds_of("1-5759e988-bd862e3fe1be46a994272793"),
              ElementsAre(HopKind::sent, HopKind::delivered));
  EXPECT_THAT(kinds_of("queue"), IsEmpty());
  EXPECT_THAT(journal->before(UINT64_MAX, 2), SizeIs(2));
  EXPECT_EQ(journal->before(UINT64_MAX, 2).front().hop.messages.front().id, "topic-2");
  EXPECT_THAT(journal->after(journal->last_number() - 1, 10), SizeIs(1));
}

TEST_F(AJournal, tells_the_story_of_a_message_without_its_neighbours) {
  const auto batch = [&](HopKind kind, std::vector<HopMessage> messages) {
    note({.kind = kind, .account = "111122223333", .resource = "r", .messages = messages});
  };
  batch(HopKind::sent, {{.id = "topic-1"}, {.id = "topic-2"}});
  batch(HopKind::delivered, {{.id = "a-1", .cause = "topic-1"}, {.id = "a-2", .cause = "topic-2"}});
  batch(HopKind::delivered, {{.id = "b-1", .cause = "topic-1"}});
  batch(HopKind::received, {{.id = "a-2"}});
  batch(HopKind::deleted, {{.id = "b-1"}});
  std::vector<HopKind> kinds;
  for (const Journal::Numbered& found : journal->story("a-1", 100)) kinds.push_back(found.hop.kind);
  EXPECT_THAT(kinds,
              ElementsAre(HopKind::sent, HopKind::delivered, HopKind::delivered, HopKind::deleted));
  EXPECT_THAT(journal->story("a-2", 100), SizeIs(3));
  EXPECT_THAT(journal->story("nobody", 100), IsEmpty());
}

TEST_F(AJournal, is_as_true_after_a_crash_as_the_state) {
  note(HopKind::sent, "kept");
  machine.loop.post([] {});
  machine.loop.run_until_idle();
  {
    storage::Transaction transaction(*store);
    journal->note({.kind = HopKind::deleted,
                   .account = "111122223333",
                   .region = "us-east-1",
                   .resource = "arn:aws:sqs:us-east-1:111122223333:q"});
  }
  machine.crash(runtime::SimulatedDisk::Crash::process);
  journal.reset();
  store.reset();
  machine.restart();
  open();
  EXPECT_THAT(kinds_of("kept"), ElementsAre(HopKind::sent));
  EXPECT_THAT(journal->after(0, 10), SizeIs(1)) << "what was rolled back has not happened";
  note(HopKind::deleted, "kept");
  EXPECT_THAT(kinds_of("kept"), ElementsAre(HopKind::sent, HopKind::deleted));
}

TEST_F(AJournal, forgets_whole_chapters_the_oldest_first) {
  limits.chapter = 10;
  limits.chapters = 3;
  journal.emplace(*store, machine.loop, limits);
  for (int i = 1; i <= 100; ++i) note(HopKind::sent, "message-" + std::to_string(i));
  EXPECT_THAT(kinds_of("message-1"), IsEmpty());
  EXPECT_THAT(kinds_of("message-79"), IsEmpty());
  EXPECT_THAT(kinds_of("message-80"), SizeIs(1));
  EXPECT_THAT(kinds_of("message-100"), SizeIs(1));
  EXPECT_THAT(journal->after(0, 1000), SizeIs(21));
}

TEST_F(AJournal, keeps_whole_traces_when_there_are_too_many) {
  limits.sampling.units_per_second = 1000;
  limits.sampling.burst = 1000;
  journal.emplace(*store, machine.loop, limits);
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = "message-" + std::to_string(i);
    if (!journal->wants("", id)) continue;
    ++kept;
    note(HopKind::sent, id);
    ASSERT_TRUE(journal->wants("", id)) << "its later hops are kept too";
  }
  EXPECT_FALSE(journal->keeps_all());
  EXPECT_GT(kept, 100);
  EXPECT_LT(kept, 2000);
}

TEST_F(AJournal, keeps_everything_again_once_it_is_quiet) {
  Sampling sampling({.units_per_second = 1000, .burst = 100});
  runtime::Duration now = std::chrono::seconds(1);
  for (int i = 0; i < 10'000; ++i) sampling.spend(1, now);
  EXPECT_FALSE(sampling.keeps_all());
  for (int i = 0; i < 100; ++i) sampling.look(now += std::chrono::milliseconds(100));
  EXPECT_TRUE(sampling.keeps_all());
}

TEST(JournalSampling, keeps_the_first_that_comes_after_a_quiet_time) {
  Sampling sampling({.units_per_second = 1000, .burst = 100});
  runtime::Duration now = std::chrono::seconds(1);
  for (int i = 0; i < 10'000; ++i) sampling.spend(1, now);
  EXPECT_FALSE(sampling.keeps_all());
  sampling.look(now += std::chrono::seconds(10));
  EXPECT_TRUE(sampling.keeps_all());
}

TEST(JournalSampling, does_not_take_a_slow_round_under_load_for_a_quiet_time) {
  Sampling sampling({.units_per_second = 1000, .burst = 100});
  runtime::Duration now = std::chrono::seconds(1);
  for (int round = 0; round < 100; ++round) {
    now += std::chrono::milliseconds(250);
    for (int i = 0; i < 10'000; ++i) sampling.spend(1, now);
  }
  sampling.look(now += std::chrono::milliseconds(250));
  EXPECT_FALSE(sampling.keeps_all());
}

TEST_F(AJournal, tells_of_the_first_message_after_a_quiet_time) {
  limits.sampling.units_per_second = 1000;
  limits.sampling.burst = 1000;
  journal.emplace(*store, machine.loop, limits);
  for (int i = 0; i < 20'000; ++i)
    if (const std::string id = "message-" + std::to_string(i); journal->wants("", id))
      note(HopKind::sent, id);
  EXPECT_FALSE(journal->keeps_all());
  machine.loop.let_looking_take(std::chrono::seconds(10));
  EXPECT_TRUE(journal->wants("", "first"));
}

TEST(JournalSampling, leaves_nothing_out_of_a_burst_after_a_quiet_time) {
  Sampling sampling({.units_per_second = 1000, .burst = 10'000});
  runtime::Duration now = std::chrono::seconds(1);
  for (int i = 0; i < 4000; ++i) sampling.spend(1, now += std::chrono::microseconds(50));
  EXPECT_TRUE(sampling.keeps_all());
  for (int i = 0; i < 400'000; ++i) sampling.spend(1, now += std::chrono::microseconds(50));
  EXPECT_FALSE(sampling.keeps_all()) << "but it cannot go on like that";
}

TEST(FollowedNumbers, are_the_last_so_many) {
  services::Followed followed(1000);
  for (std::uint64_t i = 0; i < 5000; ++i) followed.add(services::Followed::spread(i));
  std::uint64_t known = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    if (followed.contains(services::Followed::spread(i))) ++known;
  EXPECT_EQ(known, 1000U);
  EXPECT_TRUE(followed.contains(services::Followed::spread(4999)));
  EXPECT_FALSE(followed.contains(services::Followed::spread(3999)));
}

TEST_F(AJournal, follows_a_bounded_number_of_messages) {
  Sampling sampling({.units_per_second = 10, .burst = 10, .most_followed = 2});
  for (const char* id : {"a", "b", "c"}) sampling.follow(id);
  for (int i = 0; i < 100; ++i) sampling.spend(100, std::chrono::seconds(1));
  EXPECT_FALSE(sampling.follows("a"));
  EXPECT_TRUE(sampling.follows("b"));
  EXPECT_TRUE(sampling.follows("c"));
}

TEST_F(AJournal, tells_those_who_wait_for_more) {
  std::size_t seen = 0;
  journal->watch([&] { seen = journal->after(0, 10).size(); });
  const std::uint64_t gone = journal->watch([] { ADD_FAILURE() << "it is not watched any more"; });
  journal->unwatch(gone);
  machine.loop.run_until_idle();
  EXPECT_EQ(seen, 0U);
  note(HopKind::sent, "new");
  machine.loop.run_until_idle();
  EXPECT_EQ(seen, 1U);
  note(HopKind::sent, "newer");
  machine.loop.run_until_idle();
  EXPECT_EQ(seen, 1U) << "it is told once";
}

TEST_F(AJournal, forgets_an_account_that_is_reset) {
  note(HopKind::sent, "mine");
  note({.kind = HopKind::sent, .account = "999999999999", .region = "us-east-1", .resource = "r"});
  storage::Transaction transaction(*store);
  journal->reset({.account = "111122223333"});
  transaction.commit();
  EXPECT_THAT(kinds_of("mine"), IsEmpty());
  EXPECT_THAT(journal->after(0, 10), SizeIs(1));
}

}  // namespace
}  // namespace matinee::journal
