// Snapshots of a store: what is in them, what they share, and the way back.
#include "storage/snapshots.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/links.h"
#include "runtime/real/real_disk.h"
#include "storage/blobs.h"
#include "storage/condition.h"
#include "storage/copier.h"
#include "storage/restoring.h"
#include "storage/stopping_disk.h"
#include "storage/store_fixture.h"

namespace matinee::storage {
namespace {

using Kind = runtime::DiskError::Kind;

/// The last of them, as many as are expected.
std::vector<std::string> last_of(const std::vector<std::string>& events, std::size_t count) {
  return {events.end() - static_cast<std::ptrdiff_t>(std::min(count, events.size())), events.end()};
}

Fork fork_of(const std::string& name, const std::string& target) {
  return {.directory = "/data",
          .name = name,
          .target = target,
          .unfinished = target + ".4f8c.unfinished"};
}

class SnapshotsTest : public Stores {
 protected:
  runtime::DiskResult<Snapshot> save(const std::string& name) {
    return snapshots.save(*store->condition()->copier(), {.name = name, .saved = {}, .content = {}},
                          "saving");
  }
  /// A name a line of what is kept, as far as it is readable.
  std::string names() {
    std::string out;
    const auto found = snapshots.list();
    if (!found) return found.error().message;
    for (const Snapshot& snapshot : *found) out += snapshot.name + "\n";
    return out;
  }
  void restart() {
    store.reset();
    open();
  }
  /// The store of another directory.
  std::string titles_in(const std::string& directory) {
    StoreOptions other = options();
    other.directory = directory;
    auto opened = Store::open(other);
    if (!opened) return opened.error().message;
    Movies kept(**opened, TableId{0x0f01});
    std::string out;
    kept.scan(kept.all(), [&](const auto&, const Movie& movie) {
      out += movie.title;
      return true;
    });
    return out;
  }
  /// Those of a snapshot, which is not served where it lies.
  std::string titles_of(const std::string& name) {
    const auto made = make_fork(
        simulation.disk,
        {.directory = "/data", .name = name, .target = "/copy", .unfinished = "/copy.unfinished"});
    return made ? titles_in("/copy") : made.error().message;
  }
  /// With the snapshot "one" of "old", and "new" in the store, which is closed.
  void prepare() {
    put("a", 1, "old");
    const auto saved = save("one");
    ASSERT_TRUE(saved) << saved.error().message;
    put("a", 1, "new");
    store.reset();
  }

