#include "services/lambda/running/extensions.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "protocol/json_writer.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

using protocol::HttpResponse;

constexpr int forbidden = 403;
constexpr std::string_view id_header = "Lambda-Extension-Identifier";
constexpr std::string_view error_header = "Lambda-Extension-Function-Error-Type";

HttpResponse refusal(std::string_view type, std::string_view message) {
  return error_reply(forbidden, type, message);
}

HttpResponse wrong_state(std::string_view from, std::string_view to, std::string_view name) {
  return refusal("Extension.InvalidExtensionState",
                 fmt::format("State transition from {} to {} failed for extension {}. Error: State "
                             "transition is not allowed",
                             from, to, name));
}

/// The events of a registration; the error is a sentence.
std::expected<std::vector<std::string>, std::string> events_of(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body).get(document) != simdjson::SUCCESS || !document.is_object())
    return std::unexpected("the body is no JSON object");
  std::vector<std::string> events;
  simdjson::dom::element given;
  if (document["events"].get(given) != simdjson::SUCCESS || given.is_null()) return events;
  simdjson::dom::array list;
  if (given.get(list) != simdjson::SUCCESS) return std::unexpected("events is no list");
  for (const simdjson::dom::element event : list) {
    std::string_view name;
    if (event.get(name) != simdjson::SUCCESS) return std::unexpected("an event is no string");
    events.emplace_back(name);
  }
  return events;
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? "{" : ",";
  protocol::json::append_member(out, name);
  protocol::json::append_string(out, value);
}

}  // namespace

std::string_view Extensions::name_of(State state) {
  switch (state) {
    case State::started:
      return "Started";
    case State::registered:
      return "Registered";
    case State::ready:
      return "Ready";
    case State::running:
      return "Running";
    case State::init_error:
      return "InitError";
    case State::exit_error:
      return "ExitError";
    case State::exited:
      return "Exited";
    case State::launch_error:
      return "LaunchError";
  }
  return "";
}

bool Extensions::wants(const Extension& extension, std::string_view event) {
  return std::ranges::find(extension.events, event) != extension.events.end();
}

bool Extensions::has_ended(const Extension& extension) {
  return extension.state >= State::init_error;
}

void Extensions::begin(const std::vector<std::string>& external) {
  extensions_.clear();
  is_open_ = true;
  for (const std::string& name : external)
    extensions_.push_back({.name = name, .id = random_.uuid(), .is_external = true});
}

bool Extensions::has_external() const {
  return std::ranges::any_of(extensions_, &Extension::is_external);
}

bool Extensions::have_registered() const {
  return std::ranges::none_of(extensions_,
                              [](const Extension& one) { return one.state == State::started; });
}

bool Extensions::are_ready() const {
  return std::ranges::all_of(extensions_,
                             [](const Extension& one) { return one.state == State::ready; });
}

bool Extensions::have_finished() const {
  return std::ranges::none_of(extensions_, &Extension::is_busy);
}

bool Extensions::hear_of_calls() const {
  return std::ranges::any_of(extensions_,
                             [](const Extension& one) { return wants(one, "INVOKE"); });
}

void Extensions::tell_call(const std::string& event) {
  for (Extension& extension : extensions_) {
    if (!wants(extension, "INVOKE") || has_ended(extension)) continue;
    extension.is_busy = true;
    give(extension, event);
  }
}

void Extensions::tell_end(const std::string& event) {
  is_open_ = false;
  for (Extension& extension : extensions_)
    if (extension.is_external && wants(extension, "SHUTDOWN") && !has_ended(extension))
      give(extension, event);
}

void Extensions::give(Extension& extension, const std::string& event) {
  if (!extension.waiting) {
    extension.pending = event;
    return;
  }
  extension.state = State::running;
  HttpResponse response = json_reply(200, event);
  response.headers.add("Lambda-Extension-Event-Identifier", random_.uuid());
  std::exchange(extension.waiting, nullptr)(std::move(response));
}

void Extensions::note_end(const std::string& name, bool was_started) {
  Extension* const extension = find_named(name);
  if (extension == nullptr || !extension->is_external || has_ended(*extension)) return;
  extension->state = was_started ? State::exited : State::launch_error;
  extension->error_type = was_started ? "Extension.Crash" : "Extension.LaunchError";
  extension->is_busy = false;
  extension->waiting = nullptr;
}

Extensions::Extension* Extensions::find_named(std::string_view name) {
  const auto found = std::ranges::find(extensions_, name, &Extension::name);
  return found == extensions_.end() ? nullptr : &*found;
}

std::optional<std::string> Extensions::find(std::string_view id) const {
  const auto found = std::ranges::find(extensions_, id, &Extension::id);
  // Before it has registered nobody knows its identifier.
  if (found == extensions_.end() || found->state == State::started || has_ended(*found))
    return std::nullopt;
  return found->name;
}

