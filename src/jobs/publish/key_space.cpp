// Who lists what.
#include "jobs/publish/key_space.h"

#include "runtime/assertion.h"

namespace matinee::jobs::publish {

namespace {

/// An attempt to cut costs a page. So many may fail in a row, and each page that was listed
/// meanwhile allows for more: a range with few keys left is not cut to pieces for nothing.
constexpr int most_credit = 16;
constexpr int credit_for_page = 2;

/// Halves find out quickly how single characters are spread, ends of prefixes how long a beginning
/// all keys share; keys differ in which of the two they need.
std::optional<std::string> find_cut(const KeyRange& range) {
  if (range.misses % 2 == 1) {
    const std::string shared =
        range.span.after.substr(0, common_bytes(range.first_key, range.span.after));
    if (auto cut = find_end_of_prefix(range.span, shared)) return cut;
  }
  return find_middle(range.span);
}

}  // namespace

KeySpace::KeySpace(const std::string& prefix, const std::vector<std::string>& cuts) {
  const std::string end = end_of_prefix(prefix);
  const double weight = 1 / static_cast<double>(cuts.size() + 1);
  std::string after;
  for (const std::string& cut : cuts) {
    ranges_.push_back({.span = {after, cut}, .first_key = {}, .weight = weight});
    after = cut;
  }
  ranges_.push_back({.span = {after, end}, .first_key = {}, .weight = weight});
}

KeyRange* KeySpace::take() {
  KeyRange* widest = nullptr;
  for (KeyRange& range : ranges_) {
    if (!range.taken) {
      range.taken = true;
      return &range;
    }
    // Before its first page it is not known where the range begins, nor whether it goes on.
    if (range.first_key.empty() || !range.has_more || range.credit == 0 || range.probe) continue;
    if (!widest || range.weight > widest->weight) widest = &range;
  }
  return widest ? split(*widest) : nullptr;
}

KeyRange* KeySpace::split(KeyRange& range) {
  --range.credit;
  const std::optional<std::string> cut = find_cut(range);
  if (!cut) {
    range.credit = 0;
    return nullptr;
  }
  range.weight /= 2;
  KeyRange& probe = ranges_.emplace_back();
  probe.span = {*cut, range.span.last};
  probe.taken = true;
  probe.weight = range.weight;
  probe.source = &range;
  range.span.last = *cut;
  range.probe = &probe;
  return &probe;
}

void KeySpace::end_probe(KeyRange& probe, bool found) {
  KeyRange* source = std::exchange(probe.source, nullptr);
  if (!source) return;
  source->probe = nullptr;
  if (found) {
    source->misses = 0;
    source->credit = most_credit;
    return;
  }
  ++source->misses;
  source->weight += std::exchange(probe.weight, 0);
}

void KeySpace::listed(KeyRange& range, const std::string& first, const std::string& last) {
  const bool found = !first.empty() && range.span.covers(first);
  if (range.first_key.empty()) {
    if (found) range.first_key = first;
    range.credit = most_credit;
    end_probe(range, found);
  } else {
    range.credit = std::min(range.credit + credit_for_page, most_credit);
  }
  if (!range.has_more || last.empty()) return;
  runtime::expect(last > range.span.after, "a listing goes forward");
  range.has_more = range.span.covers(last) && last != range.span.last;
  range.span.after = std::min(last, range.span.last.empty() ? last : range.span.last);
}

void KeySpace::finish(KeyRange& range) {
  end_probe(range, !range.first_key.empty());
  if (range.probe) range.probe->source = nullptr;
  finished_ += range.weight;
  const auto place = std::ranges::find_if(ranges_, [&](KeyRange& each) { return &each == &range; });
  ranges_.erase(place);
}

}  // namespace matinee::jobs::publish
