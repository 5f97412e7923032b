// What the store keeps of functions. Keys begin with account and region, so that lists are ranges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "storage/blobs.h"
#include "storage/table.h"

namespace matinee::lambda {

/// Account, region, name.
using FunctionKey = std::tuple<std::string, std::string, std::string>;
/// A function, and the number of a version; 0 is $LATEST.
using VersionKey = std::tuple<std::string, std::string, std::string, std::uint32_t>;
/// A function, and an alias, a number of a version, or "$LATEST".
using QualifiedKey = std::tuple<std::string, std::string, std::string, std::string>;
/// A layer, and the number of a version.
using LayerVersionKey = VersionKey;

inline constexpr storage::TableId functions_table{0x0601};
inline constexpr storage::TableId versions_table{0x0602};
inline constexpr storage::TableId aliases_table{0x0603};
inline constexpr storage::TableId policies_table{0x0604};
inline constexpr storage::TableId layers_table{0x0605};
inline constexpr storage::TableId layer_versions_table{0x0606};
inline constexpr storage::TableId invoke_configs_table{0x0607};
inline constexpr storage::TableId urls_table{0x0608};
inline constexpr storage::TableId url_ids_table{0x0609};
inline constexpr storage::TableId provisioned_table{0x060A};
inline constexpr storage::TableId signing_configs_table{0x060B};
inline constexpr storage::TableId mappings_table{0x060C};
inline constexpr storage::TableId packages_table{0x060D};
inline constexpr storage::TableId unsettled_table{0x060E};
inline constexpr storage::TableId unsettled_mappings_table{0x060F};
inline constexpr storage::TableId queued_table{0x0610};
inline constexpr storage::TableId stream_positions_table{0x0611};
inline constexpr storage::TableId stream_windows_table{0x0612};

/// A zip archive by its SHA-256. What several functions or versions have in common is kept once.
struct PackageRecord {
  storage::BlobRef blob;       // of archives above storage::blob_threshold_bytes
  std::string bytes;           // of smaller ones
  std::uint64_t size = 0;      // in bytes
  std::uint64_t users = 0;     // versions of functions and layers that refer to it
  std::uint64_t unzipped = 0;  // in bytes

  static constexpr auto fields =
      std::tuple{storage::field<1>(&PackageRecord::blob), storage::field<2>(&PackageRecord::bytes),
                 storage::field<3>(&PackageRecord::size), storage::field<4>(&PackageRecord::users),
                 storage::field<5>(&PackageRecord::unzipped)};
};

/// A network that AWS would attach; here it is kept and reported.
struct NetworkRecord {
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  std::optional<bool> dual_stack;

  bool operator==(const NetworkRecord&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&NetworkRecord::subnets),
                                            storage::field<2>(&NetworkRecord::security_groups),
                                            storage::field<3>(&NetworkRecord::dual_stack)};
};

struct LoggingRecord {
  std::string format = "Text";
  std::string application_level;  // only with the format JSON
  std::string system_level;
  std::string group;

  bool operator==(const LoggingRecord&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&LoggingRecord::format),
                                            storage::field<2>(&LoggingRecord::application_level),
                                            storage::field<3>(&LoggingRecord::system_level),
                                            storage::field<4>(&LoggingRecord::group)};
};

/// A folder of the machine or a bucket that holds the code where it is not in the store.
struct SourceRecord {
  std::string bucket;  // "hot-reload": `key` is a folder of this machine, read anew at each start
  std::string key;
  std::string version;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SourceRecord::bucket), storage::field<2>(&SourceRecord::key),
                 storage::field<3>(&SourceRecord::version)};
};

/// What a function is configured to: of $LATEST, and of each version as it was published.
struct Settings {
  std::string runtime;
  std::string role;
  std::string handler;
  std::string description;
  std::int32_t timeout_seconds = 3;
  std::int32_t memory_mb = 128;
  std::int32_t scratch_mb = 512;
  std::string architecture = "x86_64";
  std::string package;  // SHA-256 in base64, by which PackageRecords are found
  std::optional<std::map<std::string, std::string>> environment;
  /// The environment encrypted, where the function has a key for that; then `environment` is empty.
  std::string sealed_environment;
  std::string key;
  std::string dead_letters;
  std::string tracing = "PassThrough";
  std::vector<std::string> layers;
  std::optional<NetworkRecord> network;
  std::string snap_start = "None";
  LoggingRecord logging;
  std::optional<SourceRecord> source;

