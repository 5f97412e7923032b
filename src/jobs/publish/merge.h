// Several sorted parts of a ledger as one: of a key that is in more than one of them, the youngest
// part is right.
#pragma once

#include <vector>

#include "jobs/publish/lane.h"
#include "jobs/publish/published_file.h"

namespace matinee::jobs::publish {

class Merge {
 public:
  /// The journals, the oldest first; they, the disk and the file must outlive the merge. Sections
  /// are opened when their first key comes, so that few are open at a time.
  Merge(const runtime::Disk& disk, const PublishedFile& oldest,
        const std::vector<LaneContent>& lanes);

  std::optional<Entry> next();

 private:
  struct Part {
    std::size_t lane = 0;
    std::size_t section = 0;
  };
  struct Source {
    std::size_t age = 0;  // higher is younger
    Entry entry;          // its next one
    std::unique_ptr<SectionReader> reader;
  };

  const runtime::Disk& disk_;
  const std::vector<LaneContent>& lanes_;
  PublishedCursor oldest_;
  std::vector<Part> unopened_;  // the next one last
  std::vector<Source> open_;

  const std::string& first_key(const Part& part) const {
    return lanes_[part.lane].sections[part.section].first_key;
  }
  const std::string* find_lowest() const;
  void open_until(const std::string* lowest);
};

}  // namespace matinee::jobs::publish
