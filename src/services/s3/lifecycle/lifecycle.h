// The lifecycle rules of one bucket: what they do to an object, a version or an upload, and when.
//
// AWS counts whole days and acts at midnight UTC: the days of a rule are added to the moment from
// which they count, and the result is rounded up to the next midnight.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "s3/shapes.h"
#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

/// The midnight at which a rule acts on what is `days` old then.
runtime::Time midnight_after(runtime::Time since, std::int32_t days);

/// An action that a rule has for an object, and the midnight from which on it is to be taken.
struct Due {
  runtime::Time at;
  std::string rule_id;
  std::string storage_class;  // of a transition
};

class Lifecycle {
 public:
  /// Rules that are disabled are left out. `minimum_size` is "varies_by_storage_class" where small
  /// objects may move to archives.
  Lifecycle(const std::vector<LifecycleRule>& rules, const std::string& minimum_size);

  /// A version among those of its key.
  struct Place {
    const std::string& key;
    const Version& version;
    std::size_t newer_noncurrent = 0;  // how many noncurrent versions of the key are newer
  };

  /// When the current object of a key is removed, or covered by a delete marker.
  std::optional<Due> expiry(const std::string& key, const ObjectRecord& object) const;
  /// When a version that is not current is removed for ever; locks are not looked at.
  std::optional<Due> noncurrent_expiry(const Place& place) const;
  /// When a delete marker that is all there is of its key is removed.
  std::optional<Due> marker_expiry(const std::string& key, const Version& marker) const;
  /// Of the moves to another storage class that are due at `now` the furthest, where it is further
  /// than the version is.
  std::optional<Due> transition(const Place& place, runtime::Time now) const;
  /// When an upload in progress is aborted.
  std::optional<Due> abort(const std::string& key, const UploadRecord& upload) const;

  /// Whether any rule is about objects and versions, or about uploads.
  bool has_object_rules() const { return has_object_rules_; }
  bool has_upload_rules() const { return has_upload_rules_; }
  /// What all rules demand keys to begin with.
  const std::string& common_prefix() const { return common_prefix_; }

 private:
  struct Rule {
    LifecycleRule rule;
    std::string prefix;
    std::vector<Tag> tags;
    std::optional<std::int64_t> larger_than;
    std::optional<std::int64_t> smaller_than;

    explicit Rule(const LifecycleRule& rule);
    bool applies(const std::string& key, const ObjectRecord& object) const;
    bool applies_to_marker(const std::string& key) const;
  };

  bool may_move(const Rule& rule, const ObjectRecord& object,
                const std::string& storage_class) const;

  std::vector<Rule> rules_;
  bool small_objects_move_to_archives_;
  bool has_object_rules_ = false;
  bool has_upload_rules_ = false;
  std::string common_prefix_;
};

/// x-amz-expiration: `expiry-date="Fri, 05 Jan 2024 00:00:00 GMT", rule-id="a%20rule"`.
std::string expiration_header(const Due& expiry);

}  // namespace matinee::s3