  bool is_hot() const { return source && source->bucket == "hot-reload"; }
  static constexpr auto fields = std::tuple{
      storage::field<1>(&Settings::runtime),
      storage::field<2>(&Settings::role),
      storage::field<3>(&Settings::handler),
      storage::field<4>(&Settings::description),
      storage::field<5>(&Settings::timeout_seconds),
      storage::field<6>(&Settings::memory_mb),
      storage::field<7>(&Settings::scratch_mb),
      storage::field<8>(&Settings::architecture),
      storage::field<9>(&Settings::package),
      storage::field<10>(&Settings::environment),
      storage::field<11>(&Settings::sealed_environment),
      storage::field<12>(&Settings::key),
      storage::field<13>(&Settings::dead_letters),
      storage::field<14>(&Settings::tracing),
      storage::field<15>(&Settings::layers),
      storage::field<16>(&Settings::network),
      storage::field<17>(&Settings::snap_start),
      storage::field<18>(&Settings::logging),
      storage::field<19>(&Settings::source),
  };
};

/// Where a version is on its way. `creating` and `updating` end by themselves.
enum class Stage : std::uint8_t { creating, active, updating };

struct VersionRecord {
  Settings settings;
  runtime::Time modified;
  std::string revision;  // UUID; a new one at each change of settings or stage
  Stage stage = Stage::creating;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&VersionRecord::settings), storage::field<2>(&VersionRecord::modified),
      storage::field<3>(&VersionRecord::revision), storage::field<4>(&VersionRecord::stage)};
};

/// What all versions of a function share.
struct FunctionRecord {
  std::uint32_t last_version = 0;  // that was published; numbers are not used again
  std::map<std::string, std::string> tags;
  std::optional<std::int32_t> reserved_concurrency;
  std::string recursive_loop = "Terminate";
  std::string signing_config;            // an ARN
  std::string runtime_updates = "Auto";  // as PutRuntimeManagementConfig says
  std::string runtime_version;           // of the mode "Manual"

  static constexpr auto fields =
      std::tuple{storage::field<1>(&FunctionRecord::last_version),
                 storage::field<2>(&FunctionRecord::tags),
                 storage::field<3>(&FunctionRecord::reserved_concurrency),
                 storage::field<4>(&FunctionRecord::recursive_loop),
                 storage::field<5>(&FunctionRecord::signing_config),
                 storage::field<6>(&FunctionRecord::runtime_updates),
                 storage::field<7>(&FunctionRecord::runtime_version)};
};

struct AliasRecord {
  std::string version;  // a number or "$LATEST"
  std::string description;
  std::map<std::string, double> weights;  // of other versions, 0 to 1
  std::string revision;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&AliasRecord::version), storage::field<2>(&AliasRecord::description),
      storage::field<3>(&AliasRecord::weights), storage::field<4>(&AliasRecord::revision)};
};

/// Instances that are ready before anybody calls, of a version or of what an alias points to.
struct ProvisionedRecord {
  std::int32_t wanted = 0;
  runtime::Time modified;

  static constexpr auto fields = std::tuple{storage::field<1>(&ProvisionedRecord::wanted),
                                            storage::field<2>(&ProvisionedRecord::modified)};
};

struct PolicyRecord {
  /// Sid, which may be empty, and JSON of each statement, in the order of adding.
  std::vector<std::pair<std::string, std::string>> statements;
  std::string revision;
  std::string version = "2012-10-17";
  std::string id = "default";

  static constexpr auto fields = std::tuple{
      storage::field<1>(&PolicyRecord::statements), storage::field<2>(&PolicyRecord::revision),
      storage::field<3>(&PolicyRecord::version), storage::field<4>(&PolicyRecord::id)};
};

struct LayerRecord {
  std::uint32_t last_version = 0;  // numbers are not used again

  static constexpr auto fields = std::tuple{storage::field<1>(&LayerRecord::last_version)};
};

struct LayerVersionRecord {
  std::string package;  // as in Settings
  std::string description;
  runtime::Time created;
  std::vector<std::string> architectures;
  std::optional<std::vector<std::string>> runtimes;
  std::string license;
  PolicyRecord policy;

