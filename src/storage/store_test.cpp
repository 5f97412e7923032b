// Transactions, cursors and crashes, as those who use the store see them.
#include "storage/store_fixture.h"

namespace matinee::storage {
namespace {

TEST_F(Stores, a_committed_record_is_found) {
  put("a", 1, "Alien");
  EXPECT_EQ(movies->find({"a", 1}), (Movie{"Alien", 1999}));
  EXPECT_FALSE(movies->find({"a", 2}));
  EXPECT_FALSE(movies->contains({"b", 1}));
}

TEST_F(Stores, a_rolled_back_transaction_leaves_no_trace) {
  put("a", 1, "old");
  std::vector<std::string> undone;
  {
    Transaction transaction(*store);
    movies->put({"a", 1}, {"new", 1});
    movies->put({"a", 2}, {"new", 2});
    movies->erase_range(movies->all());
    store->on_commit([&] { undone.push_back("committed"); });
    store->on_rollback([&] { undone.push_back("first"); });
    store->on_rollback([&] { undone.push_back("second"); });
  }
  EXPECT_EQ(undone, (std::vector<std::string>{"second", "first"}));
  EXPECT_FALSE(store->in_transaction());
  EXPECT_EQ(titles(movies->all()), "old");
}

TEST_F(Stores, commit_runs_what_waits_for_it_and_not_what_waits_for_a_rollback) {
  std::vector<std::string> called;
  Transaction transaction(*store);
  store->on_commit([&] { called.push_back("commit"); });
  store->on_rollback([&] { called.push_back("rollback"); });
  transaction.commit();
  EXPECT_EQ(called, (std::vector<std::string>{"commit"}));
}

TEST_F(Stores, a_transaction_reads_its_own_writes) {
  put("a", 1, "1");
  put("a", 3, "3");
  put("a", 5, "5");
  Transaction transaction(*store);
  movies->put({"a", 3}, {"changed", 0});
  movies->put({"a", 2}, {"2", 0});
  movies->put({"a", 6}, {"6", 0});
  movies->erase({"a", 5});
  EXPECT_EQ(movies->find({"a", 3})->title, "changed");
  EXPECT_EQ(movies->find({"a", 2})->title, "2");
  EXPECT_FALSE(movies->find({"a", 5}));
  EXPECT_EQ(titles(movies->all()), "12changed6");
  EXPECT_EQ(titles(movies->all(), Order::backward), "6changed21");
  movies->erase_range(movies->prefix("a"));
  EXPECT_FALSE(movies->find({"a", 1}));
  movies->put({"a", 4}, {"4", 0});
  EXPECT_EQ(titles(movies->all()), "4");
  transaction.commit();
  EXPECT_EQ(titles(movies->all()), "4");
}

TEST_F(Stores, a_scan_may_erase_what_it_visits) {
  for (std::uint32_t i = 0; i < 10; ++i) put("a", i, std::to_string(i));
  Transaction transaction(*store);
  std::string seen;
  movies->scan(movies->all(), [&](const auto& key, const Movie& movie) {
    seen += movie.title;
    movies->erase(key);
    return true;
  });
  EXPECT_EQ(seen, "0123456789");
  EXPECT_TRUE(movies->is_empty(movies->all()));
  transaction.commit();
  EXPECT_TRUE(movies->is_empty(movies->all()));
}

TEST_F(Stores, ranges_of_a_table_end_where_they_should) {
  put("a", 1, "1");
  put("a", 2, "2");
  put("a", 3, "3");
  put("ab", 1, "x");
  Table<std::uint64_t, Movie> neighbour(*store, TableId{0x0f02});
  {
    Transaction transaction(*store);
    neighbour.put(1, {"neighbour", 1});
    transaction.commit();
  }
  KeyRange group = movies->prefix("a");
  EXPECT_EQ(titles(movies->all()), "123x");
  EXPECT_EQ(titles(group), "123");
  EXPECT_EQ(titles(movies->from(group, {"a", 2})), "23");
  EXPECT_EQ(titles(movies->after(group, {"a", 2})), "3");
  EXPECT_EQ(titles(movies->before(group, {"a", 2})), "1");
  EXPECT_EQ(titles(movies->between(std::tuple{"a", 2u}, std::tuple{"ab"})), "23");
  EXPECT_EQ(movies->first(group)->second.title, "1");
  EXPECT_EQ(movies->first(group, Order::backward)->second.title, "3");
  EXPECT_FALSE(movies->first(movies->prefix("b")));
}

TEST_F(Stores, a_cursor_seeks_in_both_directions_and_turns_around) {
  for (std::uint32_t i = 0; i < 10; i += 2) put("a", i, std::to_string(i));
  auto cursor = movies->cursor(movies->prefix("a"));
  cursor.seek(std::tuple{"a", 3u});
  EXPECT_EQ(cursor.record().title, "4");
  cursor.previous();
  EXPECT_EQ(cursor.record().title, "2");
  cursor.next();
  EXPECT_EQ(cursor.record().title, "4");
  cursor.seek_before(std::tuple{"a", 4u});
  EXPECT_EQ(std::get<1>(cursor.key()), 2u);
  cursor.seek_last();
  EXPECT_EQ(cursor.record().title, "8");
  cursor.next();
  EXPECT_FALSE(cursor.valid());
  cursor.seek_first();
  EXPECT_EQ(cursor.record().title, "0");
}

TEST_F(Stores, a_delimiter_skips_what_it_folds_together) {
  Table<std::tuple<std::string, RawKey>, Movie> objects(*store, TableId{0x0f03});
  Transaction transaction(*store);
  for (const char* name : {"a", "b/1", "b/2", "b/3", "c"}) {
    objects.put({"bucket", {name}}, {name, 0});
  }
  transaction.commit();
  auto cursor = objects.cursor(objects.prefix("bucket"));
  cursor.next();
  EXPECT_EQ(cursor.record().title, "b/1");
  cursor.seek_past(encode_key(std::tuple<std::string, RawKey>("bucket", {"b/"})));
  EXPECT_EQ(cursor.record().title, "c");
  auto inside = objects.cursor(objects.raw_prefix("b/", "bucket"));
  inside.seek_last();
  EXPECT_EQ(inside.record().title, "b/3");
}

TEST_F(Stores, kill_takes_back_only_what_was_not_flushed) {
  put("a", 1, "flushed");
  ASSERT_TRUE(store->flush());
  put("a", 2, "not flushed");
  crash_and_open(Crash::process);
  EXPECT_EQ(titles(movies->all()), "flushed");
}

TEST_F(Stores, a_power_cut_takes_back_at_most_the_last_interval) {
  put("a", 1, "old ");
  simulation.loop.post([] {});
  simulation.loop.advance(milliseconds(100));
  put("a", 2, "new");
  simulation.loop.post([] {});
  simulation.loop.run_until_idle();
  crash_and_open(Crash::power);
  EXPECT_TRUE(titles(movies->all()) == "old " || titles(movies->all()) == "old new")
      << titles(movies->all());
}

TEST_F(Stores, with_durability_power_a_power_cut_takes_back_nothing_flushed) {
  store.reset();
  durability = Durability::power;
  open();
  put("a", 1, "flushed");
  ASSERT_TRUE(store->flush());
  put("a", 2, "not flushed");
  crash_and_open(Crash::power);
  EXPECT_EQ(titles(movies->all()), "flushed");
}

TEST_F(Stores, closing_keeps_everything) {
  put("a", 1, "kept");
  store.reset();
  simulation.crash(Crash::power);
  simulation.restart();
  open();
  EXPECT_EQ(titles(movies->all()), "kept");
}

TEST_F(Stores, a_crash_at_any_write_leaves_whole_transactions_in_order) {
  for (std::uint64_t writes = 0; writes < 60; writes += 3) {
    SCOPED_TRACE(writes);
    {
      Transaction transaction(*store);
      movies->erase_range(movies->all());
      transaction.commit();
      ASSERT_TRUE(store->sync());
    }
    simulation.loop.set_flush(nullptr);
    simulation.disk.crash_after(writes, writes % 2 == 0 ? Crash::process : Crash::power);
    std::uint32_t acknowledged = 0;
    for (std::uint32_t i = 0; i < 100 && !simulation.disk.has_crashed(); ++i) {
      Transaction transaction(*store);
      movies->put({"a", i}, {std::string(500, 'x'), 0});
      movies->put({"b", i}, {"pair", 0});
      transaction.commit();
      if (writes % 2 == 0 ? store->flush().has_value() : store->sync().has_value()) {
        acknowledged = i + 1;
      }
    }
    if (!simulation.disk.has_crashed()) simulation.disk.crash(Crash::power);
    store.reset();
    simulation.restart();
    open();
    std::uint32_t found = 0;
    for (; movies->contains({"a", found}); ++found) ASSERT_TRUE(movies->contains({"b", found}));
    EXPECT_GE(found, acknowledged);
    EXPECT_LE(found, acknowledged + 1);
    EXPECT_TRUE(movies->is_empty(movies->from(movies->prefix("b"), {"b", found})));
  }
}

TEST_F(Stores, a_full_disk_fails_the_flush_and_loses_nothing_that_was_flushed) {
  put("a", 1, "flushed");
  ASSERT_TRUE(store->flush());
  simulation.disk.set_capacity(simulation.disk.used());
  put("a", 2, std::string(100000, 'x'));
  auto flushed = store->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, runtime::DiskError::Kind::no_space) << flushed.error().message;
  EXPECT_FALSE(store->flush()) << "after an error nothing is promised any more";
  simulation.disk.set_capacity(UINT64_MAX);
  crash_and_open(Crash::process);
  EXPECT_EQ(titles(movies->all()), "flushed");
}

TEST_F(Stores, there_is_no_room_before_the_disk_is_full_and_again_when_something_is_removed) {
  EXPECT_TRUE(store->check_room());
  simulation.disk.set_capacity(simulation.disk.used() * 10 / 9);
  int writes = 0;
  while (store->check_room()) ASSERT_LT(++writes, 16);
  EXPECT_EQ(store->check_room().error().kind, runtime::DiskError::Kind::no_space);
  put("a", 1, "small");
  EXPECT_TRUE(store->flush()) << "what frees space can still be written";
  simulation.disk.set_capacity(simulation.disk.used() * 2);
  EXPECT_TRUE(store->check_room());
}

TEST_F(Stores, in_memory_nothing_touches_the_disk) {
  store.reset();
  std::uint64_t used = simulation.disk.used();
  auto opened = Store::open({.durability = Durability::memory});
  ASSERT_TRUE(opened) << opened.error().message;
  Movies in_memory(**opened, TableId{0x0f01});
  Transaction transaction(**opened);
  in_memory.put({"a", 1}, {"Alien", 1979});
  transaction.commit();
  ASSERT_TRUE((*opened)->flush());
  EXPECT_EQ(in_memory.find({"a", 1})->title, "Alien");
  EXPECT_EQ(simulation.disk.used(), used);
}

TEST_F(Stores, a_large_range_is_erased_as_a_whole) {
  Transaction transaction(*store);
  for (std::uint32_t i = 0; i < 1000; ++i) movies->put({"a", i}, {"a", 0});
  movies->put({"b", 1}, {"b", 0});
  transaction.commit();
  Transaction second(*store);
  movies->put({"a", 5000}, {"new", 0});
  movies->erase_range(movies->prefix("a"));
  EXPECT_EQ(titles(movies->all()), "b");
  EXPECT_EQ(titles(movies->all(), Order::backward), "b");
  movies->put({"a", 7}, {"again", 0});
  EXPECT_EQ(titles(movies->all()), "againb");
  second.commit();
  EXPECT_EQ(titles(movies->all()), "againb");
}

class StoresDeathTest : public Stores {
 protected:
  // Forking with RocksDB's threads around is not safe; this style starts the program anew.
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Stores::SetUp();
  }
};

