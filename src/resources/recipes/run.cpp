#include "resources/recipes/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/errors.h"
#include "resources/names.h"
#include "runtime/movable_clock.h"

namespace matinee::resources {

namespace {

using templates::Member;

std::string service_of(const Value& step) {
  const std::string call = step.text_or("call");
  return call.substr(0, call.find(':'));
}

bool has_text(const Value* list, std::string_view text) {
  return list && std::ranges::any_of(list->elements(),
                                     [&](const Value& element) { return element.text() == text; });
}

/// The steps of a member that may be one step alone.
Value::List steps_of(const Value& steps) {
  return steps.is_map() ? Value::List{steps} : steps.elements();
}

}  // namespace

Run::Run(const RecipeType& type, Subject& subject, const Value& properties, Work work)
    : type_(type), recipe_(type.recipe()), subject_(subject), purpose_(work.purpose) {
  scope_.properties = &properties;
  scope_.before = work.before;
  if (work.before) set("before", *work.before);
  set("account", subject.account);
  set("region", subject.region);
  set("partition", subject.partition);
  set("token", subject.token);
  set("stack_name", subject.stack_name.empty() ? Value() : Value(subject.stack_name));
  set("logical_id", subject.logical_id);
  const Value tags = all_tags(&properties, subject.stack_tags);
  set("tags", tags.elements().empty() ? Value() : tags);
}

void Run::use_id(const std::string& id) {
  id_ = id;
  is_made_ = true;
  set("id", id);
  const Value* name = part("name");
  const Value* of_id = name ? name->find("of_id") : nullptr;
  set("name", of_id ? evaluate(*of_id, scope_) : Value(id));
  let();
}

void Run::use_new_name() {
  const Value* rules = part("name");
  if (rules) {
    const Value* given = scope_.properties->find(rules->text_or("property"));
    const auto term = [&](std::string_view name) {
      const Value* found = rules->find(name);
      return found ? evaluate(*found, scope_).text() : std::string();
    };
    const std::string end = term("end");
    const std::string beginning = term("beginning");
    NameRules wanted{.is_lower_case = rules->text_or("lower_case") == "true",
                     .end = end,
                     .beginning = beginning};
    if (const Value* most = rules->find("most"))
      wanted.most = static_cast<std::size_t>(most->integer().value_or(64));
    set("name", given ? *given : Value(generated_name(subject_, wanted)));
  } else {
    set("name", generated_name(subject_, {.most = 255}));
  }
  let();
}

void Run::let() {
  if (const Value* variables = part("let"))
    for (const Member& variable : variables->members())
      set(variable.name, evaluate(variable.value, scope_));
}

void Run::refuse_properties() {
  const Value* refused = part("refused");
  if (!refused) return;
  for (const Member& member : refused->members())
    if (is_true(evaluate("$" + member.name, scope_)))
      throw HandlerError("InvalidRequest",
                         fmt::format("Matinee does not carry out {} of {}: {}", member.name,
                                     type_.schema().type_name(), member.value.text()));
}

bool Run::has_given_name() const {
  const Value* name = part("name");
  return name && scope_.properties->find(name->text_or("property"));
}

runtime::Task<void> Run::require_absent() {
  const Value* puts = part("puts");
  const Value* name = part("name");
  if (!puts || (name && !has_given_name())) co_return;
  const Value* id = part("id");
  const std::string wanted = (id ? evaluate(*id, scope_) : scope_.variables["name"]).text();
  if (wanted.empty()) co_return;
  subject_.known = *scope_.properties;
  try {
    co_await type_.read(subject_, wanted);
  } catch (const HandlerError& error) {
    if (error.code == "NotFound") co_return;
    throw;
  }
  const std::string property = name ? name->text_or("property") : "";
  throw HandlerError(
      "AlreadyExists",
      fmt::format(
          "Resource of type '{}' with identifier '{}' already exists.", type_.schema().type_name(),
          property.empty() ? wanted
                           : fmt::format("{{\"/properties/{}\":\"{}\"}}", property, wanted)));
}

bool Run::is_changed(std::string_view property) const {
  const Value* after = scope_.properties->find(property);
  const Value* before = scope_.before ? scope_.before->find(property) : nullptr;
  return after ? !before || !(*before == *after) : before != nullptr;
}

bool Run::is_any_changed(const Value& properties) const {
  return std::ranges::any_of(properties.elements(),
                             [&](const Value& name) { return is_changed(name.text()); });
}

bool Run::is_any_set(const Value& properties) const {
  return std::ranges::any_of(properties.elements(), [&](const Value& name) {
    return scope_.properties->find(name.text()) != nullptr;
  });
}

Value Run::all_tags(const Value* properties, const Value& stack_tags) const {
  Value tags = Value::list();
  const auto add = [&](const Value& list) {
    for (const Value& tag : list.elements()) {
      const bool is_new = std::ranges::none_of(tags.elements(), [&](const Value& other) {
        return other.text_or("Key") == tag.text_or("Key");
      });
      if (is_new) tags.append(tag);
    }
  };
  const std::string_view property = type_.schema().tag_property();
  const Value* own = properties ? properties->find(property) : nullptr;
  if (own) add(evaluate(Value::map("$pairs", Value::map("$text", *own)), scope_));
  const Value* rules = part("tags");
  const bool takes_system_tags = !rules || rules->text_or("system", "true") == "true";
  Value others = Value::list();
  for (const Value& tag : stack_tags.elements())
    if (takes_system_tags || !tag.text_or("Key").starts_with("aws:")) others.append(tag);
  add(others);
  return tags;
}

runtime::Task<void> Run::steps(std::string_view name) {
  const Value* steps = part(name);
  if (!steps && name == "read")
    throw HandlerError(
        "UnsupportedAction",
        fmt::format("Resource type {} does not support READ action", type_.schema().type_name()));
  if (!steps) co_return;
  // "update": "create"
  if (steps->is_string()) steps = part(steps->text());
  co_await run_all(*steps, name == "create");
}

runtime::Task<void> Run::run_all(const Value& steps, bool may_make) {
  const Value::List list = steps_of(steps);
  const bool has_maker =
      std::ranges::any_of(list, [](const Value& step) { return step.find("makes") != nullptr; });
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool makes = may_make && (has_maker ? list[i].find("makes") != nullptr : i == 0);
    // What was made before a restart is not made again.
    if (makes && !subject_.made_id.empty()) continue;
    co_await run(list[i], makes);
  }
}