  static constexpr auto fields = std::tuple{storage::field<1>(&LayerVersionRecord::package),
                                            storage::field<2>(&LayerVersionRecord::description),
                                            storage::field<3>(&LayerVersionRecord::created),
                                            storage::field<4>(&LayerVersionRecord::architectures),
                                            storage::field<5>(&LayerVersionRecord::runtimes),
                                            storage::field<6>(&LayerVersionRecord::license),
                                            storage::field<7>(&LayerVersionRecord::policy)};
};

/// What becomes of asynchronous invocations.
struct InvokeConfigRecord {
  std::optional<std::int32_t> most_retries;
  std::optional<std::int32_t> oldest_seconds;
  std::string on_success;  // ARNs; empty without
  std::string on_failure;
  runtime::Time modified;

  static constexpr auto fields = std::tuple{storage::field<1>(&InvokeConfigRecord::most_retries),
                                            storage::field<2>(&InvokeConfigRecord::oldest_seconds),
                                            storage::field<3>(&InvokeConfigRecord::on_success),
                                            storage::field<4>(&InvokeConfigRecord::on_failure),
                                            storage::field<5>(&InvokeConfigRecord::modified)};
};

struct CorsRecord {
  std::optional<bool> allow_credentials;
  std::optional<std::vector<std::string>> allow_headers;
  std::optional<std::vector<std::string>> allow_methods;
  std::optional<std::vector<std::string>> allow_origins;
  std::optional<std::vector<std::string>> expose_headers;
  std::optional<std::int32_t> max_age;  // in seconds

  static constexpr auto fields = std::tuple{storage::field<1>(&CorsRecord::allow_credentials),
                                            storage::field<2>(&CorsRecord::allow_headers),
                                            storage::field<3>(&CorsRecord::allow_methods),
                                            storage::field<4>(&CorsRecord::allow_origins),
                                            storage::field<5>(&CorsRecord::expose_headers),
                                            storage::field<6>(&CorsRecord::max_age)};
};

struct UrlRecord {
  std::string id;  // the first part of its host name
  std::string auth;
  std::string mode;  // BUFFERED or RESPONSE_STREAM
  std::optional<CorsRecord> cors;
  runtime::Time created;
  runtime::Time modified;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&UrlRecord::id),      storage::field<2>(&UrlRecord::auth),
                 storage::field<3>(&UrlRecord::mode),    storage::field<4>(&UrlRecord::cors),
                 storage::field<5>(&UrlRecord::created), storage::field<6>(&UrlRecord::modified)};
};

/// What a URL's id leads to.
struct UrlPlace {
  std::string account;
  std::string region;
  std::string name;
  std::string alias;  // empty: $LATEST

  static constexpr auto fields =
      std::tuple{storage::field<1>(&UrlPlace::account), storage::field<2>(&UrlPlace::region),
                 storage::field<3>(&UrlPlace::name), storage::field<4>(&UrlPlace::alias)};
};

struct SigningConfigRecord {
  std::string description;
  std::vector<std::string> publishers;
  std::string untrusted = "Warn";  // what happens to code that is not signed by them
  std::map<std::string, std::string> tags;
  runtime::Time modified;

  static constexpr auto fields = std::tuple{storage::field<1>(&SigningConfigRecord::description),
                                            storage::field<2>(&SigningConfigRecord::publishers),
                                            storage::field<3>(&SigningConfigRecord::untrusted),
                                            storage::field<4>(&SigningConfigRecord::tags),
                                            storage::field<5>(&SigningConfigRecord::modified)};
};

/// When an asynchronous call is due, and a number that tells it from others.
using QueuedKey = std::tuple<runtime::Time, std::uint64_t>;

/// An asynchronous call that has been accepted, and has not come to its end.
struct QueuedRecord {
  std::string id;  // the request id, the same in all attempts
  std::string account;
  std::string region;
  std::string function;
  std::string qualifier;  // as the caller gave it; empty without
  std::string payload;
  std::string client_context;
  std::string trace;
  runtime::Time since;
  std::uint32_t failures = 0;  // of the function
  std::uint32_t delays = 0;    // because it was throttled

  static constexpr auto fields = std::tuple{storage::field<1>(&QueuedRecord::id),
                                            storage::field<2>(&QueuedRecord::account),
                                            storage::field<3>(&QueuedRecord::region),
                                            storage::field<4>(&QueuedRecord::function),
                                            storage::field<5>(&QueuedRecord::qualifier),
                                            storage::field<6>(&QueuedRecord::payload),
                                            storage::field<7>(&QueuedRecord::client_context),
                                            storage::field<8>(&QueuedRecord::trace),
                                            storage::field<9>(&QueuedRecord::since),
                                            storage::field<10>(&QueuedRecord::failures),
                                            storage::field<11>(&QueuedRecord::delays)};
};

