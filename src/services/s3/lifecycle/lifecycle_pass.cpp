#include "services/s3/lifecycle/lifecycle_pass.h"

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/s3/catalog/version_cursor.h"

namespace matinee::s3 {

namespace {

// What one step does at most, so that it takes a few milliseconds: a version is looked at in
// microseconds, and changed in some ten.
constexpr std::size_t versions_a_step = 500;
constexpr std::size_t changes_a_step = 100;
/// A step ends between keys where it can; of a key with more versions than this it does not wait
/// for the end.
constexpr std::size_t versions_of_a_key_a_step = 2000;
/// Each may have 10,000 parts.
constexpr std::size_t aborts_a_step = 4;
constexpr std::chrono::minutes wait_after_failure{1};

constexpr runtime::TimerPurpose carrying_out{.what = "S3 carries out lifecycle rules"};

constexpr std::uint8_t only_record = 0;

runtime::Time last_midnight(runtime::Time now) {
  return std::chrono::floor<std::chrono::days>(now);
}

runtime::Time next_midnight(runtime::Time now) {
  return last_midnight(now) + std::chrono::days(1);
}

bool is_locked(const ObjectRecord& object, runtime::Time now) {
  return object.legal_hold.value_or(false) || (object.retention && object.retention->until > now);
}

bool is_due(const std::optional<Due>& due, runtime::Time now) {
  return due && due->at <= now;
}

std::unique_ptr<Lifecycle> read_lifecycle(const ConfigurationRecord& record) {
  BucketLifecycleConfiguration configuration;
  Configurations::read(record, BucketLifecycleConfiguration::shape, &configuration);
  return std::make_unique<Lifecycle>(configuration.rules,
                                     record.transition_default_minimum_object_size.value_or(""));
}

}  // namespace

struct LifecyclePass::Change {
  enum class Kind { expire, remove, move };
  Kind kind;
  std::string key;
  Version version;
  std::string storage_class;
};

/// Decides about the versions of a bucket one after the other, newest first within a key.
class LifecyclePass::Walk {
 public:
  Walk(const Lifecycle& lifecycle, runtime::Time now) : lifecycle_(lifecycle), now_(now) {}

  std::vector<Change> changes;

  void begin_key() {
    // Nothing followed the marker: it is all there was of its key.
    if (marker_ && is_due(lifecycle_.marker_expiry(marker_->key, marker_->version), now_))
      changes.push_back(std::move(*marker_));
    marker_.reset();
  }

  void visit(const std::string& key, const Version& version, std::size_t newer_noncurrent) {
    const Lifecycle::Place place{
        .key = key, .version = version, .newer_noncurrent = newer_noncurrent};
    marker_.reset();
    if (version.latest && version.delete_marker) {
      marker_ = Change{Change::Kind::remove, key, version, ""};
      return;
    }
    const bool expires = version.latest ? is_due(lifecycle_.expiry(key, version.object), now_)
                                        : is_due(lifecycle_.noncurrent_expiry(place), now_) &&
                                              !is_locked(version.object, now_);
    if (expires) {
      const auto kind = version.latest ? Change::Kind::expire : Change::Kind::remove;
      changes.push_back({kind, key, version, ""});
    } else if (!version.delete_marker) {
      if (const auto move = lifecycle_.transition(place, now_))
        changes.push_back({Change::Kind::move, key, version, move->storage_class});
    }
  }

 private:
  const Lifecycle& lifecycle_;
  runtime::Time now_;
  std::optional<Change> marker_;
};

LifecyclePass::LifecyclePass(Catalog& catalog, const Configurations& configurations,
                             const runtime::Runtime& runtime, Tell tell)
    : catalog_(catalog),
      configurations_(configurations),
      clock_(runtime.clock),
      loop_(runtime.loop),
      tell_(std::move(tell)),
      passes_(catalog.store(), storage::TableId{0x0311}) {
  configurations_.scan_all([&](const Configurations::Key& key, const ConfigurationRecord& record) {
    const auto& [bucket, kind, id] = key;
    if (kind == ConfigurationKind::lifecycle) lifecycles_[bucket] = read_lifecycle(record);
    return true;
  });
  if (lifecycles_.empty()) return;
  schedule(next_midnight(clock_.now()));
  const auto last = passes_.find(only_record);
  if (last && last->midnight < last_midnight(clock_.now())) start();
}

LifecyclePass::~LifecyclePass() {
  clock_.cancel(timer_);
}

const Lifecycle* LifecyclePass::find(const std::string& bucket) const {
  const auto found = lifecycles_.find(bucket);
  return found == lifecycles_.end() ? nullptr : found->second.get();
}

void LifecyclePass::reload(const std::string& bucket) {
  // Rules made today act at the next midnight, also where the program ends before it.
  if (!passes_.contains(only_record) || lifecycles_.empty())
    passes_.put(only_record, {.midnight = last_midnight(clock_.now())});
  const auto record =
      configurations_.find_record(Configurations::key(bucket, ConfigurationKind::lifecycle));
  catalog_.store().on_commit(
      [this, bucket, lifecycle = record ? read_lifecycle(*record) : nullptr]() mutable {
        if (!lifecycle) {
          lifecycles_.erase(bucket);
          return;
        }
        lifecycles_[bucket] = std::move(lifecycle);
        if (timer_ == runtime::TimerId::none) schedule(next_midnight(clock_.now()));
      });
}

void LifecyclePass::schedule(runtime::Time when) {
  clock_.cancel(timer_);
  timer_ = runtime::call_for(clock_, carrying_out, when, [this] {
    timer_ = runtime::TimerId::none;
    if (lifecycles_.empty()) return;
    schedule(next_midnight(clock_.now()));
    start();
  });
}

void LifecyclePass::start() {
  if (progress_) return;
  progress_ = Progress{.midnight = last_midnight(clock_.now())};
  post_step();
}

void LifecyclePass::post_step() {
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) step();
  });
}

