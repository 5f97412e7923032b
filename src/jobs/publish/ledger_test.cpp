#include "jobs/publish/ledger.h"

#include <gtest/gtest.h>

#include "jobs/report.h"
#include "runtime/simulated/simulation.h"

namespace matinee::jobs::publish {
namespace {

Entry published(const std::string& key, const std::string& etag = "e") {
  return {.key = key, .etag = etag, .edition = 1, .doubt = std::nullopt};
}

Entry sent(const std::string& key, const std::string& etag = "e") {
  Entry entry = published(key, etag);
  entry.doubt = Doubt{.first_sent = runtime::Time(std::chrono::seconds(1000)), .groups = 8};
  return entry;
}

/// A machine with one ledger.
class LedgerTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  runtime::Runtime runtime_ = machine.runtime();
  std::optional<Ledger> ledger;

  void open() {
    ledger.reset();
    ledger.emplace(runtime_, "/ledger");
  }
  void merge() {
    bool is_done = false;
    runtime::start(ledger->merge(), [&](const std::exception_ptr& error) {
      EXPECT_FALSE(error);
      is_done = true;
    });
    while (!is_done) machine.loop.advance(std::chrono::milliseconds(1));
  }
  std::vector<Entry> content() {
    std::vector<Entry> entries;
    for (PublishedCursor cursor(ledger->published(), ""); cursor.current(); cursor.advance())
      entries.push_back(*cursor.current());
    return entries;
  }
  /// A section with one batch that was taken.
  static void publish(LaneWriter& lane, const std::vector<Entry>& batch) {
    lane.begin_section();
    lane.conclude(lane.intend(batch), static_cast<TakenMask>((1U << batch.size()) - 1));
  }
};

TEST_F(LedgerTest, what_lanes_have_published_is_one_sorted_file_for_the_next_run) {
  open();
  {
    const auto one = ledger->open_lane();
    const auto other = ledger->open_lane();
    publish(*one, {sent("m"), sent("p")});
    publish(*other, {sent("a"), sent("c")});
    publish(*one, {sent("e")});
  }
  open();
  merge();
  EXPECT_EQ(content(), (std::vector<Entry>{published("a"), published("c"), published("e"),
                                           published("m"), published("p")}));
  open();
  EXPECT_FALSE(ledger->has_journals());
  EXPECT_EQ(content().size(), 5U);
}

TEST_F(LedgerTest, a_later_run_is_right_about_a_key) {
  open();
  publish(*ledger->open_lane(), {sent("a", "old"), sent("b", "old")});
  open();
  merge();
  publish(*ledger->open_lane(), {sent("b", "new"), sent("c", "new")});
  open();
  merge();
  EXPECT_EQ(content(), (std::vector<Entry>{published("a", "old"), published("b", "new"),
                                           published("c", "new")}));
}

TEST_F(LedgerTest, a_batch_without_an_answer_is_in_doubt_and_stays_so_when_merged) {
  open();
  {
    const auto lane = ledger->open_lane();
    publish(*lane, {sent("a")});
    lane->intend({sent("b"), sent("c")});
  }
  open();
  EXPECT_EQ(ledger->read_doubts(), (std::vector<Entry>{sent("b"), sent("c")}));
  merge();
  EXPECT_EQ(content(), (std::vector<Entry>{published("a"), sent("b"), sent("c")}));
}

TEST_F(LedgerTest, a_doubt_that_was_settled_is_none_also_when_it_was_settled_before_a_kill) {
  open();
  {
    const auto lane = ledger->open_lane();
    lane->begin_section();
    lane->intend({sent("a"), sent("b")});
  }
  open();
  {
    const auto lane = ledger->open_lane();
    lane->begin_section(true);
    lane->conclude(lane->intend({sent("a")}), 1);
    lane->intend({sent("b")});
  }
  open();
  EXPECT_EQ(ledger->read_doubts(), std::vector<Entry>{sent("b")});
  merge();
  EXPECT_EQ(content(), (std::vector<Entry>{published("a"), sent("b")}));
}

TEST_F(LedgerTest, what_the_queue_has_refused_is_not_published) {
  open();
  {
    const auto lane = ledger->open_lane();
    lane->begin_section();
    lane->conclude(lane->intend({sent("a"), sent("b"), sent("c")}), 0b101);
  }
  open();
  merge();
  EXPECT_EQ(content(), (std::vector<Entry>{published("a"), published("c")}));
}

TEST_F(LedgerTest, a_record_cut_short_by_a_kill_counts_for_nothing) {
  open();
  {
    const auto lane = ledger->open_lane();
    publish(*lane, {sent("a")});
    machine.disk.crash_after(0, runtime::SimulatedDisk::Crash::process);
    EXPECT_THROW(lane->intend({sent("b")}), JobError);
  }
  machine.disk.restart();
  open();
  EXPECT_TRUE(ledger->read_doubts().empty());
  merge();
  EXPECT_EQ(content(), std::vector<Entry>{published("a")});
}

TEST_F(LedgerTest, after_a_full_disk_a_journal_takes_nothing_more) {
  open();
  const auto lane = ledger->open_lane();
  publish(*lane, {sent("a")});
  machine.disk.set_capacity(machine.disk.used() + 10);
  EXPECT_THROW(lane->intend({sent("b")}), JobError);
  machine.disk.set_capacity(UINT64_MAX);
  EXPECT_THROW(lane->intend({sent("c")}), JobError);
  EXPECT_THROW(lane->conclude(0, 1), JobError);
}

TEST_F(LedgerTest, a_kill_at_any_write_of_a_merge_loses_nothing) {
  for (std::uint64_t writes = 0; writes < 6; ++writes) {
    machine.disk.crash_after(UINT64_MAX, runtime::SimulatedDisk::Crash::power);
    open();
    publish(*ledger->open_lane(), {sent("a" + std::to_string(writes)), sent("b")});
    open();
    machine.disk.crash_after(writes, runtime::SimulatedDisk::Crash::power);
    runtime::start(ledger->merge(), [](const std::exception_ptr&) {});
    machine.disk.restart();
  }
  machine.disk.crash_after(UINT64_MAX, runtime::SimulatedDisk::Crash::power);
  machine.disk.restart();
  open();
  merge();
  EXPECT_GE(content().size(), 2U);
  EXPECT_EQ(content().back(), published("b"));
}

TEST_F(LedgerTest, keys_of_many_blocks_are_found_from_any_place_on) {
  open();
  std::vector<std::string> keys;
  {
    const auto lane = ledger->open_lane();
    lane->begin_section();
    for (int i = 0; i < 3000; ++i) {
      keys.push_back(std::to_string(10'000 + i) + std::string(100, 'k'));
      lane->conclude(lane->intend({sent(keys.back())}), 1);
    }
  }
  open();
  merge();
  EXPECT_GT(ledger->published().blocks(), 5U);
  for (std::size_t i = 0; i < keys.size(); i += 7) {
    PublishedCursor cursor(ledger->published(), keys[i].substr(0, 5));
    ASSERT_TRUE(cursor.current());
    EXPECT_EQ(cursor.current()->key, keys[i]);
    EXPECT_FALSE(cursor.find(keys[i] + "x"));
    if (i + 1 < keys.size()) EXPECT_TRUE(cursor.find(keys.at(i + 1)));
  }
  const std::vector<std::string> cuts = ledger->published().divide("", 3);
  EXPECT_EQ(cuts.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(cuts));
  EXPECT_TRUE(ledger->published().divide("none", 3).empty());
}

TEST_F(LedgerTest, a_damaged_file_is_refused_with_its_name) {
  open();
  publish(*ledger->open_lane(), {sent("a")});
  open();
  merge();
  machine.disk.overwrite("/ledger/published", 20, "x");
  open();
  try {
    content();
    FAIL() << "it was read";
  } catch (const JobError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("The ledger /ledger/published is damaged"));
  }
}

TEST_F(LedgerTest, two_publishers_do_not_share_a_ledger) {
  open();
  try {
    Ledger second(runtime_, "/ledger");
    FAIL() << "it was opened twice";
  } catch (const JobError& error) {
    EXPECT_STREQ(error.what(),
                 "Another publisher (process 1) is at work on this bucket and queue; wait for its "
                 "end.");
  }
}

TEST_F(LedgerTest, the_state_of_the_last_run_is_kept) {
  open();
  EXPECT_TRUE(ledger->state().finished);
  ledger->write_state({.run_id = "R",
                       .finished = false,
                       .again = true,
                       .edition = 3,
                       .selection = "{\"prefix\":\"a\"}"});
  open();
  EXPECT_EQ(ledger->state().run_id, "R");
  EXPECT_FALSE(ledger->state().finished);
  EXPECT_TRUE(ledger->state().again);
  EXPECT_EQ(ledger->state().edition, 3U);
  EXPECT_EQ(ledger->state().selection, "{\"prefix\":\"a\"}");
}

}  // namespace
}  // namespace matinee::jobs::publish
