#include "patterns/pattern_set.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <set>
#include <span>

#include "patterns/access.h"
#include "patterns/matcher.h"
#include "patterns/ranges.h"
#include "patterns/rule.h"

namespace matinee::patterns {
namespace {

/// Costs of finding a branch by a clause, in branches that are tried in vain. A path whose every
/// value has to be tried costs more than any key, and one that has to be absent more than that.
constexpr double kCostOfRanges = 0.25;
/// Of ranges only those are tried that have the number: beyond some it does not matter how many
/// there are. So a thousand thresholds for events of one source do not all hang on that source.
constexpr double kMostCostOfRanges = 32;
/// Most events have a value that those who take anything but some do not want, and then none is
/// tried: better than a key which very many hang on.
constexpr double kCostOfOther = 64;
constexpr double kCostOfAny = 1e6;
constexpr double kCostOfAbsent = 1e9;

}  // namespace

/// Those that take every value of a path but some texts. A text that none of them takes, which is
/// what a heartbeat is to ten thousand who want anything but heartbeats, tries none.
class Others {
 public:
  void add(std::uint32_t slot, const Test& test) {
    slots_.push_back(slot);
    for (const std::string& text : distinct(test)) ++excluding_[text];
  }
  void remove(std::uint32_t slot, const Test& test) {
    const auto place = std::ranges::find(slots_, slot);
    *place = slots_.back();
    slots_.pop_back();
    for (const std::string& text : distinct(test)) {
      const auto found = excluding_.find(text);
      if (--found->second == 0) excluding_.erase(found);
    }
  }
  bool empty() const { return slots_.empty(); }
  std::size_t size() const { return slots_.size(); }
  /// Empty where no slot takes the value.
  std::span<const std::uint32_t> slots_for(const Event::Value& value) const {
    if (value.kind != ValueKind::text) return slots_;
    const auto found = excluding_.find(value.text);
    if (found != excluding_.end() && found->second == slots_.size()) return {};
    return slots_;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::vector<std::uint32_t> slots_;
  /// By text, how many of them exclude it.
  boost::unordered_flat_map<std::string, std::size_t, Hash, std::equal_to<>> excluding_;

  static std::set<std::string> distinct(const Test& test) {
    return {test.texts.begin(), test.texts.end()};
  }
};

/// Each branch of each pattern hangs on one of its clauses: the one by which fewest others are
/// found, at the time when it is added.
class PatternSet::Index {
 public:
  void add(Id id, Pattern pattern);
  bool remove(Id id);
  const Pattern* find(Id id) const;
  bool free_some(std::size_t most);
  std::size_t size() const { return items_.size(); }
  void match(const Event& event, std::vector<Id>& ids);

 private:
  struct Item {
    Item(Id id, Pattern pattern) : id(id), pattern(std::move(pattern)) {}
    Id id;
    Pattern pattern;
    std::vector<std::uint32_t> slots;  // of its branches
    std::uint64_t matched = 0;         // the run in which it did
  };
  struct Slot {
    Item* item = nullptr;
    std::uint32_t branch = 0;
    std::uint32_t clause = 0;  // on which it hangs
    std::uint64_t tried = 0;   // the run in which it was
  };
  struct Path {
    std::vector<Lookup> lookups;  // by probe and length
    Ranges ranges;
    std::vector<std::uint32_t> any;
    Others others;
    std::vector<std::uint32_t> absent;
    bool is_empty() const {
      return lookups.empty() && ranges.empty() && any.empty() && others.empty() && absent.empty();
    }
  };
  using Slots = std::vector<std::uint32_t>;

  std::uint32_t new_slot();
  double cost(const Clause& clause) const;
  double cost(const Clause& clause, const Access& access) const;
  void hang(std::uint32_t slot);
  void unhang(std::uint32_t slot);
  static void count_lookup(Path& path, const Access& access, int difference);
  static void erase(Slots& slots, std::uint32_t slot);
  const Branch& branch_of(const Slot& slot) const {
    return slot.item->pattern.rule().branches[slot.branch];
  }
  const Clause& clause_of(const Slot& slot) const {
    return slot.item->pattern.rule().clauses[slot.clause];
  }
  void try_value(const Event& event, const Event::Group& group, const Event::Value& value,
                 Path& path);
  void try_slot(std::uint32_t slot, const Event& event, const Event::Value& value);
  void try_absent(const Event& event);
  void accept(Item& item);

