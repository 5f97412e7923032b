// All keys of a listing, divided among lanes that list side by side. Nobody knows beforehand how
// the keys are spread, so a lane that has nothing to do takes the far half of what another one has
// yet to list. Where that half turns out to be empty, the next cut is made nearer.
//
// This file decides only; pages are listed by publisher.cpp.
#pragma once

#include <list>
#include <vector>

#include "jobs/publish/split.h"

namespace matinee::jobs::publish {

/// What one lane lists, page after page from `span.after` on. `span.after` moves with the pages;
/// `span.last` may come nearer at any time, when another lane has taken what lies behind it.
struct KeyRange {
  Span span;
  /// The first key that was found in it; empty before.
  std::string first_key;
  /// Whether more pages follow as far as is known.
  bool has_more = true;

  // For KeySpace alone.
  bool taken = false;
  double weight = 1;           // the share of the key space that is guessed to be in it
  int misses = 0;              // cuts in a row that found nothing behind them
  int credit = 0;              // cuts that may still be tried
  KeyRange* probe = nullptr;   // what was cut off it and has not shown yet whether it has keys
  KeyRange* source = nullptr;  // what it was cut off, as long as it is a probe
};

class KeySpace {
 public:
  /// All keys that begin with `prefix`, cut at `cuts`, which must ascend.
  KeySpace(const std::string& prefix, const std::vector<std::string>& cuts);

  /// A range for a lane that has none; null while nothing can be taken. The caller lists it, calls
  /// `listed` for each page and, after the last page, `finish`.
  KeyRange* take();
  /// A page of the range was listed; its keys lie between the two, which are empty for a page
  /// without keys. Those beyond `span.last` belong to another range.
  void listed(KeyRange& range, const std::string& first, const std::string& last);
  /// Destroys the range.
  void finish(KeyRange& range);

  bool is_finished() const { return ranges_.empty(); }
  /// A guess of how much of the key space has been listed, between 0 and 1.
  double finished_share() const { return finished_; }

 private:
  std::list<KeyRange> ranges_;  // their addresses stay
  double finished_ = 0;

  KeyRange* split(KeyRange& range);
  void end_probe(KeyRange& probe, bool found);
};

}  // namespace matinee::jobs::publish
