// What the store keeps of stacks, their resources, events, exports and change sets. Keys begin with
// account and region; those of a stack go on with its name and the UUID at the end of its ARN, so
// that a deleted stack stays readable beside the next one of its name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "services/cloudformation/catalog/parameters.h"
#include "storage/table.h"

namespace matinee::cloudformation {

/// Account, region, name, UUID.
using StackKey = std::tuple<std::string, std::string, std::string, std::string>;
/// Account, region, name.
using LiveKey = std::tuple<std::string, std::string, std::string>;
/// A stack, and the logical id.
using ResourceKey = std::tuple<StackKey, std::string>;
/// A stack, and a number that grows.
using EventKey = std::tuple<StackKey, std::uint64_t>;
using LeftoverKey = std::tuple<StackKey, std::uint64_t>;
/// A stack, and `current_slot`, `previous_slot` or the UUID of a change set.
using DefinitionKey = std::tuple<StackKey, std::string>;
/// A stack, and the UUID at the end of the change set's ARN.
using ChangeSetKey = std::tuple<StackKey, std::string>;
using ChangeKey = std::tuple<ChangeSetKey, std::uint32_t>;
/// Account, region, name and UUID of a change set.
using ChangeSetNameKey = std::tuple<std::string, std::string, std::string, std::string>;
/// Account, region, name of the export.
using ExportKey = std::tuple<std::string, std::string, std::string>;
/// When a deleted stack is forgotten, and which.
using ExpiryKey = std::tuple<runtime::Time, StackKey>;
/// Account, region, UUID of the operation.
using OperationIdKey = std::tuple<std::string, std::string, std::string>;
/// The export, name and UUID of the stack that imports it.
using ImportKey = std::tuple<ExportKey, std::string, std::string>;

inline constexpr storage::TableId stacks_table{0x1401};
inline constexpr storage::TableId live_table{0x1402};  // the UUID of the stack that is not deleted
inline constexpr storage::TableId definitions_table{0x1403};
inline constexpr storage::TableId templates_table{0x1404};
inline constexpr storage::TableId resources_table{0x1405};
inline constexpr storage::TableId leftovers_table{0x1406};
inline constexpr storage::TableId events_table{0x1407};
inline constexpr storage::TableId operations_table{0x1408};
inline constexpr storage::TableId change_sets_table{0x1409};
inline constexpr storage::TableId changes_table{0x140A};
inline constexpr storage::TableId change_set_names_table{0x140B};
inline constexpr storage::TableId exports_table{0x140C};
inline constexpr storage::TableId imports_table{0x140D};
inline constexpr storage::TableId expiries_table{0x1416};

/// How long deleted stacks can be read.
inline constexpr runtime::Duration remembrance = std::chrono::days(90);
inline constexpr storage::TableId operation_ids_table{0x140E};  // also of those that have ended

/// What the stack is, or is being changed to.
inline constexpr const char* current_slot = "current";
/// What it goes back to should the running update fail.
inline constexpr const char* previous_slot = "previous";

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct OutputRecord {
  std::string key;
  std::string value;
  std::optional<std::string> description;
  std::optional<std::string> export_name;

  bool operator==(const OutputRecord&) const = default;
  static constexpr auto fields = std::tuple{
      storage::field<1>(&OutputRecord::key), storage::field<2>(&OutputRecord::value),
      storage::field<3>(&OutputRecord::description), storage::field<4>(&OutputRecord::export_name)};
};

struct RollbackRecord {
  Pairs triggers;  // ARN, type
  std::optional<std::int32_t> monitoring_minutes;

  bool operator==(const RollbackRecord&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&RollbackRecord::triggers),
                                            storage::field<2>(&RollbackRecord::monitoring_minutes)};
};

/// What a stack was asked to be, beside its template.
struct DefinitionRecord {
  std::optional<std::string> description;  // of the template
  std::vector<ParameterValue> parameters;  // in the order of the template
  Pairs tags;
  std::vector<std::string> capabilities;
  std::vector<std::string> notification_arns;
  RollbackRecord rollback;
  bool has_transforms = false;

  static constexpr auto fields = std::tuple{storage::field<1>(&DefinitionRecord::description),
                                            storage::field<2>(&DefinitionRecord::parameters),
                                            storage::field<3>(&DefinitionRecord::tags),
                                            storage::field<4>(&DefinitionRecord::capabilities),
                                            storage::field<5>(&DefinitionRecord::notification_arns),
                                            storage::field<6>(&DefinitionRecord::rollback),
                                            storage::field<7>(&DefinitionRecord::has_transforms)};
};

