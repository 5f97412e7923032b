// Change sets of nested stacks, which are made with that of the stack around them, told by their
// ids, and executed and removed with it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "services/cloudformation/preparing/parameter_values.h"
#include "services/cloudformation/requests.h"
#include "services/cloudformation/running/callers.h"
#include "services/cloudformation/service.h"
#include "templates/parameters.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

using resources::HandlerError;

namespace {

constexpr std::string_view no_changes_left =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";

/// "AROUND-LOGICALID-RANDOM12"
std::string nested_name(std::string_view around, std::string_view logical_id,
                        std::string_view uuid) {
  constexpr std::size_t most_letters = 128;
  constexpr std::size_t random_letters = 12;
  std::string random;
  for (const char c : uuid)
    if (c != '-' && random.size() < random_letters)
      random.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c);
  const std::string begin = fmt::format("{}-{}", around, logical_id);
  return fmt::format("{}-{}", begin.substr(0, most_letters - random_letters - 1), random);
}

void add_tags(std::vector<Tag>& tags, const std::vector<Tag>& more) {
  for (const Tag& tag : more)
    if (std::ranges::find(tags, tag.key, &Tag::key) == tags.end()) tags.push_back(tag);
}

/// What is asked of a nested stack by its properties, and by the request of the one around it.
CreateChangeSetRequest nested_request(const CreateChangeSetRequest& request,
                                      const Value& properties) {
  CreateChangeSetRequest nested;
  nested.template_url = properties.text_or("TemplateURL");
  nested.capabilities = request.capabilities;
  nested.role_arn = request.role_arn;
  nested.include_nested_stacks = true;
  nested.deployment_config = request.deployment_config;
  nested.import_existing_resources = request.import_existing_resources;
  nested.parameters.emplace();
  if (const Value* given = properties.find("Parameters"))
    for (const templates::Member& member : given->members()) {
      Parameter parameter;
      parameter.parameter_key = member.name;
      parameter.parameter_value = member.value.text();
      nested.parameters->push_back(std::move(parameter));
    }
  if (const Value* arns = properties.find("NotificationARNs")) {
    nested.notification_ar_ns.emplace();
    for (const Value& arn : arns->elements()) nested.notification_ar_ns->push_back(arn.text());
  }
  nested.tags.emplace();
  if (const Value* tags = properties.find("Tags"))
    for (const Value& tag : tags->elements())
      nested.tags->push_back({.key = tag.text_or("Key"), .value = tag.text_or("Value")});
  if (request.tags) add_tags(*nested.tags, *request.tags);
  return nested;
}

bool has_no_changes(const ChangeSetRecord& set) {
  return set.status == "FAILED" && set.reason == no_changes_left;
}

/// Whether all that speaks for a change is that the template may be another one.
bool is_automatic(const ChangeRecord& change) {
  return change.action == "Modify" &&
         std::ranges::all_of(change.details, [](const DetailRecord& detail) {
           return detail.source == "Automatic";
         });
}

/// Whose the tables are that a run works on; nobody calls.
services::Context place_of(const StackKey& key) {
  services::Context context;
  context.account = std::get<0>(key);
  context.region = std::get<1>(key);
  return context;
}

ChangeSetNotFoundException not_there(const FoundChangeSet& set) {
  return ChangeSetNotFoundException(
      fmt::format("ChangeSet [{}] does not exist", arn_of_change_set(set.key, set.record.name)));
}

/// A template that names itself would make change sets without end.
void check_depth(const Catalog& catalog, const FoundChangeSet& set) {
  constexpr std::size_t deepest = 10;
  const services::Context context = place_of(std::get<0>(set.key));
  std::string around = set.record.parent;
  for (std::size_t depth = 1; !around.empty(); ++depth) {
    if (depth >= deepest)
      throw ValidationError(fmt::format(
          "Stacks can be nested {} deep at most: does a template name itself?", deepest));
    const auto found = catalog.find_change_set(context, around, std::nullopt);
    around = found ? found->record.parent : "";
  }
}

/// What is there by now: the values of a nested stack's parameters that were not known when its
/// change set was made. Throws HandlerError for values that it does not take.
void set_late_values(DefinitionRecord& definition, const std::string& processed,
                     const Value& values) {
  const auto declared = templates::read_parameters(templates::read_template(processed));
  std::vector<ParameterValue> late;
  for (ParameterValue& parameter : definition.parameters) {
    const Value* now = values.find(parameter.name);
    if (!is_known_later(parameter.given) || !now) continue;
    if (parameter.type.starts_with("AWS::SSM::Parameter::Value<"))
      throw HandlerError("InvalidRequest",
                         fmt::format("The parameter {} of the nested stack names a value in SSM, "
                                     "and which one was not known when the change set was made.",
                                     parameter.name));
    parameter.given = now->text();
    late.push_back(parameter);
    const auto found = std::ranges::find(declared, parameter.name, &templates::Parameter::name);
    if (found != declared.end()) templates::check_value(*found, parameter.given);
  }
  if (const std::string unknown = find_unknown_value(late); !unknown.empty())
    throw HandlerError("InvalidRequest", unknown);
}

