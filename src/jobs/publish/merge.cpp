// Merging of the published file with the journals of later runs.
#include "jobs/publish/merge.h"

namespace matinee::jobs::publish {

Merge::Merge(const runtime::Disk& disk, const PublishedFile& oldest,
             const std::vector<LaneContent>& lanes)
    : disk_(disk), lanes_(lanes), oldest_(oldest, "") {
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    for (std::size_t section = 0; section < lanes[lane].sections.size(); ++section)
      unopened_.push_back({lane, section});
  std::ranges::sort(unopened_, [this](const Part& one, const Part& other) {
    return first_key(one) > first_key(other);
  });
}

const std::string* Merge::find_lowest() const {
  const std::string* lowest = oldest_.current() ? &oldest_.current()->key : nullptr;
  for (const Source& source : open_)
    if (!lowest || source.entry.key < *lowest) lowest = &source.entry.key;
  return lowest;
}

void Merge::open_until(const std::string* lowest) {
  while (!unopened_.empty() && (!lowest || first_key(unopened_.back()) <= *lowest)) {
    const Part part = unopened_.back();
    unopened_.pop_back();
    auto reader = std::make_unique<SectionReader>(disk_, lanes_[part.lane], part.section);
    std::optional<Entry> entry = reader->next();
    if (!entry) continue;
    open_.push_back({part.lane, std::move(*entry), std::move(reader)});
    lowest = find_lowest();
  }
}

std::optional<Entry> Merge::next() {
  open_until(find_lowest());
  const std::string* lowest = find_lowest();
  if (!lowest) return std::nullopt;
  Entry right{.key = *lowest, .etag = {}, .doubt = {}};
  if (oldest_.current() && oldest_.current()->key == right.key) {
    right = *oldest_.current();
    oldest_.advance();
  }
  std::ranges::sort(open_, {}, &Source::age);
  for (Source& source : open_) {
    if (source.entry.key != right.key) continue;
    right = std::move(source.entry);
    std::optional<Entry> following = source.reader->next();
    if (following)
      source.entry = std::move(*following);
    else
      source.reader.reset();
  }
  std::erase_if(open_, [](const Source& source) { return !source.reader; });
  return right;
}

}  // namespace matinee::jobs::publish