  Snapshots snapshots{simulation.disk, "/data"};
};

TEST_F(SnapshotsTest, a_snapshot_is_a_directory_with_what_there_was) {
  put("a", 1, "old");
  const auto saved = save("one");
  ASSERT_TRUE(saved) << saved.error().message;
  put("a", 1, "new");
  EXPECT_GT(saved->content.bytes, 0U);
  EXPECT_EQ(titles_of("one"), "old");
  EXPECT_EQ(titles(movies->all()), "new");
}

TEST_F(SnapshotsTest, names_are_kept_once_and_forgotten) {
  ASSERT_TRUE(save("b"));
  ASSERT_TRUE(save("a"));
  EXPECT_EQ(names(), "a\nb\n");
  EXPECT_EQ(save("a").error().kind, Kind::already_exists);
  ASSERT_TRUE(snapshots.remove("a", "removed"));
  EXPECT_EQ(names(), "b\n");
  EXPECT_EQ(snapshots.remove("a", "removed").error().kind, Kind::not_found);
  EXPECT_EQ(snapshots.find_left_overs(), std::vector<std::string>{".removed"});
  EXPECT_EQ(snapshots.remove_some_of(".removed", 2), false);
  EXPECT_EQ(snapshots.remove_some_of(".removed", 100), true);
  EXPECT_TRUE(snapshots.find_left_overs().empty());
}

TEST_F(SnapshotsTest, one_that_lies_among_others_is_refused_a_copy_is_not) {
  ASSERT_TRUE(save("one"));
  EXPECT_EQ(titles_in("/data/snapshots/one"),
            "/data/snapshots/one is a snapshot, and would not stay what it is: `matinee fork one "
            "--data /data` serves a copy of it.");
  EXPECT_EQ(titles_of("one"), "");
}

TEST_F(SnapshotsTest, a_damaged_one_hinders_no_other) {
  ASSERT_TRUE(save("a"));
  ASSERT_TRUE(save("b"));
  ASSERT_TRUE(simulation.disk.write_atomically("/data/snapshots/a/SNAPSHOT", "nonsense"));
  EXPECT_EQ(names(), "a\nb\n");
  const auto found = snapshots.list();
  EXPECT_FALSE(found->front().damage.empty());
  EXPECT_TRUE(found->back().damage.empty());
}

TEST(SnapshotNames, are_of_few_characters) {
  for (const char* name : {"a", "A.b-c_9", "nowadays", "x-"}) EXPECT_TRUE(is_snapshot_name(name));
  for (const char* name : {"", ".a", "a/b", "a b", "now", "..", "-x", "\xc3\xa4"})
    EXPECT_FALSE(is_snapshot_name(name)) << name;
  EXPECT_TRUE(is_snapshot_name(std::string(128, 'x')));
  EXPECT_FALSE(is_snapshot_name(std::string(129, 'x')));
}

TEST_F(SnapshotsTest, what_a_crash_has_left_is_found_and_removed) {
  ASSERT_TRUE(save("one"));
  simulation.disk.fail_writes_to("saving/SNAPSHOT");
  EXPECT_FALSE(save("two"));
  simulation.disk.fail_writes_to("");
  ASSERT_TRUE(simulation.disk.create_directories("/data/snapshots/.saving-2/store"));
  EXPECT_EQ(snapshots.find_left_overs(), std::vector<std::string>{".saving-2"});
  ASSERT_TRUE(snapshots.remove_left_overs(snapshots.find_left_overs()));
  EXPECT_TRUE(snapshots.find_left_overs().empty());
  EXPECT_EQ(names(), "one\n");
}

TEST_F(SnapshotsTest, a_store_becomes_what_its_snapshot_is_which_stays) {
  prepare();
  for (int i = 0; i < 2; ++i) {
    const auto restored = restore(simulation.disk, {"/data", "one", "restoring"});
    ASSERT_TRUE(restored) << restored.error().message;
    open();
    EXPECT_EQ(titles(movies->all()), "old");
    put("a", 1, "newer");
    restart();
    EXPECT_EQ(titles(movies->all()), "newer");
    store.reset();
  }
  EXPECT_TRUE(snapshots.find_left_overs().empty());
  EXPECT_EQ(titles_of("one"), "old");
}

TEST_F(SnapshotsTest, what_is_decided_is_done_by_whoever_opens_the_directory) {
  put("a", 1, "old");
  ASSERT_TRUE(save("one"));
  put("a", 1, "new");
  ASSERT_TRUE(prepare_restore(simulation.disk, {"/data", "one", "restoring"}));
  EXPECT_EQ(titles(movies->all()), "new");
  EXPECT_EQ(prepare_restore(simulation.disk, {"/data", "one", "again"}).error().kind,
            Kind::already_exists);
  StoreOptions to_read = options();
  to_read.read_only = true;
  store.reset();
  EXPECT_FALSE(Store::open(to_read));
  open();
  EXPECT_EQ(titles(movies->all()), "old");
  EXPECT_FALSE(is_to_be_restored(simulation.disk, "/data"));
}

TEST_F(SnapshotsTest, unknown_and_damaged_snapshots_are_refused_and_change_nothing) {
  prepare();
  EXPECT_EQ(prepare_restore(simulation.disk, {"/data", "two", "restoring"}).error().kind,
            Kind::not_found);
  ASSERT_TRUE(simulation.disk.write_atomically("/data/snapshots/one/SNAPSHOT", "nonsense"));
  EXPECT_FALSE(prepare_restore(simulation.disk, {"/data", "one", "restoring"}));
  open();
  EXPECT_EQ(titles(movies->all()), "new");
}

/// Thirty bodies of the store, the first byte of each of which tells them apart.
class SnapshotsOfBodies : public SnapshotsTest {
 protected:
  void put_bodies() {
    for (int i = 0; i < 30; ++i) {
      auto writer = store->blobs().create();
      ASSERT_TRUE(writer);
      ASSERT_TRUE(writer->write(std::string(1, static_cast<char>('a' + i)) + "body"));
      ASSERT_TRUE(writer->finish());
      Transaction transaction(*store);
      bodies.push_back(store->blobs().keep(*std::move(writer)));
      transaction.commit();
    }
  }
  void remove_bodies() {
    Transaction transaction(*store);
    for (const BlobRef& body : bodies) store->blobs().remove(body);
    transaction.commit();
    ASSERT_TRUE(store->sync());
  }
  /// How many of them are there with what they had.
  int count_bodies() {
    int found = 0;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      const auto body = store->blobs().open(bodies[i]);
      const std::string content = body ? std::string((*body)->bytes()) : "";
      if (content == std::string(1, static_cast<char>('a' + i)) + "body") ++found;
    }
    return found;
  }

