#include "patterns/matcher.h"

#include <algorithm>

namespace matinee::patterns {
namespace {

bool may_be_absent(const Clause& clause) {
  return std::ranges::any_of(clause.tests,
                             [](const Test& test) { return test.kind == TestKind::absent; });
}

bool has_match(const Clause& clause, const Event::Group& group, const Event& event) {
  for (std::uint32_t i = group.first; i != Event::kNone; i = event.value(i).next)
    if (passes(clause, event.value(i))) return true;
  return false;
}

/// Tries the clauses one after another. Where values stand within elements of arrays, those that
/// are chosen must not come from different elements of one array, and a clause on absence looks
/// only at values that could be seen together with those chosen so far: in the order of the paths,
/// as AWS's matcher does.
class Search {
 public:
  Search(const Rule& rule, const Branch& branch, const Event& event)
      : rule_(rule), branch_(branch), event_(event) {}

  bool run() {
    std::uint64_t conflicts = 0;
    return run(0, conflicts);
  }

  std::size_t best() const { return best_; }

 private:
  struct Choice {
    std::uint32_t element;
    std::size_t position;
  };

  /// The positions beyond the 63rd share a bit.
  static std::uint64_t bit(std::size_t position) {
    return std::uint64_t{1} << std::min<std::size_t>(position, 63);
  }

  /// After a failure `conflicts` has the positions whose choices had a part in it. Only those are
  /// worth another choice: else ten arrays of a thousand elements would make 10^30 attempts.
  bool run(std::size_t position, std::uint64_t& conflicts) {
    for (;; ++position) {
      best_ = std::max(best_, position);
      if (position == branch_.size()) return true;
      const Clause& clause = rule_.clauses[branch_[position]];
      const Event::Group* const group = event_.find(clause.hash, clause.path);
      if (group == nullptr) {
        if (!may_be_absent(clause)) return false;
      } else if (group->has_elements) {
        return choose(clause, *group, position, conflicts);
      } else if (!has_match(clause, *group, event_)) {
        return false;
      }
    }
  }

  const Choice* find_conflict(std::uint32_t element) const {
    const auto choice = std::ranges::find_if(chosen_, [&](const Choice& other) {
      return !event_.are_consistent(element, other.element);
    });
    return choice == chosen_.end() ? nullptr : &*choice;
  }

  bool choose(const Clause& clause, const Event::Group& group, std::size_t position,
              std::uint64_t& conflicts) {
    bool is_seen = false;
    for (std::uint32_t i = group.first; i != Event::kNone; i = event_.value(i).next) {
      const Event::Value& value = event_.value(i);
      if (const Choice* const conflict = find_conflict(value.element)) {
        conflicts |= bit(conflict->position);
        continue;
      }
      is_seen = true;
      if (!passes(clause, value)) continue;
      std::uint64_t later = 0;
      chosen_.push_back({.element = value.element, .position = position});
      if (run(position + 1, later)) return true;
      chosen_.pop_back();
      conflicts |= later & ~bit(position);
      if ((later & bit(position)) == 0) return false;
    }
    if (!may_be_absent(clause)) return false;
    if (is_seen) conflicts = ~std::uint64_t{0};
    return !is_seen && run(position + 1, conflicts);
  }

  const Rule& rule_;
  const Branch& branch_;
  const Event& event_;
  std::vector<Choice> chosen_;
  std::size_t best_ = 0;
};

}  // namespace

bool matches_branch(const Rule& rule, const Branch& branch, const Event& event) {
  return Search(rule, branch, event).run();
}

bool matches_rest(const Rule& rule, const Branch& branch, const Event& event, std::uint32_t known) {
  bool has_elements = false;
  for (const std::uint32_t i : branch) {
    if (i == known) continue;
    const Clause& clause = rule.clauses[i];
    const Event::Group* const group = event.find(clause.hash, clause.path);
    if (group == nullptr ? !may_be_absent(clause)
                         : !group->has_elements && !has_match(clause, *group, event))
      return false;
    has_elements = has_elements || (group != nullptr && group->has_elements);
  }
  return !has_elements || matches_branch(rule, branch, event);
}

std::size_t longest_match(const Rule& rule, const Branch& branch, const Event& event) {
  Search search(rule, branch, event);
  search.run();
  return search.best();
}

}  // namespace matinee::patterns
