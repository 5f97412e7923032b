#include "storage/background_errors.h"

namespace matinee::storage {

namespace {

using Reason = rocksdb::BackgroundErrorReason;
using rocksdb::Status;

bool is_rewriting(Reason reason) {
  return reason == Reason::kFlush || reason == Reason::kFlushNoWAL || reason == Reason::kCompaction;
}

/// Whether all that was acknowledged is in the log or in files, so that it is enough to try again.
/// A log that could not be written is another matter: its promise is broken.
bool is_behind_the_log(Reason reason) {
  return is_rewriting(reason) || reason == Reason::kMemTable || reason == Reason::kManifestWrite ||
         reason == Reason::kManifestWriteNoWAL;
}

}  // namespace

void BackgroundErrors::set_helper(std::function<void()> helper) {
  std::lock_guard guard(mutex_);
  helper_ = std::move(helper);
}

void BackgroundErrors::OnBackgroundError(Reason reason, Status* status) {
  // Rewriting files on a full disk is tried again: by then something may be deleted.
  if (is_rewriting(reason) && status->IsNoSpace()) {
    *status = Status::OK();
    return;
  }
  if (reason == Reason::kCompaction && status->IsCorruption()) {
    condition_->met_damage("The store is damaged and not merged any more: " + status->ToString());
    *status = Status::OK();
  } else if (is_behind_the_log(reason) && status->IsIOError()) {
    condition_->writes_fail("the files of the store cannot be written: " + status->ToString());
    // A more severe one could only be ended by another start.
    if (status->severity() > Status::Severity::kHardError)
      *status = Status(*status, Status::Severity::kHardError);
  } else {
    return;
  }
  std::lock_guard guard(mutex_);
  if (helper_) helper_();
}

}  // namespace matinee::storage
