#include "services/cloudformation/special/nested_stack.h"

#include <fmt/format.h>

#include <cctype>

#include "protocol/error.h"

namespace matinee::cloudformation {

using resources::HandlerError;
using resources::Made;
using resources::Subject;
using templates::Member;

namespace {

/// Ours: AWS tells no number. A template that names itself would make stacks without end.
constexpr std::size_t deepest = 10;

/// "PARENT-LOGICALID-RANDOM12"; the same when the step is done again.
std::string name_of(const Subject& subject) {
  constexpr std::size_t longest = 128;
  constexpr std::size_t length = 12;
  std::string letters;
  for (const char c : subject.token)
    if (c != '-' && letters.size() < length)
      letters.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  const std::string begin = fmt::format("{}-{}", subject.stack_name, subject.logical_id);
  return fmt::format("{}-{}", begin.substr(0, longest - length - 1), letters);
}

/// What CreateStack and UpdateStack have in common.
Value request_of(const Subject& subject, const Value& properties, const StackHeritage& heritage) {
  Value request = Value::map();
  for (const std::string_view name : {"TemplateURL", "NotificationARNs"}) {
    if (const Value* given = properties.find(name)) request.set(name, *given);
  }
  Value parameters = Value::list();
  if (const Value* given = properties.find("Parameters"))
    for (const Member& member : given->members()) {
      if (!member.value.is_scalar())
        throw HandlerError("", fmt::format("Value of property Parameters must be an object with "
                                           "String (or simple type) properties: {}",
                                           member.name));
      Value parameter = Value::map("ParameterKey", member.name);
      parameter.set("ParameterValue", member.value.text());
      parameters.append(std::move(parameter));
    }
  request.set("Parameters", std::move(parameters));
  Value tags = properties.find("Tags") ? *properties.find("Tags") : Value::list();
  for (const Value& tag : subject.stack_tags.elements()) {
    const std::string key = tag.text_or("Key");
    bool is_known = key.starts_with("aws:");
    for (const Value& own : tags.elements()) is_known = is_known || own.text_or("Key") == key;
    if (!is_known) tags.append(tag);
  }
  request.set("Tags", std::move(tags));
  Value capabilities = Value::list();
  for (const std::string& capability : heritage.capabilities) capabilities.append(capability);
  request.set("Capabilities", std::move(capabilities));
  if (!heritage.role.empty()) request.set("RoleARN", heritage.role);
  return request;
}

Made made_of(const std::string& id, const StackState& state) {
  Made made{.id = id, .attributes = Value::map()};
  for (const auto& [key, value] : state.outputs) made.attributes.set("Outputs." + key, value);
  return made;
}

}  // namespace

NestedStack::NestedStack(StackWatch& stacks)
    : stacks_(stacks), schema_(name, {.attribute_prefix = "Outputs."}) {}

runtime::Task<std::string> NestedStack::begin(Subject& subject, const Value& properties) const {
  const StackHeritage heritage = stacks_.heritage_of(subject.stack_id);
  if (heritage.depth >= deepest)
    throw HandlerError("InvalidRequest",
                       fmt::format("Stacks can be nested {} deep at most: does a template name "
                                   "itself?",
                                   deepest));
  if (const auto set = stacks_.nested_change_set(subject.stack_id, subject.logical_id)) {
    if (!set->is_executed) stacks_.execute(subject, *set, properties);
    co_return set->stack_id;
  }
  Value request = request_of(subject, properties, heritage);
  const std::string stack_name = name_of(subject);
  request.set("StackName", stack_name);
  request.set("DisableRollback", heritage.disable_rollback);
  if (const Value* minutes = properties.find("TimeoutInMinutes"))
    request.set("TimeoutInMinutes", *minutes);
  const auto adopt = [this, &subject](const Value& response) {
    const std::string id = response.text_or("StackId");
    stacks_.adopt(id, subject.stack_id);
    if (subject.made) subject.made(id);
  };
  try {
    const Value response =
        co_await subject.calls.call("cloudformation:CreateStack", std::move(request), adopt);
    co_return response.text_or("StackId");
  } catch (const protocol::ServiceError& error) {
    if (!subject.is_repeated || error.code() != "AlreadyExistsException") throw;
  }
  // It was made before the restart; what notes that comes in a transaction of its own.
  const Value found = co_await subject.calls.call(
      "cloudformation:DescribeStacks", Value::map("StackName", stack_name),
      [&adopt](const Value& response) {
        if (const Value* stacks = response.find("Stacks"); stacks && !stacks->elements().empty())
          adopt(stacks->elements().front());
      });
  co_return found.find("Stacks")->elements().front().text_or("StackId");
}

runtime::Task<Made> NestedStack::create(Subject& subject, const Value& properties) const {
  const std::string id = co_await begin(subject, properties);
  const StackState state = co_await stacks_.until_ended(id, subject.halt);
  if (!state.has_ended())
    throw HandlerError("OperationCancelled", "The nested stack is not waited for any more.");
  if (state.status != "CREATE_COMPLETE")
    throw HandlerError(
        "", fmt::format("Embedded stack {} was not successfully created: {}", id, state.reason));
  co_return made_of(id, state);
}

runtime::Task<Made> NestedStack::go_back(const Subject& subject, const std::string& id) const {
  co_await stacks_.until_ended(id, nullptr);
  if (!stacks_.return_to_kept(id, subject.stack_id)) co_return made_of(id, stacks_.look(id));
  const StackState state = co_await stacks_.until_ended(id, nullptr);
  if (state.status != "UPDATE_ROLLBACK_COMPLETE")
    throw HandlerError("", fmt::format("Embedded stack {} was not successfully rolled back: "
                                       "Currently in {} with reason: {}",
                                       id, state.status, state.reason));
  co_return made_of(id, state);
}

runtime::Task<Made> NestedStack::update(Subject& subject, const std::string& id, const Value&,
                                        const Value& after) const {
  if (stacks_.is_going_back(subject.stack_id)) co_return co_await go_back(subject, id);
  stacks_.keep(id, subject.token);
  Value request = request_of(subject, after, stacks_.heritage_of(subject.stack_id));
  request.set("StackName", id);
  const bool is_running = subject.is_repeated && !stacks_.look(id).has_ended();
  const auto set = stacks_.nested_change_set(subject.stack_id, subject.logical_id);
  if (set) {
    if (!set->is_executed) stacks_.execute(subject, *set, after);
  } else if (!is_running) {
    try {
      co_await subject.calls.call("cloudformation:UpdateStack", std::move(request));
    } catch (const protocol::ServiceError& error) {
      if (error.message() != "No updates are to be performed.") throw;
      co_return made_of(id, stacks_.look(id));
    }
  }
  StackState state = co_await stacks_.until_ended(id, subject.halt);
  if (state.status == "UPDATE_IN_PROGRESS")
    co_await subject.calls.call("cloudformation:CancelUpdateStack", Value::map("StackName", id));
  state = co_await stacks_.until_ended(id, nullptr);
  if (state.status != "UPDATE_COMPLETE")
    throw HandlerError("", fmt::format("Embedded stack {} was not successfully updated. Currently "
                                       "in {} with reason: {}",
                                       id, state.status, state.reason));
  co_return made_of(id, state);
}

runtime::Task<void> NestedStack::remove(Subject& subject, const std::string& id,
                                        const Value&) const {
  const auto is_gone = [&] {
    const std::string status = stacks_.look(id).status;
    return status.empty() || status == "DELETE_COMPLETE";
  };
  if (is_gone()) co_return;
  // One that is being made may be removed at once, one that is being changed may not.
  if (!stacks_.look(id).status.starts_with("CREATE_")) co_await stacks_.until_ended(id, nullptr);
  if (is_gone()) co_return;
  co_await subject.calls.call("cloudformation:DeleteStack", Value::map("StackName", id));
  const StackState state = co_await stacks_.until_ended(id, nullptr);
  if (!state.status.empty() && state.status != "DELETE_COMPLETE")
    throw HandlerError(
        "", fmt::format("Embedded stack {} was not successfully deleted: {}", id, state.reason));
}

runtime::Task<Value> NestedStack::read(Subject&, const std::string& id) const {
  const StackState state = stacks_.look(id);
  if (state.status.empty() || state.status == "DELETE_COMPLETE")
    throw HandlerError("NotFound", fmt::format("Stack with id {} does not exist", id));
  co_return Value::map("StackId", id);
}

runtime::Task<std::vector<std::string>> NestedStack::list(Subject&, const Value&) const {
  throw HandlerError("InvalidRequest", "Stacks are listed by CloudFormation's ListStacks.");
  co_return std::vector<std::string>();
}

}  // namespace matinee::cloudformation
