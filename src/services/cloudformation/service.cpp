#include "services/cloudformation/service.h"

#include <fmt/format.h>

#include "services/cloudformation/running/callers.h"
#include "services/lower_paths.h"

namespace matinee::cloudformation {

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours)
    : ServiceBase(cloudformation::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      catalog_(store),
      events_(catalog_, runtime.clock, runtime.random),
      watch_(runtime.loop),
      answers_(store, runtime),
      macros_(store),
      drifts_(store),
      own_types_({.answers = answers_, .macros = macros_, .stacks = watch_}),
      runner_(run_parts()) {
  watch_.use(looks());
  events_.use([this](const StackKey& key, const StackRecord& stack, const EventRecord& event) {
    notify(key, stack, event);
  });
  fail_unfinished_change_sets();
  if (neighbours_.calls) runner_.resume_all();
}

Service::~Service() = default;

const resources::ResourceType* Service::find_type(std::string_view name) {
  if (const resources::ResourceType* own = own_types_.find(name)) return own;
  return neighbours_.find_type ? neighbours_.find_type(name) : resources::find_type(name);
}

RunParts Service::run_parts() {
  return {.store = store_,
          .catalog = catalog_,
          .events = events_,
          .runtime = runtime_,
          .calls = neighbours_.calls,
          .find_type = [this](std::string_view name) { return find_type(name); },
          .status_changed = [this](const std::string& id) { watch_.status_changed(id); },
          .change_set_ended = [this](const ChangeSetKey& key) { remove_nested_change_sets(key); },
          .hides_answer = [this](const std::string& token) { return answers_.hides(token); }};
}

StackWatch::Looks Service::looks() {
  const auto find = [this](const std::string& id) -> std::optional<StackRecord> {
    const std::optional<StackKey> key = key_of_arn(id);
    return key ? catalog_.stacks.find(*key) : std::nullopt;
  };
  return {
      .state =
          [find](const std::string& id) {
            StackState state;
            const std::optional<StackRecord> stack = find(id);
            if (!stack) return state;
            state.status = stack->status;
            state.reason = stack->reason.empty() ? stack->failure : stack->reason;
            for (const OutputRecord& output : stack->outputs)
              state.outputs.emplace_back(output.key, output.value);
            return state;
          },
      .heritage =
          [this, find](const std::string& id) {
            StackHeritage heritage;
            const std::optional<StackRecord> stack = find(id);
            if (!stack) return heritage;
            heritage.role = stack->role;
            heritage.disable_rollback = stack->disable_rollback;
            if (const auto definition = catalog_.definitions.find({*key_of_arn(id), current_slot}))
              heritage.capabilities = definition->capabilities;
            for (auto around = stack; around && !around->parent_id.empty();
                 around = find(around->parent_id))
              ++heritage.depth;
            return heritage;
          },
      .adopt =
          [this, find](const std::string& id, const std::string& parent_id) {
            std::optional<StackRecord> stack = find(id);
            const std::optional<StackRecord> parent = find(parent_id);
            if (!stack || !parent) return;
            stack->parent_id = parent_id;
            stack->root_id = parent->root_id.empty() ? parent_id : parent->root_id;
            catalog_.stacks.put(*key_of_arn(id), *stack);
          },
      .keep = [this](const std::string& id,
                     const std::string& token) { keep_for_outer(id, token); },
      .nested_change_set =
          [this](const std::string& outer, const std::string& logical_id) {
            return nested_change_set(outer, logical_id);
          },
      .execute = [this](const resources::Subject& subject, const NestedChangeSet& set,
                        const Value& properties) { execute_nested(subject, set, properties); },
      .is_going_back = [this](const std::string& id) { return is_going_back(id); },
      .return_to_kept = [this](const std::string& id,
                               const std::string& outer) { return return_to_kept(id, outer); },
      .creation_policy =
          [this](const std::string& stack_id, const std::string& logical_id) {
            return creation_policy(stack_id, logical_id);
          }};
}

std::unique_ptr<resources::Calls> Service::calls_as(const Context& context,
                                                    const std::string& role) {
  return neighbours_.calls->calls_as(caller_of(caller_record(context, role)));
}

TemplateSources Service::sources_of(const Context& context, resources::Calls& calls) {
  return {.calls = calls,
          .objects = *neighbours_.objects,
          .caller = context,
          .find_macro =
              [this, account = context.account, region = context.region](std::string_view name) {
                return macros_.function_of({account, region, std::string(name)});
              },
          .find_managed_policy = neighbours_.find_managed_policy};
}

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  return ValidationError(protocol::describe(services::with_lower_paths(violations)));
}

/// Policies name "stack/NAME/*", and a stack that is not made yet has no UUID.
void Service::complete_arn(const Context& context, std::string& arn) const {
  const std::size_t kind = arn.find(":stack/");
  if (kind == std::string::npos) return;
  const std::string name = arn.substr(kind + std::string_view(":stack/").size());
  if (name.find('/') != std::string::npos) return;
  const std::optional<FoundStack> found = catalog_.find(context, name);
  arn = found ? arn_of(found->key) : arn + "/*";
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.remove_all(scope);
  answers_.reset(scope);
  macros_.reset(scope);
  drifts_.remove_all(scope);
  store_.on_commit([this, scope] { runner_.drop(scope); });
}

}  // namespace matinee::cloudformation