  boost::unordered_flat_map<Id, std::unique_ptr<Item>> items_;
  std::vector<Slot> slots_;
  Slots free_slots_;
  boost::unordered_flat_map<PathHash, std::unique_ptr<Path>> paths_;
  boost::unordered_flat_map<std::uint64_t, Slots> keys_;
  std::vector<PathHash> absent_paths_;
  Slots always_;  // without clauses
  std::uint64_t run_ = 0;
  std::vector<std::uint64_t> found_keys_;
  std::vector<Id>* ids_ = nullptr;
};

std::uint32_t PatternSet::Index::new_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void PatternSet::Index::add(Id id, Pattern pattern) {
  remove(id);
  auto item = std::make_unique<Item>(id, std::move(pattern));
  const Rule& rule = item->pattern.rule();
  for (std::uint32_t i = 0; i < rule.branches.size(); ++i) {
    const std::uint32_t slot = new_slot();
    const Branch& branch = rule.branches[i];
    slots_[slot] = {.item = item.get(), .branch = i};
    item->slots.push_back(slot);
    if (branch.empty()) {
      always_.push_back(slot);
      continue;
    }
    slots_[slot].clause = *std::ranges::min_element(
        branch, {}, [&](std::uint32_t clause) { return cost(rule.clauses[clause]); });
    hang(slot);
  }
  items_.emplace(id, std::move(item));
}

bool PatternSet::Index::remove(Id id) {
  const auto found = items_.find(id);
  if (found == items_.end()) return false;
  for (const std::uint32_t slot : found->second->slots) {
    if (branch_of(slots_[slot]).empty())
      erase(always_, slot);
    else
      unhang(slot);
    slots_[slot] = {};
    free_slots_.push_back(slot);
  }
  items_.erase(found);
  return true;
}

const Pattern* PatternSet::Index::find(Id id) const {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : &found->second->pattern;
}

bool PatternSet::Index::free_some(std::size_t most) {
  const auto free = [&](auto& map) {
    for (std::size_t i = 0; i < most && !map.empty(); ++i) map.erase(map.begin());
    return !map.empty();
  };
  // All three, whatever is left of the first.
  const bool items = free(items_);
  const bool keys = free(keys_);
  const bool paths = free(paths_);
  return items || keys || paths;
}

double PatternSet::Index::cost(const Clause& clause) const {
  double sum = 0;
  for (const Test& test : clause.tests)
    if (!is_covered(test)) sum += cost(clause, access_of(clause, test));
  return sum;
}

double PatternSet::Index::cost(const Clause& clause, const Access& access) const {
  if (access.kind == Access::Kind::key) {
    const auto slots = keys_.find(access.key);
    return slots == keys_.end() ? 0 : static_cast<double>(slots->second.size());
  }
  const auto found = paths_.find(clause.hash);
  const Path* const path = found == paths_.end() ? nullptr : found->second.get();
  const auto size = [&](const auto& of) { return path == nullptr ? 0.0 : of(*path); };
  switch (access.kind) {
    case Access::Kind::range:
      return 1 + std::min(kMostCostOfRanges, kCostOfRanges * size([](const Path& p) {
                                               return double(p.ranges.size());
                                             }));
    case Access::Kind::any:
      return kCostOfAny + size([](const Path& p) { return double(p.any.size()); });
    case Access::Kind::other:
      return kCostOfOther;
    default:
      return kCostOfAbsent + size([](const Path& p) { return double(p.absent.size()); });
  }
}

void PatternSet::Index::hang(std::uint32_t slot) {
  const Clause& clause = clause_of(slots_[slot]);
  std::unique_ptr<Path>& path = paths_[clause.hash];
  if (path == nullptr) path = std::make_unique<Path>();
  for (const Test& test : clause.tests) {
    if (is_covered(test)) continue;
    const Access access = access_of(clause, test);
    switch (access.kind) {
      case Access::Kind::key:
        count_lookup(*path, access, 1);
        keys_[access.key].push_back(slot);
        break;
      case Access::Kind::range:
        path->ranges.add({.low = test.low, .high = test.high, .slot = slot});
        break;
      case Access::Kind::any:
        path->any.push_back(slot);
        break;
      case Access::Kind::other:
        path->others.add(slot, test);
        break;
      case Access::Kind::absent:
        if (path->absent.empty()) absent_paths_.push_back(clause.hash);
        path->absent.push_back(slot);
        break;
    }
  }
}

void PatternSet::Index::unhang(std::uint32_t slot) {
  const Clause& clause = clause_of(slots_[slot]);
  Path& path = *paths_.at(clause.hash);
  for (const Test& test : clause.tests) {
    if (is_covered(test)) continue;
    const Access access = access_of(clause, test);
    switch (access.kind) {
      case Access::Kind::key: {
        count_lookup(path, access, -1);
        const auto slots = keys_.find(access.key);
        erase(slots->second, slot);
        if (slots->second.empty()) keys_.erase(slots);
        break;
      }
      case Access::Kind::range:
        path.ranges.remove({.low = test.low, .high = test.high, .slot = slot});
        break;
      case Access::Kind::any:
        erase(path.any, slot);
        break;
      case Access::Kind::other:
        path.others.remove(slot, test);
        break;
      case Access::Kind::absent:
        erase(path.absent, slot);
        if (path.absent.empty()) std::erase(absent_paths_, clause.hash);
        break;
    }
  }
  if (path.is_empty()) paths_.erase(clause.hash);
}

/// Order does not matter.
void PatternSet::Index::erase(Slots& slots, std::uint32_t slot) {
  const auto place = std::ranges::find(slots, slot);
  *place = slots.back();
  slots.pop_back();
}

void PatternSet::Index::count_lookup(Path& path, const Access& access, int difference) {
  const auto order = [](const Lookup& lookup) { return std::pair(lookup.probe, lookup.length); };
  auto place =
      std::ranges::lower_bound(path.lookups, std::pair(access.probe, access.length), {}, order);
  if (place == path.lookups.end() || order(*place) != std::pair(access.probe, access.length))
    place =
        path.lookups.insert(place, {.probe = access.probe, .length = access.length, .count = 0});
  place->count += static_cast<std::uint32_t>(difference);
  if (place->count == 0) path.lookups.erase(place);
}

void PatternSet::Index::match(const Event& event, std::vector<Id>& ids) {
  ids.clear();
  ids_ = &ids;
  ++run_;
  for (const Event::Group& group : event.groups()) {
    const auto path = paths_.find(group.hash);
    if (path == paths_.end()) continue;
    for (std::uint32_t i = group.first; i != Event::kNone; i = event.value(i).next)
      try_value(event, group, event.value(i), *path->second);
  }
  try_absent(event);
  for (const std::uint32_t slot : always_) accept(*slots_[slot].item);
  std::ranges::sort(ids);
}

void PatternSet::Index::try_value(const Event& event, const Event::Group& group,
                                  const Event::Value& value, Path& path) {
  found_keys_.clear();
  append_keys(group.hash, path.lookups, value, found_keys_);
  for (const std::uint64_t key : found_keys_) {
    const auto slots = keys_.find(key);
    if (slots == keys_.end()) continue;
    for (const std::uint32_t slot : slots->second) try_slot(slot, event, value);
  }
  if (!path.ranges.empty() && value.kind == ValueKind::number)
    if (const std::optional<double> number = comparable(value.text))
      path.ranges.each(*number, [&](std::uint32_t slot) { try_slot(slot, event, value); });
  for (const std::uint32_t slot : path.any) try_slot(slot, event, value);
  for (const std::uint32_t slot : path.others.slots_for(value)) try_slot(slot, event, value);
}

void PatternSet::Index::try_slot(std::uint32_t index, const Event& event,
                                 const Event::Value& value) {
  Slot& slot = slots_[index];
  if (slot.tried == run_ || slot.item->matched == run_) return;
  // Most values that a key finds are wrong by another clause; this one is the cheapest to be sure.
  if (!passes(clause_of(slot), value)) return;
  const Rule& rule = slot.item->pattern.rule();
  const bool matches = value.element == Event::kNone && event.is_at(value, clause_of(slot).path)
                           ? matches_rest(rule, branch_of(slot), event, slot.clause)
                           : matches_branch(rule, branch_of(slot), event);
  slot.tried = run_;
  if (matches) accept(*slot.item);
}

void PatternSet::Index::try_absent(const Event& event) {
  for (const PathHash hash : absent_paths_) {
    // Values within elements of arrays may be out of sight of the others.
    const Event::Group* const group = event.find(hash);
    if (group != nullptr && !group->in_elements) continue;
    for (const std::uint32_t index : paths_.at(hash)->absent) {
      Slot& slot = slots_[index];
      if (slot.tried == run_ || slot.item->matched == run_) continue;
      slot.tried = run_;
      if (matches_branch(slot.item->pattern.rule(), branch_of(slot), event)) accept(*slot.item);
    }
  }
}

void PatternSet::Index::accept(Item& item) {
  if (item.matched == run_) return;
  item.matched = run_;
  ids_->push_back(item.id);
}

PatternSet::PatternSet() : index_(std::make_unique<Index>()) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

void PatternSet::add(Id id, Pattern pattern) {
  index_->add(id, std::move(pattern));
}

bool PatternSet::remove(Id id) {
  return index_->remove(id);
}

const Pattern* PatternSet::find(Id id) const {
  return index_->find(id);
}

bool PatternSet::free_some(std::size_t most) {
  return index_->free_some(most);
}

std::size_t PatternSet::size() const {
  return index_->size();
}

void PatternSet::match(const Event& event, std::vector<Id>& ids) const {
  index_->match(event, ids);
}

std::vector<PatternSet::Id> PatternSet::match(const Event& event) const {
  std::vector<Id> ids;
  match(event, ids);
  return ids;
}

}  // namespace matinee::patterns
