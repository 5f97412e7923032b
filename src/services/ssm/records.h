// What the Parameter Store keeps in the store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::ssm {

/// One of a parameter's policies, as the request wrote it.
struct PolicyRecord {
  std::string type;  // Expiration, ExpirationNotification, NoChangeNotification
  std::string text;
  /// Of Expiration the moment; of the others nothing, they are counted from something else.
  std::optional<runtime::Time> at;
  /// How long before the expiration, or after the last change.
  runtime::Duration span{};
  /// When it was asked for; nothing in records of older programs.
  std::optional<runtime::Time> created = std::nullopt;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&PolicyRecord::type), storage::field<2>(&PolicyRecord::text),
                 storage::field<3>(&PolicyRecord::at), storage::field<4>(&PolicyRecord::span),
                 storage::field<5>(&PolicyRecord::created)};
};

/// What is known of a version besides its value.
struct VersionDetails {
  std::uint64_t version = 0;
  std::string type;    // String, StringList, SecureString
  std::string key_id;  // of a SecureString, as it was asked for
  runtime::Time modified;
  std::string user;  // ARN of who wrote it
  std::string description;
  std::string allowed_pattern;
  std::string tier;  // Standard, Advanced
  std::string data_type;
  std::vector<PolicyRecord> policies;

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionDetails::version),
                                            storage::field<2>(&VersionDetails::type),
                                            storage::field<3>(&VersionDetails::key_id),
                                            storage::field<4>(&VersionDetails::modified),
                                            storage::field<5>(&VersionDetails::user),
                                            storage::field<6>(&VersionDetails::description),
                                            storage::field<7>(&VersionDetails::allowed_pattern),
                                            storage::field<8>(&VersionDetails::tier),
                                            storage::field<9>(&VersionDetails::data_type),
                                            storage::field<10>(&VersionDetails::policies)};
};

struct ParameterRecord {
  VersionDetails latest;
  std::uint64_t oldest = 1;                     // of the versions that are kept
  std::map<std::string, std::uint64_t> labels;  // to the version that has them
  std::map<std::string, std::string> tags;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ParameterRecord::latest), storage::field<2>(&ParameterRecord::oldest),
      storage::field<3>(&ParameterRecord::labels), storage::field<4>(&ParameterRecord::tags)};
};

struct VersionRecord {
  VersionDetails details;
  std::string value;  // of a SecureString the ciphertext

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionRecord::details),
                                            storage::field<2>(&VersionRecord::value)};
};

/// How many parameters a region has, for its limits.
struct CountRecord {
  std::uint64_t standard = 0;
  std::uint64_t advanced = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&CountRecord::standard),
                                            storage::field<2>(&CountRecord::advanced)};
};

struct SettingRecord {
  std::string value;
  runtime::Time modified;
  std::string user;

  static constexpr auto fields = std::tuple{storage::field<1>(&SettingRecord::value),
                                            storage::field<2>(&SettingRecord::modified),
                                            storage::field<3>(&SettingRecord::user)};
};

struct ResourcePolicyRecord {
  std::string text;
  std::string hash;

  static constexpr auto fields = std::tuple{storage::field<1>(&ResourcePolicyRecord::text),
                                            storage::field<2>(&ResourcePolicyRecord::hash)};
};

struct NothingRecord {
  static constexpr auto fields = std::tuple{};
};

// Account, region, and what follows.
using Parameters =
    storage::Table<std::tuple<std::string, std::string, storage::RawKey>, ParameterRecord>;
using Versions =
    storage::Table<std::tuple<std::string, std::string, std::string, std::uint64_t>, VersionRecord>;
using Counts = storage::Table<std::tuple<std::string, std::string>, CountRecord>;
using Settings = storage::Table<std::tuple<std::string, std::string, std::string>, SettingRecord>;
/// By parameter and the policy's id.
using ResourcePolicies =
    storage::Table<std::tuple<std::string, std::string, std::string, std::string>,
                   ResourcePolicyRecord>;
/// When parameters expire; the only one that does not begin with the account.
using Expirations =
    storage::FrontTable<std::tuple<runtime::Time, std::string, std::string, std::string>,
                        NothingRecord>;
/// When somebody is to be told of a parameter: by the moment, and the policy's place among those of
/// the parameter. Removed with them.
using Notices = storage::FrontTable<
    std::tuple<runtime::Time, std::string, std::string, std::string, std::uint64_t>, NothingRecord>;

inline constexpr storage::TableId parameters_id{0x0A01};
inline constexpr storage::TableId versions_id{0x0A02};
inline constexpr storage::TableId counts_id{0x0A03};
inline constexpr storage::TableId settings_id{0x0A04};
inline constexpr storage::TableId resource_policies_id{0x0A05};
inline constexpr storage::TableId expirations_id{0x0A06};
inline constexpr storage::TableId notices_id{0x0A07};

}  // namespace matinee::ssm
