#include "storage/old_versions.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <memory>
#include <optional>
#include <semaphore>
#include <string>

namespace matinee::storage {
namespace {

class FilesMade : public rocksdb::EventListener {
 public:
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { made.release(); }

  std::counting_semaphore<> made{0};
};

class OldVersionsTest : public testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.env = env_.get();
    options.listeners.push_back(files_);
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, "/versions", &db).ok());
    db_.reset(db);
    old_versions_.emplace(*db_);
  }

  static std::string key(int number) { return "key" + std::to_string(1'000'000 + number); }

  void overwrite(int times, std::size_t bytes) {
    const std::string value(bytes, 'v');
    for (int i = 0; i < times * key_count_; ++i)
      ASSERT_TRUE(db_->Put({}, key(i % key_count_), value).ok());
  }
  int scan() {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
    int seen = 0;
    const auto move = [&](auto step) {
      const OldVersions::Watch watch(*old_versions_);
      step();
      if (it->Valid()) ++seen;
    };
    move([&] { it->SeekToFirst(); });
    while (it->Valid()) move([&] { it->Next(); });
    return seen;
  }
  /// Scans that would step over more than is worth a file, were each key to have old versions.
  void scan_often() {
    for (std::uint64_t i = 0; i < OldVersions::worth_a_file / 100; ++i) scan();
  }
  std::string files() {
    std::string number;
    EXPECT_TRUE(db_->GetProperty("rocksdb.num-files-at-level0", &number));
    return number;
  }
  std::uint64_t entries_in_memory() {
    std::uint64_t number = 0;
    EXPECT_TRUE(db_->GetIntProperty(rocksdb::DB::Properties::kNumEntriesActiveMemTable, &number));
    return number;
  }

  int key_count_ = 100;
  std::unique_ptr<rocksdb::Env> env_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::shared_ptr<FilesMade> files_ = std::make_shared<FilesMade>();
  std::unique_ptr<rocksdb::DB> db_;
  std::optional<OldVersions> old_versions_;
};

TEST_F(OldVersionsTest,
       what_was_overwritten_often_becomes_a_file_once_cursors_step_over_much_of_it) {
  overwrite(200, 100);
  EXPECT_EQ(entries_in_memory(), 20'000u);
  EXPECT_EQ(scan(), key_count_);
  EXPECT_EQ(entries_in_memory(), 20'000u);  // One scan is not worth it.
  scan_often();
  files_->made.acquire();
  EXPECT_EQ(files(), "1");
  EXPECT_EQ(entries_in_memory(), 0u);
  EXPECT_EQ(scan(), key_count_);
}

TEST_F(OldVersionsTest, a_small_table_in_memory_stays) {
  overwrite(20, 100);
  scan_often();
  EXPECT_EQ(entries_in_memory(), 2'000u);
}

TEST_F(OldVersionsTest, a_few_old_versions_a_key_are_not_counted) {
  key_count_ = 1'000;
  overwrite(7, 100);
  scan_often();
  EXPECT_EQ(entries_in_memory(), 7'000u);
}

TEST_F(OldVersionsTest, what_a_deletion_hides_is_not_counted_for_a_file_would_keep_the_deletion) {
  key_count_ = 5'000;
  overwrite(1, 100);
  for (int i = 0; i < key_count_; ++i) ASSERT_TRUE(db_->Delete({}, key(i)).ok());
  EXPECT_EQ(scan(), 0);
  scan_often();
  EXPECT_EQ(entries_in_memory(), 10'000u);
}

}  // namespace
}  // namespace matinee::storage