/// Where a mapping is on its way; all but `enabled` and `disabled` end by themselves.
enum class MappingStage : std::uint8_t {
  creating,
  enabled,
  disabled,
  updating,
  deleting,
  enabling,
  disabling
};

/// An event source of a function.
struct MappingRecord {
  std::string function;  // an ARN, as the mapping was given it, perhaps with a qualifier
  std::string source;    // an ARN
  std::int32_t batch_size = 10;
  std::int32_t window_seconds = 0;
  bool is_enabled = true;
  std::vector<std::string> filters;  // patterns, as they were sent
  bool reports_failures = false;
  std::optional<std::int32_t> most_concurrent;
  std::optional<std::vector<std::string>> metrics;
  std::optional<std::string> key;
  std::map<std::string, std::string> tags;
  MappingStage stage = MappingStage::creating;
  runtime::Time modified;
  // Of streams alone.
  std::string starting_position;             // empty: the source is a queue
  std::optional<std::int32_t> most_retries;  // without: until the records are too old
  std::optional<std::int32_t> oldest_seconds;
  bool bisects = false;
  std::int32_t lanes = 1;  // ParallelizationFactor
  std::string on_failure;  // an ARN
  std::int32_t tumbling_seconds = 0;
  std::string begins_after;  // of LATEST: the last change before the mapping

  bool reads_stream() const { return !starting_position.empty(); }
  bool counts_events() const {
    return metrics && std::ranges::find(*metrics, "EventCount") != metrics->end();
  }
  static constexpr auto fields = std::tuple{
      storage::field<1>(&MappingRecord::function),
      storage::field<2>(&MappingRecord::source),
      storage::field<3>(&MappingRecord::batch_size),
      storage::field<4>(&MappingRecord::window_seconds),
      storage::field<5>(&MappingRecord::is_enabled),
      storage::field<6>(&MappingRecord::filters),
      storage::field<7>(&MappingRecord::reports_failures),
      storage::field<8>(&MappingRecord::most_concurrent),
      storage::field<9>(&MappingRecord::metrics),
      storage::field<10>(&MappingRecord::key),
      storage::field<11>(&MappingRecord::tags),
      storage::field<12>(&MappingRecord::stage),
      storage::field<13>(&MappingRecord::modified),
      storage::field<14>(&MappingRecord::starting_position),
      storage::field<15>(&MappingRecord::most_retries),
      storage::field<16>(&MappingRecord::oldest_seconds),
      storage::field<17>(&MappingRecord::bisects),
      storage::field<18>(&MappingRecord::lanes),
      storage::field<19>(&MappingRecord::on_failure),
      storage::field<20>(&MappingRecord::tumbling_seconds),
      storage::field<21>(&MappingRecord::begins_after),
  };
};

/// How far a mapping has read its stream.
struct StreamPositionRecord {
  std::string after;   // the number of the last change that is done; empty: begins with the oldest
  std::string result;  // LastProcessingResult

  static constexpr auto fields = std::tuple{storage::field<1>(&StreamPositionRecord::after),
                                            storage::field<2>(&StreamPositionRecord::result)};
};

/// The tumbling window that is open where a mapping has read to: as ChangeWindow.
struct StreamWindowRecord {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::string shard;
  std::string state;
  std::string first;
  std::string last;
  std::int64_t first_at = 0;
  std::int64_t last_at = 0;
  std::uint64_t count = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&StreamWindowRecord::begin),
                                            storage::field<2>(&StreamWindowRecord::end),
                                            storage::field<3>(&StreamWindowRecord::shard),
                                            storage::field<4>(&StreamWindowRecord::state),
                                            storage::field<5>(&StreamWindowRecord::first),
                                            storage::field<6>(&StreamWindowRecord::last),
                                            storage::field<7>(&StreamWindowRecord::first_at),
                                            storage::field<8>(&StreamWindowRecord::last_at),
                                            storage::field<9>(&StreamWindowRecord::count)};
};

/// A version whose stage ends by itself.
struct UnsettledRecord {
  static constexpr auto fields = std::tuple{};
};

}  // namespace matinee::lambda
