// What the store keeps of change sets and the operations that run.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/cloudformation/catalog/records.h"

namespace matinee::cloudformation {

/// One cause of a change of one property: Details.
struct DetailRecord {
  std::string attribute;   // "Properties", "Metadata", "Tags" ...
  std::string name;        // of the property
  std::string recreation;  // "Never", "Conditionally", "Always"
  bool is_dynamic = false;
  std::string source;          // "DirectModification" ...
  std::string causing_entity;  // "Parameter", "Resource", "Resource.Attribute"; empty: none
  std::string path;            // "/Properties/Name"
  std::optional<std::string> before;
  std::optional<std::string> after;
  bool only_with_values = false;
  bool only_without_values = false;

  static constexpr auto fields = std::tuple{storage::field<1>(&DetailRecord::attribute),
                                            storage::field<2>(&DetailRecord::name),
                                            storage::field<3>(&DetailRecord::recreation),
                                            storage::field<4>(&DetailRecord::is_dynamic),
                                            storage::field<5>(&DetailRecord::source),
                                            storage::field<6>(&DetailRecord::causing_entity),
                                            storage::field<7>(&DetailRecord::path),
                                            storage::field<8>(&DetailRecord::before),
                                            storage::field<9>(&DetailRecord::after),
                                            storage::field<10>(&DetailRecord::only_with_values),
                                            storage::field<11>(&DetailRecord::only_without_values)};
};

struct ChangeRecord {
  std::string action;  // "Add", "Modify", "Remove", "Import"
  std::string logical_id;
  std::string physical_id;
  std::string type;
  std::string replacement;    // "True", "False", "Conditional"; empty: none
  std::string policy_action;  // empty: none
  std::vector<DetailRecord> details;
  std::optional<std::string> before_context;
  std::optional<std::string> after_context;
  bool only_without_values = false;
  std::string nested_change_set;  // ARN

  static constexpr auto fields = std::tuple{storage::field<1>(&ChangeRecord::action),
                                            storage::field<2>(&ChangeRecord::logical_id),
                                            storage::field<3>(&ChangeRecord::physical_id),
                                            storage::field<4>(&ChangeRecord::type),
                                            storage::field<5>(&ChangeRecord::replacement),
                                            storage::field<6>(&ChangeRecord::policy_action),
                                            storage::field<7>(&ChangeRecord::details),
                                            storage::field<8>(&ChangeRecord::before_context),
                                            storage::field<9>(&ChangeRecord::after_context),
                                            storage::field<10>(&ChangeRecord::only_without_values),
                                            storage::field<11>(&ChangeRecord::nested_change_set)};
};

struct ChangeSetRecord {
  std::string name;
  runtime::Time created;
  std::string type;  // "CREATE", "UPDATE", "IMPORT"
  std::string status;
  std::string execution_status;
  std::string reason;
  std::string reason_with_values;  // told where values are asked for
  std::optional<std::string> description;
  std::string role;
  std::string on_stack_failure;
  std::optional<bool> include_nested_stacks;
  std::optional<bool> import_existing;
  std::string deployment_mode;  // "EXPRESS"; empty: not said
  std::optional<bool> disable_rollback;
  std::map<std::string, std::string> imports;  // by logical id: the physical one
  std::uint32_t changes = 0;
  std::string client_token;
  std::string parent;
  std::string root;

  /// It cannot be executed.
  void fail(std::string why) {
    status = "FAILED";
    execution_status = "UNAVAILABLE";
    reason = std::move(why);
  }

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ChangeSetRecord::name),
                 storage::field<2>(&ChangeSetRecord::created),
                 storage::field<3>(&ChangeSetRecord::type),
                 storage::field<4>(&ChangeSetRecord::status),
                 storage::field<5>(&ChangeSetRecord::execution_status),
                 storage::field<6>(&ChangeSetRecord::reason),
                 storage::field<7>(&ChangeSetRecord::reason_with_values),
                 storage::field<8>(&ChangeSetRecord::description),
                 storage::field<9>(&ChangeSetRecord::role),
                 storage::field<10>(&ChangeSetRecord::on_stack_failure),
                 storage::field<11>(&ChangeSetRecord::include_nested_stacks),
                 storage::field<12>(&ChangeSetRecord::import_existing),
                 storage::field<13>(&ChangeSetRecord::deployment_mode),
                 storage::field<14>(&ChangeSetRecord::imports),
                 storage::field<15>(&ChangeSetRecord::changes),
                 storage::field<16>(&ChangeSetRecord::client_token),
                 storage::field<17>(&ChangeSetRecord::parent),
                 storage::field<18>(&ChangeSetRecord::root),
                 storage::field<19>(&ChangeSetRecord::disable_rollback)};
};

/// In whose name an operation goes on, also after a restart.
struct CallerRecord {
  std::string account;
  std::string region;
  std::string access_key;
  std::string caller_arn;
  std::string caller_id;
  std::string role_arn;
  std::uint8_t principal = 0;  // services::PrincipalKind
  std::string host;            // of the URLs that resources are told by
  bool secure = false;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&CallerRecord::account),    storage::field<2>(&CallerRecord::region),
      storage::field<3>(&CallerRecord::access_key), storage::field<4>(&CallerRecord::caller_arn),
      storage::field<5>(&CallerRecord::caller_id),  storage::field<6>(&CallerRecord::role_arn),
      storage::field<7>(&CallerRecord::principal),  storage::field<8>(&CallerRecord::host),
      storage::field<9>(&CallerRecord::secure)};
};

enum class Phase : std::uint8_t {
  forward,     // makes and changes what the definition says
  going_back,  // puts back what was changed, or removes what was made
  clean_up,    // removes what is left over
  removing     // all of the stack
};

/// What runs on a stack at this moment. A start goes on with all that are there.
struct OperationRecord {
  std::string type;  // "CREATE_STACK", as LastOperations tells it
  Phase phase = Phase::forward;
  std::string id;  // UUID
  std::string client_token;
  runtime::Time began;
  CallerRecord caller;
  bool rolls_back = true;
  bool deletes_on_failure = false;
  bool is_import = false;
  bool is_rollback = false;      // the clean-up of an update that went back; of a nested stack, all
  bool is_cancelled = false;     // by CancelUpdateStack
  std::set<std::string> spared;  // RetainResources, ResourcesToSkip
  std::string change_set;        // UUID
  std::optional<runtime::Time> deadline;
  std::string failure;  // a reason of the stack's own
  std::map<std::string, std::string> imports;
  bool retains_except_on_create = false;
  bool forces_deletion = false;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&OperationRecord::type),
                 storage::field<2>(&OperationRecord::phase),
                 storage::field<3>(&OperationRecord::id),
                 storage::field<4>(&OperationRecord::client_token),
                 storage::field<5>(&OperationRecord::began),
                 storage::field<6>(&OperationRecord::caller),
                 storage::field<7>(&OperationRecord::rolls_back),
                 storage::field<8>(&OperationRecord::deletes_on_failure),
                 storage::field<9>(&OperationRecord::is_import),
                 storage::field<10>(&OperationRecord::is_rollback),
                 storage::field<11>(&OperationRecord::is_cancelled),
                 storage::field<12>(&OperationRecord::spared),
                 storage::field<13>(&OperationRecord::change_set),
                 storage::field<14>(&OperationRecord::deadline),
                 storage::field<16>(&OperationRecord::failure),
                 storage::field<17>(&OperationRecord::imports),
                 storage::field<18>(&OperationRecord::retains_except_on_create),
                 storage::field<19>(&OperationRecord::forces_deletion)};
};

}  // namespace matinee::cloudformation
