// What the journal keeps of what messages had in them.
#include "journal/payloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/journal.h"
#include "runtime/simulated/simulation.h"

namespace matinee::journal {
namespace {

using services::Hop;
using services::HopKind;
using services::HopMessage;
using services::KeptPayload;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class PayloadsTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    payloads.reset();
    store.reset();
    auto opened = storage::Store::open(
        {.directory = "/data", .disk = &machine.disk, .workers = &machine.workers});
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    payloads.emplace(*store, limits);
    machine.loop.set_flush([this] { ASSERT_TRUE(store->flush()); });
  }
  void keep(const std::string& id, const std::string& body, const std::string& settings = "",
            const std::string& resource = "arn:q") {
    storage::Transaction transaction(*store);
    payloads->keep({.id = id,
                    .account = "111122223333",
                    .resource = resource,
                    .body = body,
                    .settings = settings},
                   now);
    transaction.commit();
  }
  void withhold(const std::string& id) {
    storage::Transaction transaction(*store);
    payloads->withhold(id);
    transaction.commit();
  }
  std::vector<std::string> bodies(const std::string& id) const {
    std::vector<std::string> found;
    for (const KeptPayload& payload : payloads->find(id)) found.push_back(payload.body);
    return found;
  }

  runtime::Simulation machine;
  runtime::Duration now = seconds(1);
  PayloadLimits limits;
  std::unique_ptr<storage::Store> store;
  std::optional<Payloads> payloads;
};

}  // namespace

TEST_F(PayloadsTest, are_found_by_the_id_at_each_resource) {
  keep("m", "hello", R"({"MessageGroupId":"g"})");
  keep("m", "{\"Message\":\"hello\"}", "", "arn:function");
  keep("mm", "another");
  const std::vector<KeptPayload> found = payloads->find("m");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found, ElementsAre(Field(&KeptPayload::resource, "arn:function"),
                                 Field(&KeptPayload::resource, "arn:q")));
  EXPECT_EQ(found[1].settings, R"({"MessageGroupId":"g"})");
  EXPECT_EQ(found[1].account, "111122223333");
  EXPECT_EQ(found[1].bytes, 5);
}

TEST_F(PayloadsTest, of_long_ones_the_beginning_is_kept_and_no_half_of_a_character) {
  limits.longest = 4;
  open();
  keep("m", "abc\xc3\xa4z");  // the fourth byte begins a letter of two
  const std::vector<KeptPayload> found = payloads->find("m");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].body, "abc");
  EXPECT_EQ(found[0].bytes, 6);
}

TEST_F(PayloadsTest, nothing_is_kept_where_none_may_be) {
  limits.longest = 0;
  open();
  keep("m", "hello");
  EXPECT_THAT(bodies("m"), IsEmpty());
}

TEST_F(PayloadsTest, the_oldest_go_where_there_are_too_many) {
  limits.volume = 3000;
  limits.volumes = 3;
  limits.burst = std::uint64_t{1} << 30;
  open();
  for (int i = 0; i < 20; ++i) keep(std::to_string(i), std::string(1000, 'x'));
  EXPECT_THAT(bodies("0"), IsEmpty());
  EXPECT_THAT(bodies("19"), SizeIs(1));
  std::size_t left = 0;
  for (int i = 0; i < 20; ++i) left += bodies(std::to_string(i)).size();
  EXPECT_GE(left, 6);
  EXPECT_LE(left, 9) << "three volumes of three";
}

TEST_F(PayloadsTest, a_second_has_an_end_and_a_later_one_begins_anew) {
  limits.bytes_per_second = 1300;
  limits.burst = 1300;
  open();
  keep("a", std::string(1000, 'x'));
  keep("b", std::string(1000, 'x'));
  EXPECT_THAT(bodies("a"), SizeIs(1));
  EXPECT_THAT(bodies("b"), IsEmpty());
  now += seconds(1);
  keep("c", std::string(1000, 'x'));
  EXPECT_THAT(bodies("c"), SizeIs(1));
}

TEST_F(PayloadsTest, what_is_withheld_is_not_kept_even_after_a_restart) {
  withhold("secret");
  keep("secret", "password");
  EXPECT_THAT(bodies("secret"), IsEmpty());
  EXPECT_TRUE(payloads->is_withheld("secret"));
  EXPECT_FALSE(payloads->is_withheld("other"));
  open();
  EXPECT_TRUE(payloads->is_withheld("secret"));
  keep("secret", "password");
  EXPECT_THAT(bodies("secret"), IsEmpty());
}

TEST_F(PayloadsTest, what_is_withheld_outlasts_its_volume_unless_there_is_very_much_of_it) {
  limits.volume = 1000;
  limits.volumes = 2;
  limits.most_old_secrets = 4;
  open();
  withhold("secret");
  for (int i = 0; i < 9; ++i) keep(std::to_string(i), std::string(1000, 'x'));
  open();
  EXPECT_TRUE(payloads->is_withheld("secret"));
  for (int i = 0; i < 40; ++i) withhold("other" + std::to_string(i));
  EXPECT_FALSE(payloads->is_withheld("secret"));
  EXPECT_TRUE(payloads->is_withheld("other39"));
}

TEST_F(PayloadsTest, are_found_after_a_restart_and_not_after_a_reset) {
  keep("m", "hello");
  open();
  EXPECT_THAT(bodies("m"), ElementsAre("hello"));
  const auto reset = [&](const services::ResetScope& scope) {
    storage::Transaction transaction(*store);
    payloads->reset(scope);
    transaction.commit();
  };
  reset({.account = "444455556666"});
  EXPECT_THAT(bodies("m"), SizeIs(1));
  reset({.account = "111122223333"});
  EXPECT_THAT(bodies("m"), IsEmpty());
  keep("n", "hello");
  withhold("secret");
  reset({});
  EXPECT_THAT(bodies("n"), IsEmpty());
  EXPECT_FALSE(payloads->is_withheld("secret"));
}

TEST_F(PayloadsTest, a_hop_brings_those_of_its_messages) {
  Journal journal(*store, machine.loop);
  const HopMessage sent{.id = "m", .bytes = 5, .body = "hello", .settings = "{}"};
  const HopMessage item{.id = "metropolis", .bytes = 5, .body = R"({"id":{"S":"metropolis"}})"};
  storage::Transaction transaction(*store);
  journal.note({.account = "1", .resource = "arn:q", .messages = std::span(&sent, 1)});
  journal.note({.kind = HopKind::wrote,
                .account = "1",
                .resource = "arn:table",
                .messages = std::span(&item, 1),
                .by_trace_alone = true});
  transaction.commit();
  EXPECT_THAT(journal.payloads("m"), ElementsAre(Field(&KeptPayload::body, "hello")));
  EXPECT_THAT(journal.payloads("metropolis"), IsEmpty()) << "others have that name too";
  EXPECT_THAT(journal.payloads(services::payload_id(journal.last_number(), 0)), SizeIs(1));
}

}  // namespace matinee::journal
