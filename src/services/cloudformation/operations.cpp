// What requests that change stacks have in common: what there is, what is wanted, and how an
// operation begins.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cloudformation/planning/doubts.h"
#include "services/cloudformation/planning/stack_policy.h"
#include "services/cloudformation/preparing/dynamic_values.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

/// Time-based, as those of AWS are: so that newer ones are told from older ones.
std::string Service::new_stack_uuid() {
  constexpr std::uint64_t since_gregorian = 0x01B21DD213814000;  // in 100 ns, to 1970
  const auto micros = static_cast<std::uint64_t>(runtime_.clock.now().time_since_epoch().count());
  const std::uint64_t time = micros * 10 + since_gregorian + runtime_.random.below(10);
  constexpr std::uint64_t version = 0x1000;
  constexpr std::uint64_t variant = 0x8000;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", time & 0xffffffff, time >> 32 & 0xffff,
                     (time >> 48 & 0x0fff) | version, runtime_.random.below(0x4000) | variant,
                     runtime_.random.below(std::uint64_t{1} << 48));
}

PreviousTemplate Service::previous_of(const StackKey& key) const {
  PreviousTemplate previous;
  if (auto text = catalog_.templates.find({key, current_slot}))
    previous.original = std::move(text->original);
  if (auto definition = catalog_.definitions.find({key, current_slot}))
    previous.parameters = std::move(definition->parameters);
  return previous;
}

ExistingStack Service::existing_of(const FoundStack& stack,
                                   std::optional<Prepared>& definition) const {
  ExistingStack existing;
  auto text = catalog_.templates.find({stack.key, current_slot});
  auto record = catalog_.definitions.find({stack.key, current_slot});
  // Nothing was made where the transforms had failed.
  if (!text || !record || text->processed.empty()) return existing;
  definition = restore(std::move(text->processed), record->parameters,
                       {.account = std::get<0>(stack.key),
                        .region = std::get<1>(stack.key),
                        .stack_name = name_of(stack.key),
                        .stack_id = arn_of(stack.key),
                        .notification_arns = record->notification_arns});
  existing.definition = &*definition;
  existing.outputs = stack.record.outputs;
  existing.tags = record->tags;
  existing.notification_arns = record->notification_arns;
  catalog_.resources.scan(
      catalog_.resources.prefix(stack.key), [&](const ResourceKey& key, ResourceRecord resource) {
        // Of a replacement that failed, what it replaces is still there.
        if (resource.is_unfinished && resource.before) resource.state = *resource.before;
        if (resource.state.id.empty() || resource.status == "CREATE_FAILED") return true;
        const std::string& id = std::get<1>(key);
        if (auto doubts = doubts_of(resource, resource.state.id); !doubts.empty())
          existing.doubts.emplace(id, std::move(doubts));
        existing.resources.emplace(id, std::move(resource.state));
        return true;
      });
  return existing;
}

WantedStack Service::wanted_of(const Context& context, const Prepared& prepared,
                               const DefinitionRecord& definition) const {
  return {.definition = &prepared,
          .tags = definition.tags,
          .notification_arns = definition.notification_arns,
          .find_import = [this, importer = StackKey{context.account, context.region, "", ""}](
                             std::string_view name) -> std::optional<Value> {
            const auto found = catalog_.find_export(importer, name);
            if (!found)
              throw templates::TemplateError(fmt::format("No export named {} found.", name));
            return Value(found->value);
          }};
}

runtime::Task<std::map<std::string, std::string>> Service::latest_values(resources::Calls& calls,
                                                                         StackKey key) {
  Value texts = Value::list();
  catalog_.resources.scan(catalog_.resources.prefix(key),
                          [&](const ResourceKey&, const ResourceRecord& resource) {
                            for (const auto& [text, value] : resource.state.references)
                              texts.append(Value(text));
                            return true;
                          });
  co_return co_await read_latest_values(calls, std::move(texts));
}

Plan Service::plan_of(const ExistingStack& existing, const WantedStack& wanted) {
  try {
    return make_plan(existing, wanted, [this](std::string_view name) { return find_type(name); });
  } catch (const templates::TemplateError& error) {
    throw ValidationError(error.message);
  }
}

