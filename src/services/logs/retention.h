// How long groups keep their events: what an account's policies for retention say goes before what
// is set for a group.
//
// Documented: a policy takes effect 24 hours after it was put, and what it replaces counts until
// then; of several that apply the one that keeps longest counts, and of those the oldest.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

constexpr std::string_view retention_type = "RETENTION_POLICY";

/// What a policy says of some groups, for a while.
struct RetentionRule {
  std::string name;
  std::vector<std::string> prefixes;  // none: all groups
  std::optional<std::int32_t> days;   // none: for ever
  bool only_new = false;              // groups that are younger than the policy
  Milliseconds created = 0;
  Milliseconds from = 0;
  std::optional<Milliseconds> until = std::nullopt;

  bool applies_to(const Group& group) const;
  bool counts_at(Milliseconds time) const { return time >= from && (!until || time < *until); }
};

/// The prefixes of `LogGroupNamePrefix IN ["a", "b"]`; nothing for what is something else.
std::optional<std::vector<std::string>> read_prefixes(const std::string& selection);

/// Of a group: the days, none for ever, and the policy that says so; without a name the group's own
/// setting does.
struct Retention {
  std::optional<std::int32_t> days;
  std::string policy = "";
};

/// What those of the rules say that count at that time.
Retention retention_by(const std::vector<RetentionRule>& rules, const Group& group,
                       Milliseconds time);

bool keeps_longer(std::optional<std::int32_t> one, std::optional<std::int32_t> other);
/// Of a policy for retention.
bool has_taken_effect(const AccountPolicyRecord& record, Milliseconds time);

class RetentionPolicies {
 public:
  using Rules = std::vector<RetentionRule>;

  /// `catalog` must outlive it.
  explicit RetentionPolicies(const Catalog& catalog) : catalog_(catalog) {}

  Retention of(const Group& group, Milliseconds time) const {
    return retention_by(rules_of(group.account(), group.region()), group, time);
  }
  /// Until `forget`.
  const Rules& rules_of(const std::string& account, const std::string& region) const;
  /// After policies have changed.
  void forget() { known_.clear(); }

 private:
  const Catalog& catalog_;
  /// Of accounts and regions that were asked for.
  mutable std::map<std::pair<std::string, std::string>, Rules> known_;
};

/// Adds what a policy says, now and until it takes effect.
void add_rules(const std::string& name, const AccountPolicyRecord& record,
               std::vector<RetentionRule>& rules);

}  // namespace matinee::logs