runtime::Task<void> Run::run(const Value& step, bool makes) {
  if (const Value* changed = step.find("changed"))
    if (purpose_ == Purpose::update && !is_any_changed(*changed)) co_return;
  const Value* each = step.find("each");
  if (!each) {
    co_await run_once(step, makes);
    co_return;
  }
  Value list = evaluate(*each, scope_);
  if (list.is_map()) list = evaluate(Value::map("$pairs", Value::map("$text", list)), scope_);
  for (const Value& element : list.elements()) {
    set("item", element);
    co_await run_once(step, makes);
  }
}

runtime::Task<void> Run::run_once(const Value& step, bool makes) {
  if (const Value* be = step.find("be")) set(step.text_or("let"), evaluate(*be, scope_));
  if (const Value* when = step.find("when"))
    if (!is_true(evaluate(*when, scope_))) co_return;
  if (const Value* refuse = step.find("refuse"))
    if (const Value message = evaluate(*refuse, scope_); is_true(message))
      throw HandlerError("InvalidRequest", message.text());
  if (step.find("until"))
    co_await call_until(step, makes);
  else if (step.find("call") && !co_await call(step, makes))
    co_return;
  else if (makes && !step.find("call"))
    note_made();
  if (const Value* fails = step.find("fails"); fails && !step.find("until"))
    if (const Value message = evaluate(*fails, scope_); is_true(message))
      throw HandlerError("InvalidRequest", message.text());
  if (const Value* must = step.find("must"))
    if (!is_true(evaluate(*must, scope_)))
      throw HandlerError("NotFound", fmt::format("Resource of type '{}' with identifier '{}' was "
                                                 "not found.",
                                                 type_.schema().type_name(), id_));
  if (const Value* take = step.find("take")) {
    const Value more = evaluate(*take, scope_);
    for (const Member& member : more.members()) taken_.set(member.name, member.value);
  }
}

