#include "services/s3/lifecycle/lifecycle_rules.h"

#include <fmt/format.h>

#include <set>

#include "protocol/utf8.h"
#include "s3/errors.h"
#include "services/s3/configurations/configuration_rules.h"

namespace matinee::s3 {

namespace {

constexpr std::size_t max_id_characters = 255;
constexpr std::int32_t min_days_before_infrequent_access = 30;
constexpr std::int32_t max_newer_versions = 100;

bool is_midnight(protocol::Timestamp time) {
  return std::chrono::floor<std::chrono::days>(time) == time;
}

void check_date(const std::optional<protocol::Timestamp>& date) {
  if (date && !is_midnight(*date)) throw InvalidArgument("'Date' must be at midnight GMT");
}

void check_positive(std::int32_t number, std::string_view name, std::string_view action) {
  if (number > 0) return;
  throw InvalidArgument(fmt::format("'{}' for {} action must be a positive integer", name, action));
}

bool has_tags(const LifecycleRule& rule) {
  return rule.filter && (rule.filter->tag || (rule.filter->and_ && rule.filter->and_->tags &&
                                              !rule.filter->and_->tags->empty()));
}

bool has_sizes(const LifecycleRule& rule) {
  if (!rule.filter) return false;
  const LifecycleRuleFilter& filter = *rule.filter;
  return filter.object_size_greater_than || filter.object_size_less_than ||
         (filter.and_ &&
          (filter.and_->object_size_greater_than || filter.and_->object_size_less_than));
}

/// As errors name the objects that a rule is for.
std::string describe_filter(const LifecycleRule& rule) {
  std::string prefix = rule.prefix.value_or("");
  if (rule.filter && rule.filter->prefix) prefix = *rule.filter->prefix;
  if (rule.filter && rule.filter->and_ && rule.filter->and_->prefix)
    prefix = *rule.filter->and_->prefix;
  return fmt::format("'(prefix={})'", prefix);
}

void check_sizes(const std::optional<std::int64_t>& greater,
                 const std::optional<std::int64_t>& less) {
  if (greater && *greater < 0)
    throw InvalidArgument("'ObjectSizeGreaterThan' must be a non-negative integer");
  if (less && *less <= 0) throw InvalidArgument("'ObjectSizeLessThan' must be a positive integer");
  if (greater && less && *less <= *greater)
    throw InvalidRequest(
        "'ObjectSizeLessThan' has to be a value greater than "
        "'ObjectSizeGreaterThan'");
}

/// One condition, or several behind an And.
void check_filter(const LifecycleRuleFilter& filter) {
  const std::size_t conditions = std::size_t{filter.prefix.has_value()} + filter.tag.has_value() +
                                 filter.object_size_greater_than.has_value() +
                                 filter.object_size_less_than.has_value() + filter.and_.has_value();
  if (conditions > 1) refuse_document();
  if (filter.tag) check_tags(std::span(&*filter.tag, 1));
  check_sizes(filter.object_size_greater_than, filter.object_size_less_than);
  if (!filter.and_) return;
  const LifecycleRuleAndOperator& all = *filter.and_;
  std::size_t parts = std::size_t{all.prefix.has_value()} +
                      all.object_size_greater_than.has_value() +
                      all.object_size_less_than.has_value();
  if (all.tags) {
    check_tags(*all.tags);
    parts += all.tags->size();
  }
  if (parts < 2) refuse_document();
  check_sizes(all.object_size_greater_than, all.object_size_less_than);
}

void check_expiration(const LifecycleRule& rule) {
  if (!rule.expiration) return;
  const LifecycleExpiration& expiration = *rule.expiration;
  const int kinds = int{expiration.date.has_value()} + int{expiration.days.has_value()} +
                    int{expiration.expired_object_delete_marker.has_value()};
  if (kinds != 1) refuse_document();
  if (expiration.days) check_positive(*expiration.days, "Days", "Expiration");
  check_date(expiration.date);
  if (expiration.expired_object_delete_marker && has_tags(rule))
    throw InvalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  if (expiration.expired_object_delete_marker && has_sizes(rule))
    throw InvalidRequest("ExpiredObjectDeleteMarker cannot be specified with ObjectSize.");
}

bool is_infrequent_access(const std::string& storage_class) {
  return storage_class == "STANDARD_IA" || storage_class == "ONEZONE_IA";
}

void check_least_days(std::string_view name, std::int32_t days, std::string_view action,
                      const std::string& storage_class) {
  if (days < 0)
    throw InvalidArgument(fmt::format("'{}' in {} action must be nonnegative", name, action));
  if (is_infrequent_access(storage_class) && days < min_days_before_infrequent_access)
    throw InvalidArgument(
        fmt::format("'{}' in {} action must be greater than or equal to {} for storageClass '{}'",
                    name, action, min_days_before_infrequent_access, storage_class));
}

void check_transitions(const LifecycleRule& rule) {
  if (!rule.transitions) return;
  std::set<std::string_view> classes;
  const auto& expiration = rule.expiration;
  for (const Transition& transition : *rule.transitions) {
    if (!transition.storage_class || transition.date.has_value() == transition.days.has_value())
      refuse_document();
    check_date(transition.date);
    if (transition.days)
      check_least_days("Days", *transition.days, "Transition", *transition.storage_class);
    if (!classes.insert(*transition.storage_class).second)
      throw InvalidRequest(
          fmt::format("'StorageClass' must be different for 'Transition' actions in same 'Rule' "
                      "with filter {}",
                      describe_filter(rule)));
    if (!expiration) continue;
    if ((expiration->date && transition.days) || (expiration->days && transition.date))
      throw InvalidRequest(
          fmt::format("Found mixed 'Date' and 'Days' based Expiration and Transition actions in "
                      "lifecycle rule for filter {}",
                      describe_filter(rule)));
    if (expiration->days && transition.days && *expiration->days <= *transition.days)
      throw InvalidArgument(
          fmt::format("'Days' in the Expiration action for filter {} must be greater than 'Days' "
                      "in the Transition action",
                      describe_filter(rule)));
  }
}

void check_newer_versions(const std::optional<std::int32_t>& number, std::string_view action) {
  if (!number) return;
  check_positive(*number, "NewerNoncurrentVersions", action);
  if (*number > max_newer_versions)
    throw InvalidArgument(fmt::format("'NewerNoncurrentVersions' for {} action must be at most {}",
                                      action, max_newer_versions));
}

void check_noncurrent(const LifecycleRule& rule) {
  const auto& expiration = rule.noncurrent_version_expiration;
  if (expiration) {
    if (!expiration->noncurrent_days) refuse_document();
    check_positive(*expiration->noncurrent_days, "NoncurrentDays", "NoncurrentVersionExpiration");
    check_newer_versions(expiration->newer_noncurrent_versions, "NoncurrentVersionExpiration");
  }
  if (!rule.noncurrent_version_transitions) return;
  for (const NoncurrentVersionTransition& transition : *rule.noncurrent_version_transitions) {
    if (!transition.storage_class || !transition.noncurrent_days) refuse_document();
    check_least_days("NoncurrentDays", *transition.noncurrent_days, "NoncurrentVersionTransition",
                     *transition.storage_class);
    check_newer_versions(transition.newer_noncurrent_versions, "NoncurrentVersionTransition");
    if (expiration && *expiration->noncurrent_days <= *transition.noncurrent_days)
      throw InvalidArgument(
          fmt::format("'NoncurrentDays' in the NoncurrentVersionExpiration action for filter {} "
                      "must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition "
                      "action",
                      describe_filter(rule)));
  }
}

void check_abort(const LifecycleRule& rule) {
  if (!rule.abort_incomplete_multipart_upload) return;
  const auto& days = rule.abort_incomplete_multipart_upload->days_after_initiation;
  if (!days) refuse_document();
  check_positive(*days, "DaysAfterInitiation", "AbortIncompleteMultipartUpload");
  if (has_tags(rule))
    throw InvalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  if (has_sizes(rule))
    throw InvalidRequest("AbortIncompleteMultipartUpload cannot be specified with ObjectSize.");
}

void check_rule(const LifecycleRule& rule) {
  if (rule.id && protocol::count_characters(*rule.id) > max_id_characters)
    throw InvalidArgument("ID length should not exceed allowed limit of 255");
  if (rule.filter.has_value() == rule.prefix.has_value()) refuse_document();
  if (rule.filter) check_filter(*rule.filter);
  if (!rule.expiration && !rule.transitions && !rule.noncurrent_version_transitions &&
      !rule.noncurrent_version_expiration && !rule.abort_incomplete_multipart_upload)
    throw InvalidRequest("At least one action needs to be specified in a rule");
  check_expiration(rule);
  check_transitions(rule);
  check_noncurrent(rule);
  check_abort(rule);
}

}  // namespace

void check_configuration(const BucketLifecycleConfiguration& lifecycle) {
  if (lifecycle.rules.empty() || lifecycle.rules.size() > max_rules) refuse_document();
  std::set<std::string_view> ids;
  for (const LifecycleRule& rule : lifecycle.rules) {
    if (rule.filter.has_value() != lifecycle.rules.front().filter.has_value())
      throw InvalidRequest(
          "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the "
          "Filter.");
    if (rule.id && !rule.id->empty() && !ids.insert(*rule.id).second)
      throw InvalidArgument("Rule ID must be unique. Found same ID for more than one rule");
    check_rule(rule);
  }
}

}  // namespace matinee::s3
