// Versioning against a model of it that is too simple to be wrong: a list of versions for each key.
#include "services/s3/catalog/version_cursor.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

struct ModelVersion {
  std::string id;
  std::optional<std::string> content;  // nothing: a delete marker
  bool operator==(const ModelVersion&) const = default;
};

class VersionModel : public ServiceTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  VersionModel() { make_bucket(); }

  using Versions = std::vector<ModelVersion>;  // of one key, newest first

  Versions& of(const std::string& key) { return model_[key]; }

  void set_versioning(const std::string& status) {
    PutBucketVersioningRequest request{.bucket = "bucket"};
    request.versioning_configuration.status = status;
    call(&Service::put_bucket_versioning, request);
    status_ = status;
  }

  /// A version with the id "null" takes the place of the one that there is.
  void add(const std::string& key, ModelVersion version) {
    if (version.id == "null")
      std::erase_if(of(key), [](const ModelVersion& old) { return old.id == "null"; });
    of(key).insert(of(key).begin(), std::move(version));
  }

  void store_one(const std::string& key) {
    const std::string content = sample(random_.below(2) * 20'000 + random_.below(100),
                                       static_cast<std::uint32_t>(random_.next()));
    const PutObjectResponse stored = put(key, content);
    EXPECT_EQ(stored.version_id.has_value(), status_ == "Enabled");
    add(key, {.id = stored.version_id.value_or("null"), .content = content});
  }

  void cover(const std::string& key) {
    const auto removed = call(&Service::delete_object, {.bucket = "bucket", .key = key});
    if (status_.empty())
      of(key).clear();
    else
      add(key, {.id = removed.version_id.value(), .content = std::nullopt});
  }

  void remove_one(const std::string& key) {
    if (of(key).empty()) return;
    const auto at = of(key).begin() + static_cast<std::ptrdiff_t>(random_.below(of(key).size()));
    call(&Service::delete_object, {.bucket = "bucket", .key = key, .version_id = at->id});
    of(key).erase(at);
  }

  void take_a_step() {
    const std::string key(1, static_cast<char>('a' + random_.below(3)));
    switch (random_.below(8)) {
      case 0:
        return set_versioning("Enabled");
      case 1:
        return status_.empty() ? void() : set_versioning("Suspended");
      case 2:
        return cover(key);
      case 3:
      case 4:
        return remove_one(key);
      default:
        return store_one(key);
    }
  }

  void check() {
    std::map<std::string, Versions> found;
    const auto listed = call(&Service::list_object_versions, {.bucket = "bucket"});
    Catalog catalog(*store, simulation.random);
    for (VersionCursor place(catalog, "bucket"); place.valid(); place.next()) {
      const Version& version = place.version();
      EXPECT_EQ(version.latest, found[place.key()].empty());
      ModelVersion entry{.id = version_id_of(version.object)};
      if (!version.delete_marker) entry.content = read_version(place.key(), entry.id);
      found[place.key()].push_back(std::move(entry));
    }
    std::erase_if(model_, [](const auto& entry) { return entry.second.empty(); });
    ASSERT_EQ(found, model_);
    std::size_t count = 0;
    for (const auto& [key, versions] : model_) count += versions.size();
    EXPECT_EQ(listed.versions->size() + listed.delete_markers->size(), count);
    check_current();
  }

  void check_current() {
    std::vector<std::string> expected;
    for (const auto& [key, versions] : model_) {
      if (!versions.front().content) {
        EXPECT_THROW(get(key), NoSuchKey);
        continue;
      }
      EXPECT_EQ(read(key), *versions.front().content);
      expected.push_back(key);
    }
    std::vector<std::string> listed;
    const auto page = call(&Service::list_objects_v2, {.bucket = "bucket"});
    for (const Object& object : *page.contents) listed.push_back(*object.key);
    EXPECT_EQ(listed, expected);
  }

  std::string read_version(const std::string& key, const std::string& id) {
    return content_of(
        call(&Service::get_object, {.bucket = "bucket", .key = key, .version_id = id}).body);
  }

  void remove_everything() {
    for (auto& [key, versions] : model_)
      while (!versions.empty()) remove_one(key);
  }

  runtime::SeededRandom random_{GetParam()};
  std::string status_;  // empty: never set
  std::map<std::string, Versions> model_;
};

TEST_P(VersionModel, holds_after_any_steps_and_a_crash_and_leaves_no_blob) {
  for (int round = 0; round < 4; ++round) {
    for (int step = 0; step < 40; ++step) {
      take_a_step();
      ASSERT_NO_FATAL_FAILURE(check()) << "step " << step << " of round " << round;
    }
    ASSERT_TRUE(store->flush());
    kill_and_restart();
    ASSERT_NO_FATAL_FAILURE(check());
  }
  remove_everything();
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_NO_THROW(call(&Service::delete_bucket, DeleteBucketRequest{.bucket = "bucket"}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, VersionModel, testing::Range(std::uint64_t{1}, std::uint64_t{13}));

}  // namespace
}  // namespace matinee::s3