/// All of them at once, before anything is made.
void Service::require_known_types(const Prepared& prepared) {
  const auto unknown =
      find_unknown_types(prepared, [this](std::string_view name) { return find_type(name); });
  if (unknown.empty()) return;
  std::set<std::string> types;
  for (const auto& [id, type] : unknown) types.insert(type);
  throw ValidationError(fmt::format("Template format error: Unrecognized resource types: [{}]",
                                    fmt::join(types, ", ")));
}

void Service::put_definition(const DefinitionKey& key, const DefinitionRecord& definition,
                             const Prepared& prepared) {
  catalog_.definitions.put(key, definition);
  catalog_.templates.put(key, {.original = prepared.original, .processed = prepared.processed});
}

void Service::keep_previous(const StackKey& key) {
  if (catalog_.definitions.contains({key, previous_slot})) return;
  if (const auto definition = catalog_.definitions.find({key, current_slot}))
    catalog_.definitions.put({key, previous_slot}, *definition);
  if (const auto text = catalog_.templates.find({key, current_slot}))
    catalog_.templates.put({key, previous_slot}, *text);
}

void Service::begin(const FoundStack& stack, StackRecord& record, OperationRecord operation,
                    std::string_view status) {
  operation.id = runtime_.random.uuid();
  operation.began = runtime_.clock.now();
  catalog_.note_operation(stack.key, record, {.type = operation.type, .id = operation.id},
                          operation.began);
  record.status = status;
  if (record.reason.empty() || operation.phase == Phase::forward) record.reason = "User Initiated";
  record.failure.clear();
  events_.add(stack.key, record, {operation.client_token, operation.id});
  catalog_.stacks.put(stack.key, record);
  catalog_.operations.put(stack.key, operation);
  store_.on_commit([this, key = stack.key] {
    watch_.status_changed(arn_of(key));
    runner_.start(key);
  });
}

void Service::remove_change_set(const ChangeSetKey& key, const ChangeSetRecord& record) {
  const auto& [stack, uuid] = key;
  remove_nested_change_sets(key);
  catalog_.change_sets.erase(key);
  catalog_.changes.erase_range(catalog_.changes.prefix(key));
  catalog_.change_set_names.erase({std::get<0>(stack), std::get<1>(stack), record.name, uuid});
  catalog_.operation_ids.erase({std::get<0>(stack), std::get<1>(stack), uuid});
  catalog_.definitions.erase({stack, uuid});
  catalog_.templates.erase({stack, uuid});
}

void Service::make_obsolete(const StackKey& key, bool removes, const std::string& but) {
  catalog_.change_sets.scan(
      catalog_.change_sets.prefix(key), [&](const ChangeSetKey& set, ChangeSetRecord record) {
        const bool waits =
            record.execution_status == "AVAILABLE" || record.execution_status == "UNAVAILABLE";
        if (std::get<1>(set) == but) return true;
        if (waits && removes) {
          remove_change_set(set, record);
        } else if (record.execution_status == "AVAILABLE") {
          record.execution_status = "OBSOLETE";
          catalog_.change_sets.put(set, record);
          remove_nested_change_sets(set);
        } else if (record.status == "CREATE_IN_PROGRESS") {
          record.fail("The stack was changed while the change set was being created.");
          catalog_.change_sets.put(set, record);
          remove_nested_change_sets(set);
        } else if (removes) {
          remove_nested_change_sets(set);
        }
        return true;
      });
}

runtime::Task<std::optional<std::string>> Service::policy_of(const Context& context,
                                                             std::optional<std::string> body,
                                                             std::optional<std::string> url,
                                                             std::string_view name) {
  constexpr std::size_t largest = 16'384;
  if (body && url)
    throw ValidationError(fmt::format("You cannot specify both {}URL and {}Body", name, name));
  if (url) {
    const std::unique_ptr<resources::Calls> calls = calls_as(context, "");
    body = co_await read_url(sources_of(context, *calls), *url, largest);
  }
  if (body && !is_stack_policy(*body))
    throw ValidationError("Error validating stack policy: Invalid stack policy");
  co_return body;
}

}  // namespace matinee::cloudformation