void Run::note_made() {
  if (is_made_) return;
  const Value* id = part("id");
  const Value made = id ? evaluate(*id, scope_) : scope_.variables["name"];
  if (made.text().empty())
    throw HandlerError("InternalFailure", fmt::format("{} got no id.", type_.schema().type_name()));
  id_ = made.text();
  is_made_ = true;
  set("id", id_);
  if (subject_.made) subject_.made(id_);
}

bool Run::is_ignored(const Value& step, const protocol::ServiceError& error) const {
  const auto names = [&](std::string_view member) {
    const Value* list = step.find(member);
    return has_text(list, error.name()) || has_text(list, error.code()) ||
           has_text(list, handler_code(error));
  };
  if (names("ignore")) return true;
  if (purpose_ == Purpose::remove && handler_code(error) == "NotFound") return true;
  // What lies under a name that a template gives may be anybody's: had the step made it before a
  // restart, its id were noted.
  return subject_.is_repeated && (is_made_ || !has_given_name()) && names("existing");
}

std::string Run::operation_of(const Value& step) const {
  std::string operation = step.text_or("call");
  const Value* region = step.find("region");
  const Value where = region ? evaluate(*region, scope_) : Value();
  if (!where.is_null() && where.text() != subject_.region) operation += "@" + where.text();
  return operation;
}

runtime::Task<Value> Run::call_pages(const Value& step, Value request, Calls::Keep keep) {
  const std::string operation = operation_of(step);
  const Value* pages = step.find("pages");
  if (!pages)
    co_return co_await subject_.calls.call(operation, std::move(request), std::move(keep));
  const std::string token = pages->text_or("token");
  const std::string token_in = pages->text_or("token_in", token);
  const std::string list = pages->text_or("list");
  Value elements = Value::list();
  for (;;) {
    const Value response = co_await subject_.calls.call(operation, request);
    if (const Value* more = response.find(list))
      for (const Value& element : more->elements()) elements.append(element);
    const std::string next = response.text_or(token);
    if (next.empty()) co_return Value::map(list, std::move(elements));
    request.set(token_in, next);
  }
}

runtime::Task<bool> Run::call(const Value& step, bool makes) {
  const Value* with = step.find("with");
  Calls::Keep keep;
  const auto note_response = [this, &step](const Value& response) {
    set("response", response);
    if (const std::string name = step.text_or("as"); !name.empty()) set(name, response);
  };
  if (makes)
    keep = [&](const Value& response) {
      note_response(response);
      note_made();
    };
  try {
    const Value request = with ? evaluate(*with, scope_) : Value::map();
    const Value response = co_await call_pages(step, request, std::move(keep));
    note_response(response);
    co_return true;
  } catch (const protocol::ServiceError& error) {
    set("response", Value());
    if (const std::string name = step.text_or("as"); !name.empty()) set(name, Value());
    if (!is_ignored(step, error)) throw handler_error(service_of(step), error);
    if (makes) note_made();
    co_return false;
  }
}

runtime::Task<void> Run::call_until(const Value& step, bool makes) {
  constexpr auto first_pause = std::chrono::milliseconds(1);
  constexpr auto last_pause = std::chrono::milliseconds(100);
  // By the machine's clock: what is waited for does not depend on the other one, which may stand.
  runtime::Clock& clock = runtime::real_clock(subject_.runtime.clock);
  for (auto pause = first_pause;; pause = std::min(pause * 2, last_pause)) {
    if (!co_await call(step, makes)) co_return;
    if (is_true(evaluate(*step.find("until"), scope_))) co_return;
    if (const Value* fails = step.find("fails"))
      if (const Value message = evaluate(*fails, scope_); is_true(message))
        throw HandlerError("NotStabilized", message.text());
    co_await runtime::sleep_until(clock, clock.now() + pause);
  }
}

runtime::Task<void> Run::settings() {
  const Value* settings = part("settings");
  if (!settings) co_return;
  for (const Value& setting : settings->elements()) co_await set_or_clear(setting);
}

