#include "services/cloudformation/catalog/catalog.h"

#include <fmt/format.h>

#include "cloudformation/errors.h"
#include "services/arn.h"

namespace matinee::cloudformation {

namespace {

/// NAME and UUID of "stack/NAME/UUID".
std::optional<std::pair<std::string, std::string>> parts_of(std::string_view resource,
                                                            std::string_view kind) {
  if (!resource.starts_with(kind)) return std::nullopt;
  resource.remove_prefix(kind.size());
  const std::size_t slash = resource.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return std::pair{std::string(resource.substr(0, slash)), std::string(resource.substr(slash + 1))};
}

/// Of what `kind` ("stack/") an ARN of the caller's account and region names.
std::optional<std::pair<std::string, std::string>> own_parts(const services::Context& context,
                                                             std::string_view name,
                                                             std::string_view kind) {
  const std::optional<services::Arn> arn = services::parse_arn(name);
  if (!arn || arn->service != "cloudformation" || arn->account != context.account ||
      arn->region != context.region)
    return std::nullopt;
  return parts_of(arn->resource, kind);
}

}  // namespace

std::string arn_of(const StackKey& key) {
  const auto& [account, region, name, uuid] = key;
  return fmt::format("arn:aws:cloudformation:{}:{}:stack/{}/{}", region, account, name, uuid);
}

std::string arn_of_change_set(const ChangeSetKey& key, std::string_view name) {
  const auto& [stack, uuid] = key;
  return fmt::format("arn:aws:cloudformation:{}:{}:changeSet/{}/{}", std::get<1>(stack),
                     std::get<0>(stack), name, uuid);
}

std::optional<StackKey> key_of_arn(std::string_view arn) {
  const std::optional<services::Arn> parsed = services::parse_arn(arn);
  if (!parsed || parsed->service != "cloudformation") return std::nullopt;
  auto parts = parts_of(parsed->resource, "stack/");
  if (!parts) return std::nullopt;
  return StackKey{parsed->account, parsed->region, std::move(parts->first),
                  std::move(parts->second)};
}

Catalog::Catalog(storage::Store& store)
    : stacks(store, stacks_table),
      live(store, live_table),
      definitions(store, definitions_table),
      templates(store, templates_table),
      resources(store, resources_table),
      leftovers(store, leftovers_table),
      events(store, events_table),
      operations(store, operations_table),
      change_sets(store, change_sets_table),
      changes(store, changes_table),
      change_set_names(store, change_set_names_table),
      exports(store, exports_table),
      imports(store, imports_table),
      expiries(store, expiries_table),
      operation_ids(store, operation_ids_table) {}

std::optional<FoundStack> Catalog::find(const services::Context& context,
                                        std::string_view name) const {
  FoundStack found{.key = {context.account, context.region, "", ""}, .record = {}};
  auto& [account, region, stack, uuid] = found.key;
  if (name.starts_with("arn:")) {
    auto parts = own_parts(context, name, "stack/");
    if (!parts) return std::nullopt;
    std::tie(stack, uuid) = *std::move(parts);
  } else {
    stack = name;
    std::optional<std::string> living = live.find({account, region, stack});
    if (!living) return std::nullopt;
    uuid = *std::move(living);
  }
  std::optional<StackRecord> record = stacks.find(found.key);
  if (!record) return std::nullopt;
  found.record = *std::move(record);
  return found;
}

FoundStack Catalog::require(const services::Context& context, std::string_view name) const {
  std::optional<FoundStack> found = find(context, name);
  if (!found) throw ValidationError(fmt::format("Stack [{}] does not exist", name));
  return *std::move(found);
}

std::optional<FoundChangeSet> Catalog::find_change_set(
    const services::Context& context, std::string_view name,
    const std::optional<std::string>& stack) const {
  FoundChangeSet found;
  if (name.starts_with("arn:")) {
    auto parts = own_parts(context, name, "changeSet/");
    if (!parts) return std::nullopt;
    const auto owner =
        change_set_names.find({context.account, context.region, parts->first, parts->second});
    if (!owner) return std::nullopt;
    auto stack_parts = parts_of(*owner, "");
    if (!stack_parts) return std::nullopt;
    found.key = {StackKey{context.account, context.region, stack_parts->first, stack_parts->second},
                 parts->second};
    // Policies are asked about the stack that is named: it has to be the change set's.
    const StackKey& of = std::get<0>(found.key);
    if (stack && *stack != name_of(of) && *stack != arn_of(of)) return std::nullopt;
    std::optional<ChangeSetRecord> record = change_sets.find(found.key);
    if (!record) return std::nullopt;
    found.record = *std::move(record);
    return found;
  }
  if (!stack) return std::nullopt;
  const std::optional<FoundStack> owner = find(context, *stack);
  if (!owner) return std::nullopt;
  bool is_found = false;
  change_sets.scan(change_sets.prefix(owner->key),
                   [&](const ChangeSetKey& key, ChangeSetRecord record) {
                     is_found = record.name == name;
                     if (is_found) found = {.key = key, .record = std::move(record)};
                     return !is_found;
                   });
  if (!is_found) return std::nullopt;
  return found;
}

std::optional<ExportRecord> Catalog::find_export(const StackKey& importer,
                                                 std::string_view name) const {
  const auto found =
      exports.find({std::get<0>(importer), std::get<1>(importer), std::string(name)});
  if (!found) return std::nullopt;
  const std::optional<StackKey> owner = key_of_arn(found->stack_id);
  const auto stack = owner ? stacks.find(*owner) : std::nullopt;
  if (stack && stack->status == "DELETE_IN_PROGRESS") return std::nullopt;
  return found;
}

void Catalog::note_operation(const StackKey& key, StackRecord& stack,
                             const OperationNote& operation, runtime::Time began) {
  constexpr std::size_t most_told = 2;
  stack.last_operations.insert(stack.last_operations.begin(), operation);
  if (stack.last_operations.size() > most_told) stack.last_operations.resize(most_told);
  operation_ids.put(
      {std::get<0>(key), std::get<1>(key), operation.id},
      {.stack = arn_of(key), .type = operation.type, .began = began, .change_set = ""});
}

std::optional<std::string> Catalog::importer_of(const StackKey& key,
                                                const std::string& exported) const {
  const auto first =
      imports.first(imports.prefix(ExportKey{std::get<0>(key), std::get<1>(key), exported}));
  if (!first) return std::nullopt;
  return std::get<1>(first->first);
}

bool Catalog::is_protected(std::string_view arn) const {
  const std::optional<StackKey> key = key_of_arn(arn);
  const auto stack = key ? stacks.find(*key) : std::nullopt;
  return stack && stack->status != "DELETE_IN_PROGRESS" &&
         stack->termination_protection.value_or(false);
}

bool Catalog::is_removing(std::string_view arn) const {
  const std::optional<StackKey> key = key_of_arn(arn);
  const auto operation = key ? operations.find(*key) : std::nullopt;
  return operation && (operation->phase == Phase::removing || operation->phase == Phase::clean_up);
}

void Catalog::replace_imports(const StackKey& key, std::vector<std::string>& before,
                              const std::set<std::string>& now) {
  const auto& [account, region, stack, uuid] = key;
  for (const std::string& name : before)
    if (!now.contains(name)) imports.erase({ExportKey{account, region, name}, stack, uuid});
  for (const std::string& name : now)
    imports.put({ExportKey{account, region, name}, stack, uuid}, {});
  before.assign(now.begin(), now.end());
}

void Catalog::remove_all(const services::ResetScope& scope) {
  const auto erase = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  erase(stacks);
  erase(live);
  erase(definitions);
  erase(templates);
  erase(resources);
  erase(leftovers);
  erase(events);
  erase(operations);
  erase(change_sets);
  erase(changes);
  erase(change_set_names);
  erase(exports);
  erase(imports);
  erase(operation_ids);
  // By time: those of one account find nothing when they are due.
  if (!scope.account) expiries.erase_range(expiries.all());
}

}  // namespace matinee::cloudformation
