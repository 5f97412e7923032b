// What Secrets Manager keeps in the store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::secretsmanager {

/// A version of a secret without its value, which is in a table of its own.
struct VersionRecord {
  std::string id;
  runtime::Time created;
  std::set<std::string> stages;
  std::optional<runtime::Time> accessed;  // the day of the last read
  std::string key;                        // that it is encrypted with; empty: the default one
  bool has_value = true;                  // false while a rotation has only announced it

  static constexpr auto fields = std::tuple{
      storage::field<1>(&VersionRecord::id),     storage::field<2>(&VersionRecord::created),
      storage::field<3>(&VersionRecord::stages), storage::field<4>(&VersionRecord::accessed),
      storage::field<5>(&VersionRecord::key),    storage::field<6>(&VersionRecord::has_value)};
};

/// A rotation that is under way: the function is called step by step.
struct RotationRun {
  std::string version;         // that is to become the current one
  std::string token;           // the RotationToken of its calls
  std::uint32_t step = 0;      // of createSecret, setSecret, testSecret, finishSecret
  std::uint32_t failures = 0;  // each begins anew with the first step
  bool is_test = false;        // only testSecret; the version goes after it

  static constexpr auto fields =
      std::tuple{storage::field<1>(&RotationRun::version), storage::field<2>(&RotationRun::token),
                 storage::field<3>(&RotationRun::step), storage::field<4>(&RotationRun::failures),
                 storage::field<5>(&RotationRun::is_test)};
};

/// When and by what a secret is rotated.
struct RotationRecord {
  bool enabled = false;
  std::string function;  // ARN
  std::optional<std::int64_t> days;
  std::string duration;
  std::string schedule;
  std::optional<runtime::Time> last;
  std::optional<runtime::Time> next;
  std::vector<std::pair<std::string, std::string>> partner_data;  // of a partner's secret
  std::string partner_role;                                       // ARN; of a partner's secret
  std::optional<RotationRun> run;
  /// When the next step, or the next rotation, is to be made.
  std::optional<runtime::Time> due;

  static constexpr auto fields = std::tuple{storage::field<1>(&RotationRecord::enabled),
                                            storage::field<2>(&RotationRecord::function),
                                            storage::field<3>(&RotationRecord::days),
                                            storage::field<4>(&RotationRecord::duration),
                                            storage::field<5>(&RotationRecord::schedule),
                                            storage::field<6>(&RotationRecord::last),
                                            storage::field<7>(&RotationRecord::next),
                                            storage::field<8>(&RotationRecord::partner_data),
                                            storage::field<9>(&RotationRecord::partner_role),
                                            storage::field<10>(&RotationRecord::run),
                                            storage::field<11>(&RotationRecord::due)};
};

/// A copy in another region, as its primary knows it.
struct ReplicaRecord {
  std::string region;
  std::string key;  // empty: the default one
  bool failed = false;
  std::string message;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ReplicaRecord::region), storage::field<2>(&ReplicaRecord::key),
      storage::field<3>(&ReplicaRecord::failed), storage::field<4>(&ReplicaRecord::message)};
};

struct SecretRecord {
  std::string name;
  std::string suffix;  // the six characters at the end of its ARN
  std::string description;
  std::string key;   // as it was asked for; empty: the default one
  std::string type;  // of a secret that a partner holds
  runtime::Time created;
  runtime::Time changed;
  std::optional<runtime::Time> accessed;  // the day
  std::optional<runtime::Time> deleted;   // when it was asked for
  std::optional<runtime::Time> ends;      // the end of the time in which it can be restored
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<VersionRecord> versions;  // the oldest first
  std::optional<RotationRecord> rotation;
  std::string policy;  // empty without
  std::vector<ReplicaRecord> replicas;
  std::string primary_region;  // of a secret that has, or is, a replica
  std::string owner;           // the service that keeps it for its users

  static constexpr auto fields = std::tuple{storage::field<1>(&SecretRecord::name),
                                            storage::field<2>(&SecretRecord::suffix),
                                            storage::field<3>(&SecretRecord::description),
                                            storage::field<4>(&SecretRecord::key),
                                            storage::field<5>(&SecretRecord::type),
                                            storage::field<6>(&SecretRecord::created),
                                            storage::field<7>(&SecretRecord::changed),
                                            storage::field<8>(&SecretRecord::accessed),
                                            storage::field<9>(&SecretRecord::deleted),
                                            storage::field<10>(&SecretRecord::ends),
                                            storage::field<11>(&SecretRecord::tags),
                                            storage::field<12>(&SecretRecord::versions),
                                            storage::field<13>(&SecretRecord::rotation),
                                            storage::field<14>(&SecretRecord::policy),
                                            storage::field<15>(&SecretRecord::replicas),
                                            storage::field<16>(&SecretRecord::primary_region),
                                            storage::field<17>(&SecretRecord::owner)};

  /// What no other secret ever had, in its account and region.
  std::string id() const { return name + "-" + suffix; }
  /// When something is to be done for its rotation.
  std::optional<runtime::Time> rotation_due() const {
    return rotation && !deleted ? rotation->due : std::nullopt;
  }
  bool is_replica(const std::string& region) const {
    return !primary_region.empty() && primary_region != region;
  }
};

/// The value of a version: never in plain text.
struct ValueRecord {
  std::string ciphertext;
  bool binary = false;

  static constexpr auto fields = std::tuple{storage::field<1>(&ValueRecord::ciphertext),
                                            storage::field<2>(&ValueRecord::binary)};
};

struct NothingRecord {
  static constexpr auto fields = std::tuple{};
};

/// What lists can be sorted by, besides the name.
enum class Moment : std::uint8_t { created = 1, changed = 2, accessed = 3 };

// Account, region, and what follows.
using Secrets = storage::Table<std::tuple<std::string, std::string, storage::RawKey>, SecretRecord>;
using Values =
    storage::Table<std::tuple<std::string, std::string, std::string, std::string>, ValueRecord>;
using Orders =
    storage::Table<std::tuple<std::string, std::string, Moment, runtime::Time, storage::RawKey>,
                   NothingRecord>;
/// When secrets end for good, or are rotated: these do not begin with the account.
using Endings =
    storage::FrontTable<std::tuple<runtime::Time, std::string, std::string, std::string>,
                        NothingRecord>;

inline constexpr storage::TableId secrets_id{0x0B01};
inline constexpr storage::TableId values_id{0x0B02};
inline constexpr storage::TableId orders_id{0x0B03};
inline constexpr storage::TableId endings_id{0x0B04};
inline constexpr storage::TableId rotations_id{0x0B05};

}  // namespace matinee::secretsmanager