/// Stands beside the definition of the same key, because it may be large.
struct TemplateRecord {
  std::string original;   // as it was sent
  std::string processed;  // JSON after the transforms; as it was sent where there are none

  static constexpr auto fields = std::tuple{storage::field<1>(&TemplateRecord::original),
                                            storage::field<2>(&TemplateRecord::processed)};
};

/// One of LastOperations.
struct OperationNote {
  std::string type;  // "CREATE_STACK"
  std::string id;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&OperationNote::type), storage::field<2>(&OperationNote::id)};
};

/// Of which stack an operation was, and what it did.
struct OperationIdRecord {
  std::string stack;  // its ARN
  std::string type;   // "CREATE_STACK"
  runtime::Time began;
  std::string change_set;  // UUID of the one that it has made: CREATE_CHANGESET

  static constexpr auto fields = std::tuple{storage::field<1>(&OperationIdRecord::stack),
                                            storage::field<2>(&OperationIdRecord::type),
                                            storage::field<3>(&OperationIdRecord::began),
                                            storage::field<4>(&OperationIdRecord::change_set)};
};

struct StackRecord {
  runtime::Time created;
  std::optional<runtime::Time> updated;
  std::optional<runtime::Time> deleted;
  std::string status;
  std::string reason;  // empty: none
  bool disable_rollback = false;
  std::optional<bool> termination_protection = false;
  std::string role;  // ARN; empty: its callers' own rights
  std::optional<std::int32_t> timeout_minutes;
  std::string parent_id;  // of a nested stack: the ARNs of the one around it, and of the outermost
  std::string root_id;
  std::string change_set_id;  // that was executed last, if nothing else was done since
  std::optional<std::string> policy;
  std::optional<std::string> policy_during_update;  // instead, while an update runs
  std::vector<OutputRecord> outputs;
  std::uint64_t events = 0;  // the number of the next one
  std::string drift_status;  // empty: NOT_CHECKED
  std::optional<runtime::Time> drift_checked;
  std::optional<bool> retain_except_on_create;
  std::string deletion_mode;
  std::string deployment_mode;
  std::vector<OperationNote> last_operations;
  std::string create_token;          // of the call that made it
  std::vector<std::string> imports;  // names of the exports that it uses
  std::string failure;               // why its last operation has failed; empty: it has not

  static constexpr auto fields =
      std::tuple{storage::field<1>(&StackRecord::created),
                 storage::field<2>(&StackRecord::updated),
                 storage::field<3>(&StackRecord::deleted),
                 storage::field<4>(&StackRecord::status),
                 storage::field<5>(&StackRecord::reason),
                 storage::field<6>(&StackRecord::disable_rollback),
                 storage::field<7>(&StackRecord::termination_protection),
                 storage::field<8>(&StackRecord::role),
                 storage::field<9>(&StackRecord::timeout_minutes),
                 storage::field<10>(&StackRecord::parent_id),
                 storage::field<11>(&StackRecord::root_id),
                 storage::field<12>(&StackRecord::change_set_id),
                 storage::field<13>(&StackRecord::policy),
                 storage::field<14>(&StackRecord::policy_during_update),
                 storage::field<15>(&StackRecord::outputs),
                 storage::field<16>(&StackRecord::events),
                 storage::field<17>(&StackRecord::drift_status),
                 storage::field<18>(&StackRecord::drift_checked),
                 storage::field<19>(&StackRecord::retain_except_on_create),
                 storage::field<20>(&StackRecord::deletion_mode),
                 storage::field<21>(&StackRecord::deployment_mode),
                 storage::field<22>(&StackRecord::last_operations),
                 storage::field<23>(&StackRecord::create_token),
                 storage::field<24>(&StackRecord::imports),
                 storage::field<25>(&StackRecord::failure)};
};

/// What a resource is at one moment, so that it can be put back.
struct ResourceState {
  std::string type;
  std::string id;          // the physical one; empty before it is known
  std::string properties;  // JSON, as they were set last; dynamic references unresolved
  std::string shown;       // the same for events, where secret parameters are in it; else empty
  std::string attributes;  // JSON: what GetAtt gives besides properties
  std::string metadata;    // JSON, resolved; empty: none
  std::string deletion_policy;
  std::string replace_policy;
  std::vector<std::string> depends_on;  // logical ids
  Pairs tags;                           // the stack's at that moment
  bool hides_attributes = false;        // a custom resource has answered with NoEcho
  Pairs references;  // what references to the latest versions of SSM's parameters gave, by text