runtime::Task<void> Run::set_or_clear(const Value& setting) {
  const Value of = evaluate(Value::map("$list", *setting.find("of")), scope_);
  if (purpose_ == Purpose::create) {
    if (setting.find("created") || !is_any_set(of)) co_return;
  } else if (!is_any_changed(of)) {
    co_return;
  }
  const Value* clear = setting.find("clear");
  const Value* steps = is_any_set(of) || !clear ? setting.find("set") : clear;
  if (steps) co_await run_all(*steps, false);
}

runtime::Task<void> Run::tags() {
  const Value* rules = part("tags");
  if (!rules) co_return;
  const bool is_creation = purpose_ == Purpose::create;
  if (is_creation && rules->text_or("created", "true") == "true") co_return;
  const Value before = is_creation || !scope_.before
                           ? Value::list()
                           : all_tags(scope_.before, subject_.previous_stack_tags);
  const Value after = all_tags(scope_.properties, subject_.stack_tags);
  Value to_set = Value::list();
  for (const Value& tag : after.elements())
    if (std::ranges::find(before.elements(), tag) == before.elements().end()) to_set.append(tag);
  Value to_unset = Value::list();
  for (const Value& tag : before.elements()) {
    const bool is_kept = std::ranges::any_of(after.elements(), [&](const Value& other) {
      return other.text_or("Key") == tag.text_or("Key");
    });
    if (!is_kept) to_unset.append(tag.text_or("Key"));
  }
  set("tags_set", to_set);
  set("tags_unset", to_unset);
  if (!to_unset.elements().empty()) co_await run_all(*rules->find("unset"), false);
  if (!to_set.elements().empty()) co_await run_all(*rules->find("set"), false);
}

Value Run::taken() const {
  Value all = Value::map();
  if (const Value* attributes = part("attributes"))
    for (const Member& attribute : attributes->members())
      if (Value value = evaluate(attribute.value, scope_);
          !value.is_null() && attribute.name.find('.') == attribute.name.npos)
        all.set(attribute.name, std::move(value));
  for (const Member& member : taken_.members()) all.set(member.name, member.value);
  // Those that CloudFormation has set are none of the resource's own.
  const std::string tags(type_.schema().tag_property());
  if (Value* found = all.find(tags)) {
    std::erase_if(found->elements(),
                  [](const Value& tag) { return tag.text_or("Key").starts_with("aws:"); });
    std::erase_if(found->members(), [](const Member& tag) { return tag.name.starts_with("aws:"); });
    if (found->elements().empty() && found->members().empty()) all.erase(tags);
  }
  return type_.schema().shape(all);
}

runtime::Task<Made> Run::finish() {
  let();
  Made made{.id = id_, .attributes = Value::map()};
  if (const Value* name = part("name"))
    made.attributes.set(name->text_or("property"), scope_.variables["name"]);
  const Value* attributes = part("attributes");
  if (!attributes) co_return made;
  bool reads = false;
  each_name(*attributes, [&](std::string_view name) { reads = reads || name == "read"; });
  if (reads) {
    subject_.known = *scope_.properties;
    set("read", co_await type_.read(subject_, id_));
  }
  for (const Member& attribute : attributes->members())
    if (Value value = evaluate(attribute.value, scope_); !value.is_null())
      made.attributes.set(attribute.name, std::move(value));
  co_return made;
}

runtime::Task<std::vector<std::string>> Run::list() {
  const Value* rules = part("list");
  if (!rules)
    throw HandlerError(
        "UnsupportedAction",
        fmt::format("Resource type {} does not support LIST action", type_.schema().type_name()));
  const std::string token = rules->text_or("token");
  std::vector<std::string> ids;
  Value next;
  do {
    Value step = *rules;
    if (!token.empty() && !next.is_null())
      step["with"].set(rules->text_or("token_in", token), next);
    co_await call(step, false);
    const Value found = evaluate(*rules->find("ids"), scope_);
    for (const Value& id : found.elements()) ids.push_back(id.text());
    const Value* more = scope_.variables["response"].find(token);
    next = more && is_true(*more) ? *more : Value();
  } while (!next.is_null());
  co_return ids;
}

}  // namespace matinee::resources
