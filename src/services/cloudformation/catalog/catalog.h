// The tables of CloudFormation, and what is asked of them everywhere: which stack a name or ARN
// means, and its events.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/catalog/change_set_records.h"
#include "services/cloudformation/catalog/records.h"
#include "services/context.h"
#include "services/reset.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::cloudformation {

/// arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
std::string arn_of(const StackKey& key);
/// Of the ARN of a stack.
std::optional<StackKey> key_of_arn(std::string_view arn);
std::string arn_of_change_set(const ChangeSetKey& key, std::string_view name);
inline const std::string& name_of(const StackKey& key) {
  return std::get<2>(key);
}

/// A stack, where it lies.
struct FoundStack {
  StackKey key;
  StackRecord record;
};

struct FoundChangeSet {
  ChangeSetKey key;
  ChangeSetRecord record;
};

/// All are used on the state thread, inside a transaction or not; what writes, inside one.
class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  storage::Table<StackKey, StackRecord> stacks;
  storage::Table<LiveKey, std::string> live;
  storage::Table<DefinitionKey, DefinitionRecord> definitions;
  storage::Table<DefinitionKey, TemplateRecord> templates;
  storage::Table<ResourceKey, ResourceRecord> resources;
  storage::Table<LeftoverKey, LeftoverRecord> leftovers;
  storage::Table<EventKey, EventRecord> events;
  storage::Table<StackKey, OperationRecord> operations;
  storage::Table<ChangeSetKey, ChangeSetRecord> change_sets;
  storage::Table<ChangeKey, ChangeRecord> changes;
  storage::Table<ChangeSetNameKey, std::string> change_set_names;  // name of the stack and its UUID
  storage::Table<ExportKey, ExportRecord> exports;
  storage::Table<ImportKey, ImportRecord> imports;
  storage::FrontTable<ExpiryKey, ExpiryRecord> expiries;
  storage::Table<OperationIdKey, OperationIdRecord> operation_ids;

  /// By name the stack that is not deleted, by ARN any of the caller's account and region.
  std::optional<FoundStack> find(const services::Context& context, std::string_view name) const;
  /// Throws ValidationError with AWS's words of most operations: "Stack [NAME] does not exist".
  FoundStack require(const services::Context& context, std::string_view name) const;
  /// By ARN, or by the name that it has in a stack.
  std::optional<FoundChangeSet> find_change_set(const services::Context& context,
                                                std::string_view name,
                                                const std::optional<std::string>& stack) const;

  /// An export that may be imported: its stack is not being deleted.
  std::optional<ExportRecord> find_export(const StackKey& importer, std::string_view name) const;
  /// Something begins to be done on a stack: its record tells so, and the id leads to it from now
  /// on.
  void note_operation(const StackKey& key, StackRecord& stack, const OperationNote& operation,
                      runtime::Time began);

  /// The name of a stack that uses an export of that one; nothing where none does.
  std::optional<std::string> importer_of(const StackKey& key, const std::string& exported) const;
  /// Whether the stack of that ARN must not be deleted.
  bool is_protected(std::string_view arn) const;
  /// Whether an operation on that stack is at removing resources, nested stacks among them.
  bool is_removing(std::string_view arn) const;
  /// A stack uses these exports and no others. `before`: those that it has used.
  void replace_imports(const StackKey& key, std::vector<std::string>& before,
                       const std::set<std::string>& now);
  /// Everything of an account, or everything.
  void remove_all(const services::ResetScope& scope);
};

}  // namespace matinee::cloudformation