/// TimeoutInMinutes, a number or a text of one. Throws HandlerError.
std::int32_t read_minutes(const Value& value) {
  const std::string text = value.text();
  std::int32_t minutes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
  if (error != std::errc() || end != text.data() + text.size() || minutes < 1)
    throw HandlerError("InvalidRequest",
                       "Value of property TimeoutInMinutes must be an Integer of at least 1");
  return minutes;
}

}  // namespace

runtime::Task<bool> Service::add_nested_change_set(const Context& context,
                                                   CreateChangeSetRequest nested,
                                                   NestedPlace place) {
  std::optional<ChangeRecord> change = catalog_.changes.find(place.change);
  if (!change || !is_being_made(place.around.key)) throw not_there(place.around);
  const bool is_new = change->physical_id.empty();
  nested.change_set_name =
      nested_name(place.around.record.name, change->logical_id, runtime_.random.uuid());
  nested.change_set_type = is_new ? "CREATE" : "UPDATE";
  nested.stack_name = is_new ? nested_name(name_of(std::get<0>(place.around.key)),
                                           change->logical_id, runtime_.random.uuid())
                             : change->physical_id;
  const CreateChangeSetResponse made = co_await make_change_set(context, nested, &place);
  const auto set = catalog_.find_change_set(context, *made.id, std::nullopt);
  if (!set) co_return true;  // removed by somebody else meanwhile
  if (!has_no_changes(set->record)) {
    if (set->record.status == "CREATE_COMPLETE") co_return true;
    throw ValidationError(
        fmt::format("Nested change set {} was not successfully created: Currently in {}.", *made.id,
                    set->record.status));
  }
  change = catalog_.changes.find(place.change);
  if (!change || !is_being_made(place.around.key)) throw not_there(place.around);
  const bool is_dropped = is_automatic(*change);
  storage::Transaction transaction(store_);
  remove_change_set(set->key, set->record);
  change->nested_change_set.clear();
  if (is_dropped)
    catalog_.changes.erase(place.change);
  else
    catalog_.changes.put(place.change, *change);
  transaction.commit();
  co_return !is_dropped;
}

void Service::link_nested(const NestedPlace& place, const FoundChangeSet& nested) {
  std::optional<ChangeRecord> change = catalog_.changes.find(place.change);
  if (!change || !is_being_made(place.around.key)) throw not_there(place.around);
  change->nested_change_set = arn_of_change_set(nested.key, nested.record.name);
  catalog_.changes.put(place.change, *change);
  const StackKey& outer = std::get<0>(place.around.key);
  const StackKey& inner = std::get<0>(nested.key);
  auto stack = catalog_.stacks.find(inner);
  const auto outer_stack = catalog_.stacks.find(outer);
  if (!stack || !outer_stack || stack->status != "REVIEW_IN_PROGRESS") return;
  stack->parent_id = arn_of(outer);
  stack->root_id = outer_stack->root_id.empty() ? stack->parent_id : outer_stack->root_id;
  catalog_.stacks.put(inner, *stack);
}

bool Service::is_being_made(const ChangeSetKey& key) const {
  const auto set = catalog_.change_sets.find(key);
  return set && set->status == "CREATE_IN_PROGRESS";
}

void Service::fail_unfinished_change_sets() {
  std::vector<ChangeSetKey> unfinished;
  catalog_.change_sets.scan(catalog_.change_sets.all(),
                            [&](const ChangeSetKey& key, const ChangeSetRecord& set) {
                              if (set.status == "CREATE_IN_PROGRESS") unfinished.push_back(key);
                              return true;
                            });
  if (unfinished.empty()) return;
  storage::Transaction transaction(store_);
  for (const ChangeSetKey& key : unfinished) {
    ChangeSetRecord set = *catalog_.change_sets.find(key);
    set.fail("The server was stopped while the change sets of nested stacks were being created.");
    catalog_.change_sets.put(key, set);
  }
  transaction.commit();
}

runtime::Task<> Service::add_nested_change_sets(const Context& context,
                                                const CreateChangeSetRequest& request,
                                                FoundChangeSet set, Plan plan) {
  std::string failure;
  std::size_t left = set.record.changes;
  try {
    check_depth(catalog_, set);
    for (std::uint32_t number = 0; number < set.record.changes; ++number) {
      const ChangeRecord& change = plan.changes[number];
      const auto nested = plan.nested.find(change.logical_id);
      if (nested == plan.nested.end() || (change.action != "Add" && change.action != "Modify"))
        continue;
      CreateChangeSetRequest wish = nested_request(request, nested->second);
      const NestedPlace place{.around = set, .change = {set.key, number}};
      if (!co_await add_nested_change_set(context, std::move(wish), place)) --left;
    }
  } catch (const protocol::ServiceError& error) {
    failure = error.message();
  }
  // Removed meanwhile, or the stack has become another one.
  if (!is_being_made(set.key)) co_return;
  set.record = *catalog_.change_sets.find(set.key);
  if (failure.empty() && left == 0 && !plan.changes_more && set.record.type == "UPDATE")
    failure = std::string(no_changes_left);
  set.record.status = "CREATE_COMPLETE";
  set.record.execution_status = "AVAILABLE";
  if (!failure.empty()) set.record.fail(failure);
  storage::Transaction transaction(store_);
  catalog_.change_sets.put(set.key, set.record);
  transaction.commit();
}

