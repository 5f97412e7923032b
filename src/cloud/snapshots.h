// Snapshots of a cloud with a data directory, made and removed by workers while it runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/runtime.h"
#include "services/snapshot_keeper.h"
#include "storage/condition.h"
#include "storage/snapshots.h"

namespace matinee::cloud {

class Snapshots final : public services::SnapshotKeeper {
 public:
  /// `directory` is empty for a cloud in memory. Removes what earlier runs have left behind.
  /// `on_replaced` is what CloudOptions says.
  Snapshots(runtime::Runtime& runtime, std::shared_ptr<const storage::Condition> condition,
            const std::string& directory, std::function<void()> on_replaced);

  runtime::Task<services::KeptSnapshot> save(std::string name) override;
  runtime::Task<std::vector<services::KeptSnapshot>> list() override;
  runtime::Task<> remove(std::string name) override;
  runtime::Task<> restore(std::string name) override;

 private:
  std::shared_ptr<const storage::Copier> copier() const;

  runtime::Runtime& runtime_;
  std::shared_ptr<const storage::Condition> condition_;
  std::string directory_;
  std::function<void()> on_replaced_;
  std::shared_ptr<storage::Snapshots> snapshots_;  // Workers may still be at it.
};

}  // namespace matinee::cloud