  std::vector<BlobRef> bodies;
};

TEST_F(SnapshotsOfBodies, have_all_of_them_however_many_are_removed_later) {
  put_bodies();
  const auto saved = save("one");
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->content.bodies, 30U);
  EXPECT_GE(saved->content.bytes, 150U);
  remove_bodies();
  EXPECT_EQ(count_bodies(), 0);
  store.reset();
  ASSERT_TRUE(restore(simulation.disk, {"/data", "one", "restoring"}));
  open();
  EXPECT_EQ(count_bodies(), 30);
}

TEST_F(SnapshotsOfBodies, have_those_too_that_are_removed_while_they_are_saved) {
  StoppingDisk disk(simulation.disk);
  StoreOptions watched = options();
  watched.disk = &disk;
  store.reset();
  store = *Store::open(watched);
  put_bodies();
  disk.before_making("/data/snapshots/.saving/blobs", [this] { remove_bodies(); });
  EXPECT_EQ(save("one")->content.bodies, 30U);
  store.reset();
  open();
  EXPECT_EQ(count_bodies(), 0);
  store.reset();
  ASSERT_TRUE(restore(simulation.disk, {"/data", "one", "restoring"}));
  open();
  EXPECT_EQ(count_bodies(), 30);
}

/// One that is being deleted by somebody else looks like that.
TEST_F(SnapshotsOfBodies, are_refused_where_one_is_missing) {
  put_bodies();
  ASSERT_TRUE(save("one"));
  const std::string shard = "/data/snapshots/one/blobs/03";
  ASSERT_TRUE(simulation.disk.remove(shard + "/" + simulation.disk.list(shard)->front()));
  const auto refused = prepare_restore(simulation.disk, {"/data", "one", "restoring"});
  EXPECT_EQ(refused.error().message, "the snapshot one is damaged: it has 29 of its 30 bodies");
  EXPECT_FALSE(make_fork(simulation.disk, fork_of("one", "/fork")));
  EXPECT_FALSE(simulation.disk.exists("/fork"));
  EXPECT_FALSE(is_to_be_restored(simulation.disk, "/data"));
  EXPECT_EQ(count_bodies(), 30);
}

TEST_F(SnapshotsOfBodies, that_come_from_elsewhere_are_on_the_disk_before_they_have_a_name) {
  put_bodies();
  ASSERT_TRUE(save("one"));
  ASSERT_TRUE(simulation.disk.rename("/data/snapshots/one", "/data/snapshots/.importing"));
  StoppingDisk disk(simulation.disk);
  Snapshots others(disk, "/data");
  EXPECT_FALSE(others.adopt("two", "importing", 29));
  EXPECT_EQ(names(), "");
  ASSERT_TRUE(others.adopt("two", "importing", 30));
  EXPECT_EQ(names(), "two\n");
  const std::vector<std::string> last{"sync-all /data/snapshots/.importing",
                                      "rename /data/snapshots/two", "sync /data/snapshots"};
  EXPECT_EQ(last_of(disk.events(), 3), last);
}

