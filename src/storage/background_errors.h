// What becomes of errors that RocksDB meets while it writes its files behind everyone's back.
#pragma once

#include <rocksdb/listener.h>

#include <functional>
#include <memory>
#include <mutex>

#include "storage/condition.h"

namespace matinee::storage {

/// RocksDB would refuse all writes after such an error until the program ends. Here most of them
/// only last until the disk works again; BackgroundSync sees to that.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(std::shared_ptr<Condition> condition)
      : condition_(std::move(condition)) {}

  /// Called on any thread after an error that needs somebody to see to it.
  void set_helper(std::function<void()> helper);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;

 private:
  std::shared_ptr<Condition> condition_;
  std::mutex mutex_;
  std::function<void()> helper_;
};

}  // namespace matinee::storage
