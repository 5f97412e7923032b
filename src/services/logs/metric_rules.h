// Metric filters at work: which values the events of a group give. Patterns are kept parsed for the
// groups that were written to last.
#pragma once

#include <memory>
#include <unordered_map>

#include "services/logs/catalog/catalog.h"
#include "services/logs/filters/filter_pattern.h"
#include "services/metric_sink.h"

namespace matinee::logs {

struct MetricRule {
  MetricFilterRecord filter;
  filters::FilterPattern pattern;

  /// What an event gives; nothing where it gives none.
  std::optional<services::MetricValue> value_of(const Group& group, Milliseconds time,
                                                std::string_view text) const;
};

class MetricRules {
 public:
  explicit MetricRules(const Catalog& catalog) : catalog_(catalog) {}

  using Rules = std::shared_ptr<const std::vector<MetricRule>>;
  Rules of(const Group& group);

  void forget() { rules_.clear(); }
  void forget(GroupNumber group) { rules_.erase(group); }

 private:
  static constexpr std::size_t most_groups = 64;

  const Catalog& catalog_;
  std::unordered_map<GroupNumber, Rules> rules_;
};

}  // namespace matinee::logs
