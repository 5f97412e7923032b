// Random changes and random moments: a table seen at a moment is what it was then.
#include "services/dynamodb/history/table_view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/simulated/simulation.h"
#include "services/dynamodb/history/trimming.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb::history {
namespace {

using std::chrono::days;
using State = std::map<std::string, std::string>;

std::string text_of(const Item& item) {
  const auto found = item.find("v");
  return found == item.end() ? "" : *found->second.find<std::string>();
}

/// A table, and all that it was: the naive way.
class TableViewTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  struct Remembered {
    Moment moment;
    State state;
  };

  runtime::Simulation machine{GetParam()};
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<PastVersions> past;
  std::unique_ptr<ChangeLog> changes;
  std::unique_ptr<ItemStore> items;
  TableRecord table{.number = 7, .name = "films", .keys = {.partition = {"p", KeyType::string}}};
  State now;
  std::vector<Remembered> backups;
  std::vector<Remembered> recoverable;
  std::optional<runtime::Time> recovers_since;

  void SetUp() override { start(); }
  void start() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = *std::move(opened);
    past = std::make_unique<PastVersions>(*store, machine.loop);
    changes = std::make_unique<ChangeLog>(*store, machine.loop);
    items = std::make_unique<ItemStore>(*store, *changes, *past);
  }
  void restart() {
    items.reset();
    changes.reset();
    past.reset();
    store.reset();
    start();
  }
  std::size_t random(std::size_t limit) { return machine.random.below(limit); }

  ItemKey key_of(const std::string& name) const {
    return item_key(table.keys, {{"p", AttributeValue(name)}});
  }

  /// A transaction of some changes, some of which fail.
  void change_some() {
    State state = now;
    storage::Transaction transaction(*store);
    for (std::size_t changed = 1 + random(4); changed > 0; --changed) {
      const std::string name = fmt::format("film-{}", random(12));
      const auto old = items->find(table, key_of(name));
      if (random(3) == 0) {
        if (old) items->erase(table, key_of(name), *old);
        state.erase(name);
      } else {
        const std::string text = fmt::format("{}", random(4));
        const Item item{{"p", AttributeValue(name)}, {"v", AttributeValue(text)}};
        if (random(2) == 0)
          items->put(table, key_of(name), item);
        else
          items->replace(table, key_of(name), old ? &*old : nullptr, item);
        state[name] = text;
      }
    }
    if (random(8) == 0) return;
    transaction.commit();
    now = std::move(state);
  }
  void back_up() {
    storage::Transaction transaction(*store);
    const Moment moment = past->now();
    past->keep(table, moment, NeedKind::backup);
    if (random(8) == 0) return;
    transaction.commit();
    backups.push_back({moment, now});
  }
  void forget_backup() {
    if (backups.empty()) return;
    const auto forgotten = backups.begin() + static_cast<std::ptrdiff_t>(random(backups.size()));
    storage::Transaction transaction(*store);
    past->release(table.number, forgotten->moment, NeedKind::backup);
    if (random(8) == 0) return;
    transaction.commit();
    backups.erase(forgotten);
  }
  void switch_recovery() {
    storage::Transaction transaction(*store);
    if (recovers_since)
      past->end_recovery(table);
    else
      past->begin_recovery(table, 2);
    const runtime::Time when = past->now().time;
    if (random(8) == 0) return;
    transaction.commit();
    recoverable.clear();
    recovers_since = recovers_since ? std::nullopt : std::optional(when);
  }
  void let_time_pass() {
    // What was at the end of this microsecond is known when the next one has begun.
    if (recovers_since) recoverable.push_back({end_of(machine.loop.now()), now});
    machine.loop.advance(random(20) == 0 ? runtime::Duration(days(1)) : runtime::Duration(1));
  }
  void trim() {
    const auto in_pieces = [this] { return random(4) == 0; };
    for (bool goes_on = true; goes_on;) {
      storage::Transaction transaction(*store);
      if (random(2) == 0) begin_trims(*past, machine.loop.now());
      goes_on = trim_some(*store, *past, in_pieces);
      transaction.commit();
      if (random(4) == 0) change_some();
    }
  }
  void do_something() {
    switch (random(20)) {
      case 0:
        return back_up();
      case 1:
        return forget_backup();
      case 2:
        return random(3) == 0 ? switch_recovery() : void();
      case 3:
        return random(3) == 0 ? restart() : void();
      case 4:
        return trim();
      case 5:
      case 6:
      case 7:
        return let_time_pass();
      default:
        return change_some();
    }
  }

  /// Read in pieces, as a restore does.
  State seen_at(const Moment& moment) {
    State seen;
    std::optional<ItemKey> after;
    const auto visit = [&](const ItemKey& key, const StoredItem* item) {
      if (item) {
        const std::string name = *item->attributes.at("p").find<std::string>();
        EXPECT_EQ(key.bytes, key_of(name).bytes);
        EXPECT_TRUE(seen.emplace(name, text_of(item->attributes)).second) << name << " twice";
      }
      after = key;
      return random(3) != 0;
    };
    while (!TableView(*store, table.number).visit_at(moment, after, visit)) {
    }
    return seen;
  }
  State changed_between(const Span& span, State state) {
    std::optional<ItemKey> after;
    const auto visit = [&](const ItemKey& key, const std::optional<StoredItem>& old,
                           const std::optional<StoredItem>& changed) {
      after = key;
      const auto& there = old ? old : changed;
      if (!there) return random(3) != 0;
      const std::string name = *there->attributes.at("p").find<std::string>();
      EXPECT_EQ(old ? text_of(old->attributes) : "", state.contains(name) ? state[name] : "");
      if (changed)
        state[name] = text_of(changed->attributes);
      else
        state.erase(name);
      return random(3) != 0;
    };
    while (!TableView(*store, table.number).visit_changes(span, after, visit)) {
    }
    return state;
  }

  void look_back() {
    for (const Remembered& backup : backups) EXPECT_EQ(seen_at(backup.moment), backup.state);
    if (!recovers_since) return;
    const auto recovery = past->recovery(table);
    ASSERT_TRUE(recovery.has_value());
    EXPECT_EQ(recovery->since, *recovers_since);
    std::erase_if(recoverable, [&](const Remembered& each) {
      return each.moment.time < past->earliest(*recovery);
    });
    for (std::size_t i = 0; i < recoverable.size(); ++i) {
      EXPECT_EQ(seen_at(recoverable[i].moment), recoverable[i].state);
      const Remembered& later = recoverable[i + random(recoverable.size() - i)];
      EXPECT_EQ(changed_between({recoverable[i].moment, later.moment}, recoverable[i].state),
                later.state);
    }
  }
  std::size_t versions() {
    std::size_t found = 0;
    Versions all(*store, versions_id);
    for (auto place = all.cursor(); place.valid(); place.next()) ++found;
    return found;
  }
};

TEST_P(TableViewTest, a_table_seen_at_a_moment_is_what_it_was_then) {
  for (int step = 0; step < 250; ++step) {
    do_something();
    if (step % 25 == 0) look_back();
  }
  look_back();
  EXPECT_EQ(seen_at(end_of(machine.loop.now() + days(1))), now);
}

TEST_P(TableViewTest, what_nobody_needs_any_more_is_gone) {
  for (int step = 0; step < 150; ++step) do_something();
  while (!backups.empty()) forget_backup();
  while (recovers_since) switch_recovery();
  EXPECT_EQ(versions(), 0U);
  EXPECT_TRUE(past->guards().empty());
  EXPECT_FALSE(past->are_kept(table));
  EXPECT_EQ(seen_at(end_of(machine.loop.now())), now);
}

TEST_P(TableViewTest, an_item_is_saved_once_for_a_backup) {
  change_some();
  while (backups.empty()) back_up();
  for (int step = 0; step < 100; ++step) change_some();
  EXPECT_LE(versions(), 12U);
  EXPECT_EQ(seen_at(backups[0].moment), backups[0].state);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TableViewTest, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace matinee::dynamodb::history
