// What is due, out of a table that is ordered by time.
#pragma once

#include <optional>

#include "services/due_source.h"

namespace matinee::services {

/// Whether a key that begins with a time, an account and a region is the caller's.
template <class Key>
bool is_asked_for(const Key& key, const DueQuery& query) {
  return std::get<1>(key) == query.account && std::get<2>(key) == query.region;
}

/// At most so many from the place of a cursor on, which is to begin behind `DueQuery::now`: what
/// has been removed lies before that, and is not stepped over. The cursor is made outside of a
/// transaction, so that it may be held across turns. `tell(place)` makes a DueThing of where it is,
/// or nothing.
template <class Place, class Tell>
runtime::Task<std::vector<DueThing>> scan_due(Place place, std::size_t most, runtime::Turns& turns,
                                              Tell tell) {
  std::vector<DueThing> found;
  for (; place.valid() && found.size() < most; place.next()) {
    if (turns.is_over()) co_await turns.next();
    if (std::optional<DueThing> thing = tell(place)) found.push_back(*std::move(thing));
  }
  co_return found;
}

}  // namespace matinee::services