/// Where links are links: the database may go on writing to all that is no table.
TEST(SnapshotsOnARealDisk, share_with_forks_what_never_changes_and_nothing_else) {
  const std::string root = testing::TempDir() + "/snapshots_test." + std::to_string(::getpid());
  runtime::RealDisk disk;
  auto store = Store::open({.directory = root + "/data", .disk = &disk});
  ASSERT_TRUE(store) << store.error().message;
  auto writer = (*store)->blobs().create();
  ASSERT_TRUE(writer->write("body"));
  ASSERT_TRUE(writer->finish());
  {
    Transaction transaction(**store);
    (void)(*store)->blobs().keep(*std::move(writer));
    transaction.commit();
  }
  ASSERT_TRUE((*store)->flush());
  Snapshots snapshots(disk, root + "/data");
  ASSERT_TRUE(snapshots.save(*(*store)->condition()->copier(), {.name = "one"}, "saving"));
  ASSERT_TRUE(make_fork(disk, {.directory = root + "/data",
                               .name = "one",
                               .target = root + "/fork",
                               .unfinished = root + "/unfinished"}));
  int own = 0;
  for (const auto& file : std::filesystem::directory_iterator(root + "/fork/store"))
    if (file.path().extension() != ".sst") {
      EXPECT_EQ(file.hard_link_count(), 1U) << file.path();
      ++own;
    }
  EXPECT_GE(own, 3);
  for (const auto& file : std::filesystem::recursive_directory_iterator(root + "/fork/blobs"))
    if (file.is_regular_file()) EXPECT_EQ(file.hard_link_count(), 3U);
  store->reset();
  std::filesystem::remove_all(root);
}

/// However often it is stopped, and in front of whichever step.
TEST_F(SnapshotsTest, stopped_anywhere_it_is_old_or_new) {
  prepare();
  StoppingDisk disk(simulation.disk);
  int old = 0;
  int restored = 0;
  for (int changes = 0; changes < 1000; ++changes) {
    disk.stop_after(changes);
    auto done = prepare_restore(disk, {"/data", "one", "restoring"});
    if (done) done = finish_restore(disk, "/data");
    const bool is_whole = !disk.has_stopped();
    const bool was_decided = is_to_be_restored(simulation.disk, "/data");
    disk.go_on();
    // The next one is stopped as well, three steps later.
    disk.stop_after(3);
    (void)finish_restore(disk, "/data");
    disk.go_on();
    open();
    const std::string found = titles(movies->all());
    EXPECT_EQ(found, is_whole || was_decided ? "old" : "new") << changes;
    EXPECT_FALSE(is_to_be_restored(simulation.disk, "/data"));
    ++(found == "old" ? restored : old);
    put("a", 1, "new");
    store.reset();
    ASSERT_TRUE(snapshots.remove_left_overs(snapshots.find_left_overs()));
    if (is_whole) break;
  }
  EXPECT_GT(old, 5);
  EXPECT_GT(restored, 3);
}

TEST_F(SnapshotsTest, a_fork_is_a_directory_of_its_own) {
  prepare();
  const Fork wanted = fork_of("one", "/fork");
  ASSERT_TRUE(make_fork(simulation.disk, wanted));
  EXPECT_EQ(titles_in("/fork"), "old");
  EXPECT_EQ(make_fork(simulation.disk, wanted).error().kind, Kind::already_exists);
  EXPECT_EQ(make_fork(simulation.disk, fork_of("two", "/2")).error().kind, Kind::not_found);
  EXPECT_FALSE(simulation.disk.exists("/2.4f8c.unfinished"));
}

