#include "resources/types/support.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/http.h"
#include "resources/names.h"
#include "runtime/movable_clock.h"
#include "templates/text_readers.h"

namespace matinee::resources::types {

namespace {

bool is_in(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Value fields(std::initializer_list<Given> members) {
  Value map = Value::map();
  for (const Given& given : members)
    if (!given.value.is_null()) map.set(given.name, given.value);
  return map;
}

Value member(const Value& map, std::string_view name) {
  const Value* found = map.find(name);
  return found ? *found : Value();
}

Value nested(const Value& map, std::string_view path) {
  const Value* at = &map;
  while (at && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = at->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at ? *at : Value();
}

Value pick(const Value& map, std::initializer_list<std::string_view> names) {
  Value picked = Value::map();
  for (const std::string_view name : names)
    if (const Value* found = map.find(name); found && !found->is_null()) picked.set(name, *found);
  return picked;
}

void rename(Value& map, std::string_view from, std::string_view to) {
  const Value* found = map.find(from);
  if (!found) return;
  Value value = *found;
  map.erase(from);
  map.set(to, std::move(value));
}

std::string need_text(const Value& response, std::string_view path) {
  const Value found = nested(response, path);
  if (!found.is_scalar())
    throw HandlerError("InternalFailure", fmt::format("The response has no {}.", path));
  return found.text();
}

bool differs(const Value& before, const Value& after, std::string_view name) {
  return !(member(before, name) == member(after, name));
}

bool differs(const Value& before, const Value& after,
             std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names,
                             [&](std::string_view name) { return differs(before, after, name); });
}

Value changes_of(const Value& before, const Value& after, const std::vector<Default>& defaults) {
  Value changes = Value::map();
  for (const Default& each : defaults) {
    if (!differs(before, after, each.property)) continue;
    const Value now = member(after, each.property);
    if (now.is_null() && each.value.is_null()) continue;
    changes.set(each.property, now.is_null() ? each.value : now);
  }
  return changes;
}

std::vector<std::string> texts_of(const Value* list) {
  std::vector<std::string> texts;
  if (list)
    for (const Value& each : list->elements()) texts.push_back(each.text());
  return texts;
}

std::vector<std::string> missing_in(const std::vector<std::string>& list,
                                    const std::vector<std::string>& other) {
  std::vector<std::string> missing;
  std::ranges::copy_if(list, std::back_inserter(missing), [&](const std::string& each) {
    return std::ranges::find(other, each) == other.end();
  });
  return missing;
}

Value tags_of(const Subject& subject, const Value& properties, bool with_system) {
  Value tags = Value::list();
  const auto add = [&](const Value& tag) {
    const std::string key = tag.text_or("Key");
    if (!with_system && key.starts_with("aws:")) return;
    for (const Value& there : tags.elements())
      if (there.text_or("Key") == key) return;
    tags.append(fields({{"Key", key}, {"Value", tag.text_or("Value")}}));
  };
  for (const Value& tag : member(properties, "Tags").elements()) add(tag);
  for (const Value& tag : subject.stack_tags.elements()) add(tag);
  return tags;
}

std::vector<std::string> removed_tags(const Subject& subject, const Value& before,
                                      const Value& after) {
  std::vector<std::string> had;
  std::vector<std::string> has;
  const auto add = [](const Value& tags, std::vector<std::string>& keys) {
    for (const Value& tag : tags.elements())
      if (!tag.text_or("Key").starts_with("aws:")) keys.push_back(tag.text_or("Key"));
  };
  add(member(before, "Tags"), had);
  add(subject.previous_stack_tags, had);
  add(member(after, "Tags"), has);
  add(subject.stack_tags, has);
  return missing_in(had, has);
}

Value list_of(const std::vector<std::string>& texts) {
  Value list = Value::list();
  for (const std::string& text : texts) list.append(text);
  return list;
}

std::optional<Value> read_json(std::string_view text) {
  try {
    return templates::read_json(text);
  } catch (const templates::TemplateError&) {
    return std::nullopt;
  }
}

Value document_of(const std::string& text) {
  if (const std::optional<Value> plain = read_json(text)) return *plain;
  if (const std::optional<std::string> decoded = protocol::percent_decode(text))
    if (const std::optional<Value> json = read_json(*decoded)) return *json;
  return text;
}

std::string part_of(std::string_view text, char separator, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + 1);
  }
  return std::string(text.substr(0, text.find(separator)));
}

std::string last_part(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

std::string old_style_name(const Subject& subject, std::size_t most) {
  std::string name = generated_name(subject, {.most = most});
  for (char& c : std::ranges::subrange(name.end() - 12, name.end()))
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return name;
}

bool is_gone(const protocol::ServiceError& error) {
  constexpr int not_found_status = 404;
  return error.status() == not_found_status ||
         is_in({"ResourceNotFoundException", "NoSuchEntityException", "PolicyNotFoundException"},
               error.name());
}

bool exists_already(const protocol::ServiceError& error) {
  return is_in({"EntityAlreadyExistsException", "EntityAlreadyExists", "ResourceConflictException",
                "ResourceInUseException", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"},
               error.name());
}

void refuse_property(std::string_view property, std::string_view reason) {
  throw HandlerError("InvalidRequest", fmt::format("Property {}: {}", property, reason));
}

void not_found(std::string_view type, std::string_view id) {
  throw HandlerError("NotFound", fmt::format("Resource of type '{}' with identifier '{}' was not "
                                             "found.",
                                             type, id));
}

Task<Value> call(Subject& subject, std::string_view operation, Value request) {
  return subject.calls.call(operation, std::move(request));
}

Task<Value> call_if_there(Subject& subject, std::string_view operation, Value request) {
  try {
    Value response = co_await subject.calls.call(operation, std::move(request));
    if (response.is_null()) response = Value::map();
    co_return response;
  } catch (const protocol::ServiceError& error) {
    if (!is_gone(error)) throw;
  }
  co_return Value();
}

namespace {

/// Whether the step has made up the name, in whatever case. What lies under a name that a template
/// gives may be anybody's: had the step made it, its id were noted.
bool is_made_up(const Subject& subject, std::string_view name) {
  constexpr std::size_t size = 12;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return !std::ranges::search(name, letters_of_token(subject, size), {}, lower, lower).empty();
}

}  // namespace

Task<std::string> make(Subject& subject, Making making) {
  if (!subject.made_id.empty()) co_return subject.made_id;
  std::string id;
  try {
    co_await subject.calls.call(making.operation, std::move(making.request),
                                [&](const Value& response) {
                                  id = making.id_of(response);
                                  subject.made(id);
                                });
  } catch (const protocol::ServiceError& error) {
    if (!subject.is_repeated || !is_made_up(subject, making.named) || !exists_already(error)) throw;
    id = making.named;
  }
  co_return id;
}

Task<Value> wait(Subject& subject, Waiting waiting) {
  constexpr auto first_pause = std::chrono::milliseconds(1);
  constexpr auto longest_pause = std::chrono::seconds(1);
  constexpr auto longest = std::chrono::minutes(15);
  // By the machine's clock: what is waited for does not depend on the other one, which may stand.
  runtime::Clock& clock = runtime::real_clock(subject.runtime.clock);
  const auto end = clock.now() + longest;
  std::chrono::milliseconds pause = first_pause;
  while (true) {
    Value response = co_await call_if_there(subject, waiting.operation, waiting.request);
    if (waiting.until_gone ? response.is_null() : waiting.is_ready(response)) co_return response;
    if (subject.halt && subject.halt->is_on())
      throw HandlerError("OperationCancelled", "Resource operation was cancelled.");
    if (clock.now() >= end)
      throw HandlerError(
          "NotStabilized",
          fmt::format("{} did not tell of the state that was waited for.", waiting.operation));
    co_await runtime::sleep_until(clock, clock.now() + pause);
    pause = std::min<std::chrono::milliseconds>(pause * 2, longest_pause);
  }
}

Task<std::vector<std::string>> list_all(Subject& subject, Listing listing) {
  std::vector<std::string> ids;
  while (true) {
    const Value page = co_await call(subject, listing.operation, listing.request);
    for (const Value& each : member(page, listing.elements).elements())
      ids.push_back(listing.id.empty() ? each.text() : each.text_or(listing.id));
    const std::string token = listing.token_out.empty() ? "" : page.text_or(listing.token_out);
    if (token.empty()) co_return ids;
    listing.request.set(listing.token_in, token);
  }
}

}  // namespace matinee::resources::types