TEST_F(StoresDeathTest, writing_without_a_transaction_is_a_bug) {
  EXPECT_DEATH(movies->put({"a", 1}, {}), "writes are part of a transaction");
}

TEST_F(StoresDeathTest, nesting_transactions_is_a_bug) {
  Transaction transaction(*store);
  EXPECT_DEATH(store->begin(), "transactions are not nested");
}

/// A std::map that mirrors the store: every walk over both must agree.
class Mirror {
 public:
  Mirror(Store& store, std::uint64_t seed) : store_(store), random_(seed) {}

  void change() {
    switch (random_.below(8)) {
      case 0: {
        std::string from = key();
        std::string to = key();
        if (to < from) std::swap(from, to);
        store_.erase_range({from, to});
        state.erase(state.lower_bound(from), state.lower_bound(to));
        break;
      }
      case 1:
      case 2: {
        std::string gone = key();
        store_.erase(gone);
        state.erase(gone);
        break;
      }
      default: {
        std::string name = key();
        std::string value = random_.text(5, "abc");
        store_.put(name, value);
        state[name] = value;
      }
    }
  }

  void walk() {
    std::string from = key();
    std::string to = key() + "~";
    if (to < from) std::swap(from, to);
    Cursor cursor = store_.cursor({from, to});
    auto begin = state.lower_bound(from);
    auto end = state.lower_bound(to);
    auto place = begin;
    for (int step = 0; step < 30; ++step) {
      ASSERT_EQ(cursor.valid(), place != end);
      if (place == end) {
        if (begin == end) return;
        cursor.seek_last();
        place = std::prev(end);
        continue;
      }
      ASSERT_EQ(cursor.key(), place->first);
      ASSERT_EQ(cursor.value(), place->second);
      switch (random_.below(5)) {
        case 0:
        case 1:
          cursor.next();
          ++place;
          break;
        case 2:
          cursor.previous();
          place = place == begin ? end : std::prev(place);
          break;
        case 3: {
          std::string target = std::max(key(), from);
          cursor.seek(target);
          place = target < to ? state.lower_bound(target) : end;
          break;
        }
        default: {
          std::string target = key();
          cursor.seek_before(target);
          auto after = target < to ? state.lower_bound(target) : end;
          bool none = target <= from || after == begin;
          place = none ? end : std::prev(after);
        }
      }
    }
  }

  std::map<std::string, std::string> state;

 private:
  /// Above the store's own tables, and few enough to meet each other.
  std::string key() { return "k" + std::to_string(100 + random_.below(300)); }

  Store& store_;
  runtime::SeededRandom random_;
};

TEST_F(Stores, walks_within_transactions_agree_with_a_map) {
  Mirror mirror(*store, 11);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    auto before = mirror.state;
    Transaction transaction(*store);
    for (int i = 0; i < 20; ++i) {
      mirror.change();
      ASSERT_NO_FATAL_FAILURE(mirror.walk());
    }
    if (round % 3 == 0) {
      mirror.state = before;  // The transaction is rolled back.
    } else {
      transaction.commit();
      ASSERT_NO_FATAL_FAILURE(mirror.walk());
    }
  }
  EXPECT_FALSE(mirror.state.empty());
}

}  // namespace
}  // namespace matinee::storage
