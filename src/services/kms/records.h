// What the store keeps of keys: all that a client was told, and the key material, sealed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "services/kms/specs.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::kms {

/// Stored: the numbers are for ever.
enum class State : std::uint8_t {
  enabled = 0,
  disabled = 1,
  pending_deletion = 2,
  pending_import = 3,
  creating = 4,
  pending_replica_deletion = 5
};

/// Which key. Related multi-region keys have the same id in several regions.
struct KeyName {
  std::string account;
  std::string region;
  std::string id;  // UUID, or "mrk-" and 32 hex digits

  bool operator==(const KeyName&) const = default;
  std::tuple<std::string, std::string, std::string> tuple() const { return {account, region, id}; }
};

/// What every use of a key looks at.
struct KeyRecord {
  runtime::Time created{};
  Spec spec = Spec::symmetric_default;
  Usage usage = Usage::encrypt_decrypt;
  State state = State::enabled;
  bool is_external = false;   // origin EXTERNAL
  bool is_managed = false;    // by AWS: alias/aws/...
  std::uint32_t current = 0;  // number of the material in use; 0 without any
  std::uint32_t last = 0;     // highest number given out
  std::string material_id;    // of the current material, 32 bytes
  std::optional<runtime::Time> deletion_at;
  std::int32_t deletion_days = 0;  // the window that was asked for
  bool rotates = false;            // automatically
  std::int32_t rotation_days = 0;
  std::optional<runtime::Time> next_rotation;
  std::uint32_t on_demand_rotations = 0;
  std::optional<runtime::Time> on_demand_started;
  bool is_multi_region = false;
  std::string primary_region;
  /// Of a primary key only.
  std::vector<std::string> replica_regions;
  std::uint32_t grants = 0;  // how many there are

  static constexpr auto fields = std::tuple{storage::field<1>(&KeyRecord::created),
                                            storage::field<2>(&KeyRecord::spec),
                                            storage::field<3>(&KeyRecord::usage),
                                            storage::field<4>(&KeyRecord::state),
                                            storage::field<5>(&KeyRecord::is_external),
                                            storage::field<6>(&KeyRecord::is_managed),
                                            storage::field<7>(&KeyRecord::current),
                                            storage::field<8>(&KeyRecord::last),
                                            storage::field<9>(&KeyRecord::material_id),
                                            storage::field<10>(&KeyRecord::deletion_at),
                                            storage::field<11>(&KeyRecord::deletion_days),
                                            storage::field<12>(&KeyRecord::rotates),
                                            storage::field<13>(&KeyRecord::rotation_days),
                                            storage::field<14>(&KeyRecord::next_rotation),
                                            storage::field<15>(&KeyRecord::on_demand_rotations),
                                            storage::field<16>(&KeyRecord::on_demand_started),
                                            storage::field<17>(&KeyRecord::is_multi_region),
                                            storage::field<18>(&KeyRecord::primary_region),
                                            storage::field<19>(&KeyRecord::replica_regions),
                                            storage::field<20>(&KeyRecord::grants)};
};

/// What only descriptions and decisions about permissions need.
struct DetailsRecord {
  std::string description;
  std::string policy;
  std::map<std::string, std::string> tags;

  static constexpr auto fields = std::tuple{storage::field<1>(&DetailsRecord::description),
                                            storage::field<2>(&DetailsRecord::policy),
                                            storage::field<3>(&DetailsRecord::tags)};
};

/// Stored likewise.
enum class Rotation : std::uint8_t { none = 0, automatic = 1, on_demand = 2 };

struct MaterialRecord {
  std::string id;          // 32 bytes, which follow from key and material
  std::string sealed;      // empty where imported material was deleted, or has expired
  std::string public_key;  // of pairs: SubjectPublicKeyInfo, DER
  runtime::Time created{};
  Rotation rotation = Rotation::none;
  std::optional<runtime::Time> rotated_at;
  bool is_waiting = false;  // imported, for the next rotation
  std::optional<std::string> description;
  std::optional<runtime::Time> expires_at;

