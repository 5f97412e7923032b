#include "services/s3/locks/object_lock.h"

#include <fmt/format.h>

#include "s3/errors.h"

namespace matinee::s3 {

namespace {

AccessDenied protected_by_lock() {
  return AccessDenied("Access Denied because object protected by object lock.");
}

std::optional<RetentionRecord> default_retention(const BucketRecord& bucket, runtime::Time from) {
  if (!bucket.lock || !bucket.lock->default_mode) return std::nullopt;
  const std::uint64_t days = bucket.lock->days + std::uint64_t{365} * bucket.lock->years;
  return RetentionRecord{.mode = *bucket.lock->default_mode,
                         .until = from + std::chrono::hours(24 * days)};
}

}  // namespace

std::string name_of(LockMode mode) {
  return mode == LockMode::compliance ? "COMPLIANCE" : "GOVERNANCE";
}

LockMode parse_lock_mode(const std::string& name) {
  if (name == "COMPLIANCE") return LockMode::compliance;
  if (name == "GOVERNANCE") return LockMode::governance;
  throw MalformedXML(
      "The XML you provided was not well-formed or did not validate against our published schema");
}

Locks read_locks(const LockHeaders& headers, const BucketRecord& bucket, runtime::Time now) {
  if (!headers.mode && !headers.retain_until && !headers.legal_hold) return {};
  if (!bucket.lock) throw InvalidRequest("Bucket is missing Object Lock Configuration");
  if (headers.mode.has_value() != headers.retain_until.has_value())
    throw InvalidArgument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  Locks locks;
  if (headers.mode) {
    if (*headers.retain_until <= now)
      throw InvalidArgument("The retain until date must be in the future!");
    locks.retention = {.mode = parse_lock_mode(*headers.mode), .until = *headers.retain_until};
  }
  if (headers.legal_hold) locks.legal_hold = *headers.legal_hold == "ON";
  return locks;
}

void require_digest(const Locks& locks, const BucketRecord& bucket, bool has_digest,
                    std::string_view operation) {
  const bool will_be_locked = locks.any() || (bucket.lock && bucket.lock->default_mode);
  if (!will_be_locked || has_digest) return;
  throw InvalidRequest(
      fmt::format("Content-MD5 OR x-amz-checksum- HTTP header is required for {} requests with "
                  "Object Lock parameters",
                  operation));
}

void apply_locks(const Locks& locks, const BucketRecord& bucket, ObjectRecord& record) {
  record.retention = locks.retention ? locks.retention : default_retention(bucket, record.modified);
  record.legal_hold = locks.legal_hold;
}

bool is_locked(const ObjectRecord& record, runtime::Time now, bool bypass_governance) {
  if (record.legal_hold.value_or(false)) return true;
  if (!record.retention || record.retention->until <= now) return false;
  return record.retention->mode == LockMode::compliance || !bypass_governance;
}

void check_unlocked(const ObjectRecord& record, runtime::Time now, bool bypass_governance) {
  if (is_locked(record, now, bypass_governance)) throw protected_by_lock();
}

void check_retention_change(const ObjectRecord& record,
                            const std::optional<RetentionRecord>& retention, runtime::Time now,
                            bool bypass_governance) {
  if (!record.retention || record.retention->until <= now) return;
  const bool governance = record.retention->mode == LockMode::governance;
  if (governance && bypass_governance) return;
  const bool same_or_longer = retention && retention->mode == record.retention->mode &&
                              retention->until >= record.retention->until;
  if (!same_or_longer) throw protected_by_lock();
}

}  // namespace matinee::s3
