// Object lock: what keeps a version from being removed, and until when. Rules only; the clock and
// the tables are the caller's.
#pragma once

#include "services/s3/catalog/records.h"

namespace matinee::s3 {

/// The most that a default retention may last.
inline constexpr std::int32_t max_retention_days = 36'500;
inline constexpr std::int32_t max_retention_years = 100;

/// What a request wants for a version that it stores.
struct Locks {
  std::optional<RetentionRecord> retention;
  std::optional<bool> legal_hold;

  bool any() const { return retention || legal_hold; }
};

/// The x-amz-object-lock headers as they come.
struct LockHeaders {
  std::optional<std::string> mode;
  std::optional<runtime::Time> retain_until;
  std::optional<std::string> legal_hold;
};

/// Throws InvalidArgument where mode and date do not come together or the date is not in the
/// future, InvalidRequest where the bucket has no object lock.
Locks read_locks(const LockHeaders& headers, const BucketRecord& bucket, runtime::Time now);

/// Of PutObject, CopyObject and CreateMultipartUpload.
template <class Request>
Locks requested_locks(const Request& request, const BucketRecord& bucket, runtime::Time now) {
  return read_locks({.mode = request.object_lock_mode,
                     .retain_until = request.object_lock_retain_until_date,
                     .legal_hold = request.object_lock_legal_hold_status},
                    bucket, now);
}

/// Content that will be locked, by its request or by the bucket's default, must come with a digest.
/// `operation` is what the error calls it, as "Put Object". Throws InvalidRequest.
void require_digest(const Locks& locks, const BucketRecord& bucket, bool has_digest,
                    std::string_view operation);

/// Gives a new version its locks; where none was asked for, the bucket's default retention from the
/// moment of `record.modified` on.
void apply_locks(const Locks& locks, const BucketRecord& bucket, ObjectRecord& record);

/// "GOVERNANCE" or "COMPLIANCE".
std::string name_of(LockMode mode);
/// Throws MalformedXML for other names.
LockMode parse_lock_mode(const std::string& name);

/// Whether legal hold or retention forbid to remove the version. `bypass_governance` is the wish of
/// a caller who may.
bool is_locked(const ObjectRecord& record, runtime::Time now, bool bypass_governance = false);

/// Throws AccessDenied where a version is_locked.
void check_unlocked(const ObjectRecord& record, runtime::Time now, bool bypass_governance);

/// Whether a new retention, nothing among them, may take the place of the one that a version has:
/// in compliance mode it may only become longer, in governance mode all is allowed with the bypass.
/// Throws AccessDenied.
void check_retention_change(const ObjectRecord& record,
                            const std::optional<RetentionRecord>& retention, runtime::Time now,
                            bool bypass_governance);

}  // namespace matinee::s3
