// How the store is: whether writes work, and whether damage was met. Told by any thread, asked by
// any thread; what a health page shows.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace matinee::storage {

class Condition {
 public:
  /// Writes are refused until `writes_work`, for this reason: a sentence without its full stop.
  void writes_fail(std::string why);
  /// How often writes_fail was called: to be asked before trying to mend it.
  std::uint64_t failures() const;
  /// Unless writes have failed again since there were so many failures.
  void writes_work(std::uint64_t failures);
  /// The store ends with its next flush; until then this is why.
  void ends(std::string why);
  /// The files cannot be merged any more, because one of them is damaged: the rest goes on.
  void met_damage(std::string what);

  /// Cheap while all is well.
  std::optional<std::string> why_writes_fail() const;
  std::optional<std::string> damage() const;

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> all_well_ = true;
  std::uint64_t failures_ = 0;
  std::optional<std::string> why_writes_fail_;
  std::optional<std::string> damage_;
};

}  // namespace matinee::storage
