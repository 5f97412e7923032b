// How the store is: whether writes work, whether damage was met, and who copies it. Told by any
// thread, asked by any thread; what a health page shows.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace matinee::storage {

class Copier;

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

  /// Who can copy the store while it is open; null where nobody can, as in memory.
  void can_be_copied(std::shared_ptr<const Copier> copier);
  std::shared_ptr<const Copier> copier() const;

  /// Cheap while all is well.
  std::optional<std::string> why_writes_fail() const;
  std::optional<std::string> damage() const;

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> all_well_ = true;
  std::uint64_t failures_ = 0;
  std::optional<std::string> why_writes_fail_;
  std::optional<std::string> damage_;
  std::shared_ptr<const Copier> copier_;
};

}  // namespace matinee::storage