  static constexpr auto fields = std::tuple{storage::field<1>(&ResourceState::type),
                                            storage::field<2>(&ResourceState::id),
                                            storage::field<3>(&ResourceState::properties),
                                            storage::field<4>(&ResourceState::attributes),
                                            storage::field<5>(&ResourceState::metadata),
                                            storage::field<6>(&ResourceState::deletion_policy),
                                            storage::field<7>(&ResourceState::replace_policy),
                                            storage::field<8>(&ResourceState::depends_on),
                                            storage::field<9>(&ResourceState::tags),
                                            storage::field<10>(&ResourceState::shown),
                                            storage::field<11>(&ResourceState::hides_attributes),
                                            storage::field<12>(&ResourceState::references)};
};

/// How far the running operation has come with a resource.
enum class Work : std::uint8_t {
  none,    // nothing was done yet
  begun,   // its handler was called, or is about to be
  ended,   // well
  failed,  // its reason is the record's
  left     // it was to stay as it is
};

struct ResourceRecord {
  ResourceState state;
  std::string status;  // "CREATE_COMPLETE"
  std::string reason;
  runtime::Time changed;
  std::string description;
  /// While an operation runs that has begun to change or replace it: what it goes back to.
  std::optional<ResourceState> before;
  bool is_new = false;          // not there when the stack was stable last
  bool is_replacement = false;  // of `before`
  Work work = Work::none;
  std::string token;         // UUID of what is begun
  bool is_made = false;      // what is begun has noted the id
  std::string drift_status;  // empty: NOT_CHECKED
  std::optional<runtime::Time> drift_checked;
  /// Was there before the stack had it: taken in since the stack was stable last.
  bool is_imported = false;
  /// The making of what `state` says has begun and has not ended well.
  bool is_unfinished = false;
  /// What was set before each change that has begun since the resource was surely what its
  /// properties say: one that failed may have carried out a part. Of `state.id`, and of
  /// `before->id`.
  std::vector<ResourceState> doubts;

  static constexpr auto fields = std::tuple{storage::field<1>(&ResourceRecord::state),
                                            storage::field<2>(&ResourceRecord::status),
                                            storage::field<3>(&ResourceRecord::reason),
                                            storage::field<4>(&ResourceRecord::changed),
                                            storage::field<5>(&ResourceRecord::description),
                                            storage::field<6>(&ResourceRecord::before),
                                            storage::field<7>(&ResourceRecord::is_new),
                                            storage::field<8>(&ResourceRecord::work),
                                            storage::field<9>(&ResourceRecord::token),
                                            storage::field<10>(&ResourceRecord::is_made),
                                            storage::field<11>(&ResourceRecord::drift_status),
                                            storage::field<12>(&ResourceRecord::drift_checked),
                                            storage::field<13>(&ResourceRecord::is_replacement),
                                            storage::field<14>(&ResourceRecord::is_imported),
                                            storage::field<15>(&ResourceRecord::is_unfinished),
                                            storage::field<16>(&ResourceRecord::doubts)};
};

/// What is to be removed in the clean-up phase: the old one of what was replaced, or what a rolled
/// back update had made.
struct LeftoverRecord {
  std::string logical_id;
  ResourceState state;
  Work work = Work::none;
  std::string token;
  std::string reason;  // of its failure

  static constexpr auto fields = std::tuple{
      storage::field<1>(&LeftoverRecord::logical_id), storage::field<2>(&LeftoverRecord::state),
      storage::field<3>(&LeftoverRecord::work), storage::field<4>(&LeftoverRecord::token),
      storage::field<5>(&LeftoverRecord::reason)};
};

struct EventRecord {
  std::string id;
  runtime::Time time;
  std::string logical_id;
  std::string physical_id;
  std::string type;
  std::string status;
  std::optional<std::string> reason;
  std::optional<std::string> properties;  // JSON
  std::string client_token;
  std::string operation_id;

  static constexpr auto fields = std::tuple{storage::field<1>(&EventRecord::id),
                                            storage::field<2>(&EventRecord::time),
                                            storage::field<3>(&EventRecord::logical_id),
                                            storage::field<4>(&EventRecord::physical_id),
                                            storage::field<5>(&EventRecord::type),
                                            storage::field<6>(&EventRecord::status),
                                            storage::field<7>(&EventRecord::reason),
                                            storage::field<8>(&EventRecord::properties),
                                            storage::field<9>(&EventRecord::client_token),
                                            storage::field<10>(&EventRecord::operation_id)};
};

struct ExportRecord {
  std::string stack_id;
  std::string value;

  static constexpr auto fields = std::tuple{storage::field<1>(&ExportRecord::stack_id),
                                            storage::field<2>(&ExportRecord::value)};
};

struct ExpiryRecord {
  static constexpr auto fields = std::tuple{};
};

struct ImportRecord {
  static constexpr auto fields = std::tuple{};
};

}  // namespace matinee::cloudformation