std::vector<ExtensionNote> Extensions::notes() const {
  std::vector<ExtensionNote> notes;
  notes.reserve(extensions_.size());
  for (const Extension& extension : extensions_)
    notes.push_back({.name = extension.name,
                     .state = std::string(name_of(extension.state)),
                     .events = extension.events,
                     .error_type = extension.error_type});
  return notes;
}

void Extensions::handle(std::string_view action, const services::LocalRequest& request,
                        const ExtensionFunction& function, services::LocalReply reply) {
  const bool is_get = request.http.method == "GET";
  const bool is_post = request.http.method == "POST";
  if (is_post && action == "register") return register_one(request, function, std::move(reply));
  const bool is_next = is_get && action == "event/next";
  const bool is_error = is_post && (action == "init/error" || action == "exit/error");
  if (!is_next && !is_error) return reply(unknown_path_reply());
  const auto id = request.http.headers.find(id_header);
  if (!id) return reply(refusal("Extension.MissingHeader", fmt::format("{} not found", id_header)));
  const auto found = std::ranges::find(extensions_, *id, &Extension::id);
  if (found == extensions_.end() || found->state == State::started)
    return reply(
        refusal("Extension.UnknownExtensionIdentifier", fmt::format("Unknown {}", id_header)));
  if (is_next) return give_next(*found, std::move(reply));
  take_error(*found, action == "init/error" ? State::init_error : State::exit_error, request,
             std::move(reply));
}

std::optional<HttpResponse> Extensions::refuse_registration(const Extension* known,
                                                            const std::string& name) const {
  if (known != nullptr && known->is_external) {
    if (known->state == State::started) return std::nullopt;
    return wrong_state(name_of(known->state), "Registered", name);
  }
  if (!is_open_)
    return refusal("Extension.RegistrationClosed", "Extension registration closed already");
  if (known != nullptr)
    return refusal("Extension.InvalidExtensionState",
                   "Extension with this name already registered");
  if (extensions_.size() >= most)
    return refusal("Extension.TooManyExtensions",
                   fmt::format("Extension limit ({}) reached", most));
  return std::nullopt;
}

void Extensions::register_one(const services::LocalRequest& request,
                              const ExtensionFunction& function, services::LocalReply reply) {
  const std::string name(request.http.headers.find("Lambda-Extension-Name").value_or(""));
  if (name.empty()) return reply(refusal("Extension.InvalidExtensionName", "Empty extension name"));
  auto events = events_of(request.http.body.bytes);
  if (!events) return reply(refusal("InvalidRequestFormat", events.error()));
  Extension* extension = find_named(name);
  const bool is_external = extension != nullptr && extension->is_external;
  for (const std::string& event : *events) {
    if (event == "INVOKE" || (event == "SHUTDOWN" && is_external)) continue;
    return reply(
        refusal("Extension.InvalidEventType",
                fmt::format("{}: {}", event,
                            event == "SHUTDOWN" ? "internal extensions cannot register for it"
                                                : "there is no such event")));
  }
  if (auto refused = refuse_registration(extension, name)) return reply(*std::move(refused));
  if (extension == nullptr)
    extension = &extensions_.emplace_back(Extension{.name = name, .id = random_.uuid()});
  for (const std::string& event : *events)
    if (!wants(*extension, event)) extension->events.push_back(event);
  extension->state = State::registered;
  std::string body;
  add_member(body, "functionName", function.name);
  add_member(body, "functionVersion", function.version);
  add_member(body, "handler", function.handler);
  const auto features = request.http.headers.find("Lambda-Extension-Accept-Feature");
  if (features && features->find("accountId") != std::string_view::npos)
    add_member(body, "accountId", function.account);
  HttpResponse response = json_reply(200, body + "}");
  response.headers.add(id_header, extension->id);
  reply(std::move(response));
  host_.on_extension_progress();
}

void Extensions::give_next(Extension& extension, services::LocalReply reply) {
  if (extension.state != State::registered && extension.state != State::running)
    return reply(wrong_state(name_of(extension.state), "Ready", extension.name));
  extension.state = State::ready;
  extension.is_busy = false;
  extension.waiting = std::move(reply);
  if (!extension.pending.empty()) return give(extension, std::exchange(extension.pending, {}));
  host_.on_extension_progress();
}

void Extensions::take_error(Extension& extension, State state,
                            const services::LocalRequest& request, services::LocalReply reply) {
  const auto type = request.http.headers.find(error_header);
  if (!type || type->empty())
    return reply(refusal("Extension.MissingHeader", fmt::format("{} not found", error_header)));
  const bool is_init = state == State::init_error;
  if (has_ended(extension) || (is_init && extension.state != State::registered))
    return reply(wrong_state(name_of(extension.state), name_of(state), extension.name));
  extension.state = state;
  extension.error_type = *type;
  extension.waiting = nullptr;
  reply(accepted_reply());
  host_.on_extension_error(is_init ? "Extension.InitError" : "Extension.ExitError");
}

}  // namespace matinee::lambda