  static constexpr auto fields = std::tuple{storage::field<1>(&MaterialRecord::id),
                                            storage::field<2>(&MaterialRecord::sealed),
                                            storage::field<3>(&MaterialRecord::public_key),
                                            storage::field<4>(&MaterialRecord::created),
                                            storage::field<5>(&MaterialRecord::rotation),
                                            storage::field<6>(&MaterialRecord::rotated_at),
                                            storage::field<7>(&MaterialRecord::is_waiting),
                                            storage::field<8>(&MaterialRecord::description),
                                            storage::field<9>(&MaterialRecord::expires_at)};
};

struct AliasRecord {
  std::string key;  // id
  runtime::Time created{};
  runtime::Time updated{};

  static constexpr auto fields =
      std::tuple{storage::field<1>(&AliasRecord::key), storage::field<2>(&AliasRecord::created),
                 storage::field<3>(&AliasRecord::updated)};
};

struct GrantRecord {
  std::string name;
  runtime::Time created{};
  std::string grantee;
  std::string retiring;  // empty without
  std::string grantee_service;
  std::string retiring_service;
  std::string issuer;  // account
  std::vector<std::string> operations;
  std::optional<std::map<std::string, std::string>> context_subset;
  std::optional<std::map<std::string, std::string>> context_equals;
  std::optional<std::string> source_arn;

  static constexpr auto fields = std::tuple{storage::field<1>(&GrantRecord::name),
                                            storage::field<2>(&GrantRecord::created),
                                            storage::field<3>(&GrantRecord::grantee),
                                            storage::field<4>(&GrantRecord::retiring),
                                            storage::field<5>(&GrantRecord::grantee_service),
                                            storage::field<6>(&GrantRecord::retiring_service),
                                            storage::field<7>(&GrantRecord::issuer),
                                            storage::field<8>(&GrantRecord::operations),
                                            storage::field<9>(&GrantRecord::context_subset),
                                            storage::field<10>(&GrantRecord::context_equals),
                                            storage::field<11>(&GrantRecord::source_arn)};
};

/// The last successful use of a key.
struct UseRecord {
  std::string operation;
  runtime::Time at{};
  std::string request_id;
  std::string event_id;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&UseRecord::operation), storage::field<2>(&UseRecord::at),
      storage::field<3>(&UseRecord::request_id), storage::field<4>(&UseRecord::event_id)};
};

/// What a key has to do at a time. Stored likewise.
enum class Due : std::uint8_t { deletion = 0, rotation = 1, expiry = 2, creation = 3 };

using Text = std::string;
using MasterTable = storage::Table<std::uint64_t, Text>;
using KeysTable = storage::Table<std::tuple<Text, Text, Text>, KeyRecord>;
using DetailsTable = storage::Table<std::tuple<Text, Text, Text>, DetailsRecord>;
using MaterialsTable = storage::Table<std::tuple<Text, Text, Text, std::uint32_t>, MaterialRecord>;
/// Number of a key's material by its id.
using MaterialIdsTable = storage::Table<std::tuple<Text, Text, Text, Text>, std::uint32_t>;
using AliasesTable = storage::Table<std::tuple<Text, Text, Text>, AliasRecord>;
/// By key and name.
using KeyAliasesTable = storage::Table<std::tuple<Text, Text, Text, Text>, bool>;
using GrantsTable = storage::Table<std::tuple<Text, Text, Text, Text>, GrantRecord>;
/// By account, region, key, grantee and grant.
using GranteesTable = storage::Table<std::tuple<Text, Text, Text, Text, Text>, bool>;
/// By account, region, retiring principal, key and grant.
using RetirableTable = storage::Table<std::tuple<Text, Text, Text, Text, Text>, bool>;
using DueTable = storage::FrontTable<std::tuple<runtime::Time, Text, Text, Text, Due>, bool>;
using UsesTable = storage::Table<std::tuple<Text, Text, Text>, UseRecord>;

}  // namespace matinee::kms
