// Who keeps the whole cloud as it is at a moment, under a name: `matinee snapshot`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/task.h"

namespace matinee::services {

struct KeptSnapshot {
  std::string name;
  runtime::Time saved;  // by the clock of the cloud
  std::uint64_t bodies = 0;
  std::uint64_t bytes = 0;
  std::string damage;  // why no more is known of it; empty where it is whole
};

/// Functions throw ServiceError: ValidationException for a name that is none, ConflictException for
/// one that is taken, NoSuchEntityException for one that is not, InternalFailure where the disk
/// refuses, and NotImplemented for a cloud in memory. State thread only.
class SnapshotKeeper {
 public:
  virtual ~SnapshotKeeper() = default;

  virtual runtime::Task<KeptSnapshot> save(std::string name) = 0;
  /// In the order of their names.
  virtual runtime::Task<std::vector<KeptSnapshot>> list() = 0;
  virtual runtime::Task<> remove(std::string name) = 0;
  /// Ends once it is certain that the cloud becomes what that snapshot is, which stays; from then
  /// on no call is let in, and whoever serves the cloud starts it again. NotImplemented also where
  /// nobody does.
  virtual runtime::Task<> restore(std::string name) = 0;
};

}  // namespace matinee::services
