// Many patterns, of which those that an event matches are found without trying each: what the event
// has at a path is looked up, and only patterns for which that fits are tried.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "patterns/pattern.h"

namespace matinee::patterns {

class PatternSet {
 public:
  using Id = std::uint64_t;

  PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  /// Replaces the pattern that had this id.
  void add(Id id, Pattern pattern);
  /// Returns false where there is none of this id.
  bool remove(Id id);
  /// Null where there is none.
  const Pattern* find(Id id) const;
  /// Frees some of a set that will not be used any more, about `most` patterns: to free very many
  /// takes milliseconds. False once nothing is left.
  bool free_some(std::size_t most);
  std::size_t size() const;

  /// Replaces `ids` by those of all patterns that match, in ascending order. Not to be called by
  /// two threads at once.
  void match(const Event& event, std::vector<Id>& ids) const;
  std::vector<Id> match(const Event& event) const;

 private:
  class Index;
  std::unique_ptr<Index> index_;
};

}  // namespace matinee::patterns