TEST_F(SnapshotsTest, a_fork_leaves_alone_what_stands_where_it_would_be_made) {
  prepare();
  const Fork wanted = fork_of("one", "/fork");
  const std::string theirs = wanted.unfinished + "/thesis";
  ASSERT_TRUE(simulation.disk.create_directories(wanted.unfinished));
  ASSERT_TRUE(simulation.disk.write_atomically(theirs, "five years"));
  EXPECT_EQ(make_fork(simulation.disk, wanted).error().kind, Kind::already_exists);
  EXPECT_EQ(simulation.disk.read(theirs).value_or(""), "five years");
  EXPECT_FALSE(simulation.disk.exists("/fork"));
}

TEST_F(SnapshotsTest, a_fork_that_lasts_has_its_name_and_those_above_it_on_the_disk) {
  for (const bool consumes : {false, true}) {
    prepare();
    StoppingDisk disk(simulation.disk);
    Fork wanted = fork_of("one", consumes ? "/moved/b/fork" : "/copied/b/fork");
    wanted.consumes = consumes;
    ASSERT_TRUE(make_fork(disk, wanted));
    const std::string above = consumes ? "/moved" : "/copied";
    const std::vector<std::string> last{"sync " + wanted.unfinished, "rename " + wanted.target,
                                        "sync " + above + "/b", "sync " + above, "sync /"};
    EXPECT_EQ(last_of(disk.events(), last.size()), last);
    if (consumes) break;
    ASSERT_TRUE(snapshots.remove("one", "gone"));
    open();
  }
}

TEST_F(SnapshotsTest, a_fork_that_passes_does_not_wait_for_the_disk) {
  prepare();
  StoppingDisk disk(simulation.disk);
  Fork wanted = fork_of("one", "/fork");
  wanted.lasts = false;
  ASSERT_TRUE(make_fork(disk, wanted));
  EXPECT_EQ(disk.events(), std::vector<std::string>{"rename /fork"});
}

TEST_F(SnapshotsTest, a_snapshot_that_is_consumed_becomes_the_fork) {
  prepare();
  Fork wanted = fork_of("one", "/fork");
  wanted.consumes = true;
  ASSERT_TRUE(make_fork(simulation.disk, wanted));
  EXPECT_EQ(titles_in("/fork"), "old");
  EXPECT_FALSE(simulation.disk.exists("/fork/SNAPSHOT"));
  EXPECT_EQ(names(), "");
  EXPECT_EQ(titles_in("/data"), "new");
}

TEST_F(SnapshotsTest, a_fork_that_was_stopped_is_not_there_and_is_made_again) {
  prepare();
  StoppingDisk disk(simulation.disk);
  Fork wanted = fork_of("one", "/fork");
  for (int changes = 0; changes < 1000 && !simulation.disk.exists("/fork"); ++changes) {
    wanted.unfinished = fmt::format("/fork.{}.unfinished", changes);
    disk.stop_after(changes);
    EXPECT_EQ(make_fork(disk, wanted).has_value(), simulation.disk.exists("/fork"));
  }
  EXPECT_EQ(titles_in("/fork"), "old");
}

TEST_F(SnapshotsTest, a_snapshot_that_was_to_be_consumed_when_it_was_stopped_is_not_between) {
  prepare();
  StoppingDisk disk(simulation.disk);
  Fork wanted = fork_of("one", "/fork");
  wanted.consumes = true;
  for (int changes = 0; changes < 1000 && !simulation.disk.exists("/fork"); ++changes) {
    disk.stop_after(changes);
    EXPECT_EQ(make_fork(disk, wanted).has_value(), simulation.disk.exists("/fork"));
    // What it became has a name that says so; the rest is as it was.
    const bool is_left = simulation.disk.exists(wanted.unfinished);
    EXPECT_NE(names() == "one\n", is_left || simulation.disk.exists("/fork")) << changes;
    if (!is_left) continue;
    ASSERT_TRUE(runtime::remove_tree(simulation.disk, wanted.unfinished));
    open();
    ASSERT_TRUE(save("one"));
    store.reset();
  }
  EXPECT_EQ(titles_in("/data"), "new");
}

}  // namespace
}  // namespace matinee::storage