void LifecyclePass::step() {
  try {
    storage::Transaction transaction(catalog_.store());
    Progress progress = *progress_;
    const bool goes_on = advance(progress);
    transaction.commit();
    progress_ = std::move(progress);
    if (goes_on) return post_step();
  } catch (const std::exception& error) {
    spdlog::error("A step of the lifecycle rules failed, and is tried again in a minute: {}",
                  error.what());
    schedule(clock_.now() + wait_after_failure);
  }
  progress_.reset();
}

bool LifecyclePass::advance(Progress& progress) {
  const auto place = lifecycles_.lower_bound(progress.bucket);
  if (place == lifecycles_.end()) {
    passes_.put(only_record, {.midnight = progress.midnight});
    return false;
  }
  const auto& [bucket, lifecycle] = *place;
  if (bucket != progress.bucket)
    progress = Progress{.midnight = progress.midnight, .bucket = bucket};
  if (!progress.at_uploads) {
    if (lifecycle->has_object_rules() && walk_versions(progress, *lifecycle)) return true;
    progress = Progress{.midnight = progress.midnight, .bucket = bucket, .at_uploads = true};
    return true;
  }
  if (lifecycle->has_upload_rules() && walk_uploads(progress, *lifecycle)) return true;
  progress = Progress{.midnight = progress.midnight, .bucket = bucket + '\0'};
  return true;
}

bool LifecyclePass::walk_versions(Progress& progress, const Lifecycle& lifecycle) {
  const std::optional<BucketRecord> bucket = catalog_.buckets.find(progress.bucket);
  if (!bucket) return false;
  Walk walk(lifecycle, clock_.now());
  bool goes_on = false;
  {
    VersionCursor place(catalog_, progress.bucket, lifecycle.common_prefix(), progress.key);
    if (!progress.id.empty())
      place.seek_after(progress.key, progress.id);
    else if (!progress.key.empty())
      place.seek_after_key(progress.key);
    for (std::size_t count = 0; place.valid(); ++count, place.next()) {
      const bool full = count >= versions_a_step || walk.changes.size() >= changes_a_step ||
                        (count > 0 && loop_.turns().is_over());
      const bool same_key = place.key() == progress.key && !progress.id.empty();
      goes_on = same_key ? count >= versions_of_a_key_a_step : full;
      if (!same_key) walk.begin_key();
      if (goes_on) {
        if (!same_key) progress.id.clear();
        break;
      }
      if (!same_key) progress.newer_noncurrent = 0;
      progress.key = place.key();
      progress.id = version_id_of(place.version().object);
      walk.visit(place.key(), place.version(), progress.newer_noncurrent);
      if (!place.version().latest && !place.version().delete_marker) ++progress.newer_noncurrent;
    }
    if (!goes_on) walk.begin_key();
  }
  for (const Change& change : walk.changes) apply(*bucket, progress.bucket, change);
  return goes_on;
}

void LifecyclePass::apply(const BucketRecord& bucket, const std::string& name,
                          const Change& change) {
  const Catalog::ObjectKey key = Catalog::object_key(name, change.key);
  const runtime::Time now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  const ObjectRecord& object = change.version.object;
  switch (change.kind) {
    case Change::Kind::expire: {
      // With versioning nothing is lost: a delete marker covers the object, be it locked or not.
      if (bucket.versioning != Versioning::enabled && is_locked(object, now)) return;
      const auto marker =
          catalog_.remove_object(catalog_.find_target(bucket, name, change.key), now);
      ObjectEvent event{.name = "LifecycleExpiration:Delete", .key = change.key};
      if (marker) {
        event.name = "LifecycleExpiration:DeleteMarkerCreated";
        event.version_id = marker->object.version->id;
      }
      return tell_(name, event);
    }
    case Change::Kind::remove: {
      catalog_.remove_version(key, change.version);
      ObjectEvent event{.name = "LifecycleExpiration:Delete", .key = change.key};
      if (object.version) event.version_id = object.version->id;
      return tell_(name, event);
    }
    case Change::Kind::move: {
      ObjectRecord moved = object;
      moved.attributes.storage_class = change.storage_class;
      catalog_.update_object(key, moved);
      return tell_(name, event_of("LifecycleTransition", change.key, moved));
    }
  }
}

bool LifecyclePass::walk_uploads(Progress& progress, const Lifecycle& lifecycle) {
  const runtime::Time now = clock_.now();
  std::vector<Catalog::UploadKey> due;
  std::size_t count = 0;
  storage::KeyRange range = catalog_.uploads.prefix(progress.bucket);
  if (!progress.key.empty())
    range = catalog_.uploads.after(range, {progress.bucket, progress.key, progress.id});
  bool goes_on = false;
  catalog_.uploads.scan(range, [&](const Catalog::UploadKey& key, const UploadRecord& upload) {
    goes_on = ++count > versions_a_step || due.size() == aborts_a_step;
    if (goes_on) return false;
    std::tie(std::ignore, progress.key, progress.id) = key;
    if (is_due(lifecycle.abort(progress.key, upload), now)) due.push_back(key);
    return true;
  });
  for (const Catalog::UploadKey& key : due) catalog_.remove_upload(key);
  return goes_on;
}

}  // namespace matinee::s3
