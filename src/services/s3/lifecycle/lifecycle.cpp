#include "services/s3/lifecycle/lifecycle.h"

#include <fmt/format.h>

#include "protocol/http.h"
#include "protocol/timestamps.h"

namespace matinee::s3 {

namespace {

/// Smaller objects cost more to move than they save, so they stay unless a rule names sizes.
constexpr std::uint64_t min_bytes_to_move = 128 * 1024;

/// From the warmest to the coldest: objects move in this direction only.
constexpr std::array storage_classes = {"STANDARD",    "STANDARD_IA", "INTELLIGENT_TIERING",
                                        "ONEZONE_IA",  "GLACIER_IR",  "GLACIER",
                                        "DEEP_ARCHIVE"};

std::size_t coldness(std::string_view storage_class) {
  const auto place = std::ranges::find(storage_classes, storage_class);
  return place == storage_classes.end() ? 0
                                        : static_cast<std::size_t>(place - storage_classes.begin());
}

void keep_earlier(std::optional<Due>& best, Due due) {
  if (!best || due.at < best->at) best = std::move(due);
}

/// The moment at which an expiration or transition by days or date acts.
template <class Action>
std::optional<runtime::Time> moment_of(const Action& action, runtime::Time since) {
  if (action.days) return midnight_after(since, *action.days);
  if (action.date) return runtime::Time(*action.date);
  return std::nullopt;
}

std::string shared_prefix(std::string_view one, std::string_view other) {
  const auto [end, ignored] = std::ranges::mismatch(one, other);
  return {one.begin(), end};
}

}  // namespace

runtime::Time midnight_after(runtime::Time since, std::int32_t days) {
  return std::chrono::ceil<std::chrono::days>(since + std::chrono::days(days));
}

Lifecycle::Rule::Rule(const LifecycleRule& whole) : rule(whole), prefix(whole.prefix.value_or("")) {
  if (!rule.filter) return;
  const LifecycleRuleFilter& filter = *rule.filter;
  if (filter.prefix) prefix = *filter.prefix;
  if (filter.tag) tags.push_back(*filter.tag);
  larger_than = filter.object_size_greater_than;
  smaller_than = filter.object_size_less_than;
  if (!filter.and_) return;
  prefix = filter.and_->prefix.value_or("");
  tags = filter.and_->tags.value_or(std::vector<Tag>());
  larger_than = filter.and_->object_size_greater_than;
  smaller_than = filter.and_->object_size_less_than;
}

bool Lifecycle::Rule::applies(const std::string& key, const ObjectRecord& object) const {
  const auto size = static_cast<std::int64_t>(object.size);
  if (!key.starts_with(prefix) || (larger_than && size <= *larger_than) ||
      (smaller_than && size >= *smaller_than))
    return false;
  return std::ranges::all_of(tags, [&](const Tag& tag) {
    const auto found = object.attributes.tags.find(tag.key);
    return found != object.attributes.tags.end() && found->second == tag.value;
  });
}

/// Delete markers have neither tags nor a size.
bool Lifecycle::Rule::applies_to_marker(const std::string& key) const {
  return key.starts_with(prefix) && tags.empty() && !larger_than && !smaller_than;
}

Lifecycle::Lifecycle(const std::vector<LifecycleRule>& rules, const std::string& minimum_size)
    : small_objects_move_to_archives_(minimum_size == "varies_by_storage_class") {
  for (const LifecycleRule& rule : rules) {
    if (rule.status != "Enabled") continue;
    rules_.emplace_back(rule);
    const std::string& prefix = rules_.back().prefix;
    common_prefix_ = rules_.size() == 1 ? prefix : shared_prefix(common_prefix_, prefix);
    has_upload_rules_ = has_upload_rules_ || rule.abort_incomplete_multipart_upload;
    has_object_rules_ = has_object_rules_ || rule.expiration || rule.transitions ||
                        rule.noncurrent_version_expiration || rule.noncurrent_version_transitions;
  }
}

std::optional<Due> Lifecycle::expiry(const std::string& key, const ObjectRecord& object) const {
  std::optional<Due> best;
  for (const Rule& each : rules_) {
    if (!each.rule.expiration || !each.applies(key, object)) continue;
    if (const auto at = moment_of(*each.rule.expiration, object.modified))
      keep_earlier(best, {.at = *at, .rule_id = each.rule.id.value_or(""), .storage_class = {}});
  }
  return best;
}

std::optional<Due> Lifecycle::noncurrent_expiry(const Place& place) const {
  if (!place.version.noncurrent_since) return std::nullopt;
  std::optional<Due> best;
  for (const Rule& each : rules_) {
    const auto& expiration = each.rule.noncurrent_version_expiration;
    if (!expiration || !expiration->noncurrent_days) continue;
    const bool applies = place.version.delete_marker
                             ? each.applies_to_marker(place.key)
                             : each.applies(place.key, place.version.object);
    const auto kept = static_cast<std::size_t>(expiration->newer_noncurrent_versions.value_or(0));
    if (!applies || place.newer_noncurrent < kept) continue;
    keep_earlier(
        best, {.at = midnight_after(*place.version.noncurrent_since, *expiration->noncurrent_days),
               .rule_id = each.rule.id.value_or(""),
               .storage_class = {}});
  }
  return best;
}

std::optional<Due> Lifecycle::marker_expiry(const std::string& key, const Version& marker) const {
  std::optional<Due> best;
  for (const Rule& each : rules_) {
    if (!each.rule.expiration || !each.applies_to_marker(key)) continue;
    std::optional<runtime::Time> at = moment_of(*each.rule.expiration, marker.object.modified);
    if (each.rule.expiration->expired_object_delete_marker.value_or(false))
      at = midnight_after(marker.object.modified, 0);
    if (at)
      keep_earlier(best, {.at = *at, .rule_id = each.rule.id.value_or(""), .storage_class = {}});
  }
  return best;
}

bool Lifecycle::may_move(const Rule& rule, const ObjectRecord& object,
                         const std::string& storage_class) const {
  if (coldness(storage_class) <= coldness(object.attributes.storage_class.value_or("STANDARD")))
    return false;
  if (object.size >= min_bytes_to_move || rule.larger_than || rule.smaller_than) return true;
  return small_objects_move_to_archives_ &&
         (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE");
}

std::optional<Due> Lifecycle::transition(const Place& place, runtime::Time now) const {
  const ObjectRecord& object = place.version.object;
  std::optional<Due> best;
  const auto consider = [&](const Rule& rule, runtime::Time at, const std::string& to) {
    if (at > now || !may_move(rule, object, to)) return;
    if (!best || coldness(to) > coldness(best->storage_class))
      best = Due{.at = at, .rule_id = rule.rule.id.value_or(""), .storage_class = to};
  };
  for (const Rule& each : rules_) {
    if (!each.applies(place.key, object)) continue;
    if (!place.version.noncurrent_since) {
      if (!each.rule.transitions) continue;
      for (const Transition& transition : *each.rule.transitions)
        if (const auto at = moment_of(transition, object.modified))
          consider(each, *at, transition.storage_class.value_or(""));
      continue;
    }
    if (!each.rule.noncurrent_version_transitions) continue;
    for (const NoncurrentVersionTransition& transition :
         *each.rule.noncurrent_version_transitions) {
      const auto kept = static_cast<std::size_t>(transition.newer_noncurrent_versions.value_or(0));
      if (place.newer_noncurrent >= kept)
        consider(
            each,
            midnight_after(*place.version.noncurrent_since, transition.noncurrent_days.value_or(0)),
            transition.storage_class.value_or(""));
    }
  }
  return best;
}

std::optional<Due> Lifecycle::abort(const std::string& key, const UploadRecord& upload) const {
  std::optional<Due> best;
  for (const Rule& each : rules_) {
    const auto& action = each.rule.abort_incomplete_multipart_upload;
    if (!action || !action->days_after_initiation || !key.starts_with(each.prefix)) continue;
    keep_earlier(best, {.at = midnight_after(upload.initiated, *action->days_after_initiation),
                        .rule_id = each.rule.id.value_or(""),
                        .storage_class = {}});
  }
  return best;
}

std::string expiration_header(const Due& expiry) {
  std::string date;
  protocol::append_http_date(date, expiry.at);
  return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", date,
                     protocol::percent_encode(expiry.rule_id));
}

}  // namespace matinee::s3
