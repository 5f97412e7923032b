// A cloud taken back to its beginning, as a whole or for one account: what test suites do between
// tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/task.h"

namespace matinee::services {

/// One account, or, without one, everything.
struct ResetScope {
  std::optional<std::string> account;

  bool covers(std::string_view owner) const { return !account || *account == owner; }
};

/// What keeps state for accounts, in the store or in memory.
class Resettable {
 public:
  virtual ~Resettable() = default;

  /// Removes all that the scope covers, in the current transaction; memory follows when that is
  /// committed. What takes long may be left for later, as long as no client sees it any more.
  /// Default: nothing.
  virtual void reset(const ResetScope& scope);
  /// Ends once nothing is left of what earlier resets have removed. Default: at once.
  virtual runtime::Task<> finish_reset();
};

}  // namespace matinee::services