void Service::remove_nested_change_sets(const ChangeSetKey& key) {
  const services::Context context = place_of(std::get<0>(key));
  std::vector<std::string> nested;
  catalog_.changes.scan(catalog_.changes.prefix(key),
                        [&](const ChangeKey&, const ChangeRecord& change) {
                          if (!change.nested_change_set.empty())
                            nested.push_back(change.nested_change_set);
                          return true;
                        });
  for (const std::string& arn : nested) {
    const auto set = catalog_.find_change_set(context, arn, std::nullopt);
    if (!set || set->record.execution_status.starts_with("EXECUTE")) continue;
    remove_change_set(set->key, set->record);
    // A stack that it would have made is nobody's any more.
    const StackKey& stack = std::get<0>(set->key);
    const auto record = catalog_.stacks.find(stack);
    if (!record || record->status != "REVIEW_IN_PROGRESS") continue;
    erase_stack(stack);
    catalog_.live.erase({context.account, context.region, name_of(stack)});
  }
}

std::optional<NestedChangeSet> Service::nested_change_set(const std::string& outer,
                                                          const std::string& logical_id) const {
  const std::optional<StackKey> key = key_of_arn(outer);
  const auto operation = key ? catalog_.operations.find(*key) : std::nullopt;
  if (!operation || operation->change_set.empty()) return std::nullopt;
  std::string arn;
  catalog_.changes.scan(catalog_.changes.prefix(ChangeSetKey{*key, operation->change_set}),
                        [&](const ChangeKey&, const ChangeRecord& change) {
                          if (change.logical_id == logical_id) arn = change.nested_change_set;
                          return arn.empty();
                        });
  if (arn.empty()) return std::nullopt;
  const auto set = catalog_.find_change_set(place_of(*key), arn, std::nullopt);
  // One that somebody has removed cannot be executed, and nothing else is done instead.
  if (!set) return NestedChangeSet{.arn = arn, .stack_id = ""};
  return NestedChangeSet{.arn = arn,
                         .stack_id = arn_of(std::get<0>(set->key)),
                         .is_executed = set->record.execution_status.starts_with("EXECUTE")};
}

void Service::execute_nested(const resources::Subject& subject, const NestedChangeSet& nested,
                             const Value& properties) {
  const auto outer = key_of_arn(subject.stack_id);
  const auto operation = outer ? catalog_.operations.find(*outer) : std::nullopt;
  const auto around = outer ? catalog_.stacks.find(*outer) : std::nullopt;
  const auto set = operation ? catalog_.find_change_set(place_of(*outer), nested.arn, std::nullopt)
                             : std::nullopt;
  const StackKey key = set ? std::get<0>(set->key) : StackKey{};
  const DefinitionKey slot{key, set ? std::get<1>(set->key) : ""};
  auto definition = catalog_.definitions.find(slot);
  const auto text = catalog_.templates.find(slot);
  auto record = catalog_.stacks.find(key);
  if (!around || !set || !definition || !text || !record)
    throw HandlerError("NotFound", fmt::format("ChangeSet [{}] does not exist", nested.arn));
  if (set->record.execution_status != "AVAILABLE")
    throw HandlerError("InvalidRequest",
                       fmt::format("ChangeSet [{}] cannot be executed in its current execution "
                                   "status of [{}]",
                                   nested.arn, set->record.execution_status));
  const bool creates = record->status == "REVIEW_IN_PROGRESS";
  OperationRecord execution{.client_token = operation->client_token, .caller = operation->caller};
  try {
    require_action(caller_of(operation->caller),
                   creates ? operations::CreateStack : operations::UpdateStack, key);
    const Value* parameters = properties.find("Parameters");
    set_late_values(*definition, text->processed, parameters ? *parameters : Value::map());
    static_cast<void>(restore(text->processed, definition->parameters,
                              {.account = std::get<0>(key),
                               .region = std::get<1>(key),
                               .stack_name = name_of(key),
                               .stack_id = nested.stack_id,
                               .notification_arns = definition->notification_arns}));
    if (const Value* minutes = properties.find("TimeoutInMinutes"); minutes && creates) {
      record->timeout_minutes = read_minutes(*minutes);
      execution.deadline = runtime_.clock.now() + std::chrono::minutes(*record->timeout_minutes);
    }
  } catch (const templates::TemplateError& error) {
    throw HandlerError("InvalidRequest", error.message);
  }
  storage::Transaction transaction(store_);
  catalog_.definitions.put(slot, *definition);
  record->disable_rollback = around->disable_rollback;
  begin_execution(*set, *std::move(record), std::move(execution));
  if (subject.made && set->record.type == "CREATE") subject.made(nested.stack_id);
  transaction.commit();
}

}  // namespace matinee::cloudformation
