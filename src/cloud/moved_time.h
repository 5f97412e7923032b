// The time of a clock that users have moved, in the store: a program that is started again begins
// no earlier than any time that somebody was told, also where moving has committed nothing else,
// and no earlier (but for a second) than what it finds stored, also where a kill has cut off the
// end of what was being written.
#pragma once

#include <optional>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::cloud {

class MovedTime {
 public:
  explicit MovedTime(storage::Store& store);

  /// The latest that was kept, if any.
  std::optional<runtime::Time> latest() const { return kept_; }
  /// Before each flush of the store. Does nothing for a clock that goes with the machine's: the
  /// store notes its time once a second, with what is committed anyway.
  void keep(const runtime::Clock& clock);
  /// Before what is due at a time to which the clock was moved stores anything.
  void keep_step(const runtime::Clock& clock);

 private:
  void put(runtime::Time now);

  storage::Store& store_;
  storage::Table<std::uint8_t, std::uint64_t> table_;
  std::optional<runtime::Time> kept_;
};

}  // namespace matinee::cloud
