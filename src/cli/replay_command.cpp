// `matinee replay`: a message, an event or a call that the journal knows is sent again.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <expected>
#include <filesystem>

#include "cli/beginnings.h"
#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "cli/resending.h"
#include "cli/story_text.h"
#include "jobs/report.h"

namespace matinee::cli {
namespace {

constexpr std::int32_t most_hops = 1000;

struct ReplayCommand {
  std::string id;
  std::optional<std::string> body;  // as it is, "@FILE", or "-" for standard input
  bool edits = false;
  std::string format = "text";
  CloudChoice cloud;
};

/// What the journal knows of an id.
struct Known {
  std::vector<insight::Payload> payloads;
  std::vector<insight::Hop> hops;
  bool is_complete = true;
};

runtime::Task<Known> find(const insight::Client& client, std::string id) {
  auto payloads = co_await client.get_payloads({.id = id, .max_items = most_hops});
  auto story = co_await client.trace({.id = id, .max_items = most_hops});
  co_return Known{
      .payloads = std::move(payloads.payloads).value_or(std::vector<insight::Payload>()),
      .hops = std::move(story.hops).value_or(std::vector<insight::Hop>()),
      .is_complete = payloads.complete.value_or(true) && story.complete.value_or(true)};
}

using Chosen = std::expected<std::vector<insight::Payload>, std::string>;

std::string nothing_of(const std::string& id) {
  return fmt::format(
      "The journal has nothing of {} that could be sent again: no message, event or call, or it is "
      "too old, or a secret.",
      id);
}

/// What clients have sent into the trace `root`, all of it or nothing. The error is a sentence.
Chosen choose_beginnings(const std::string& root, const Known& known) {
  std::vector<insight::Payload> chosen;
  for (const Beginning& beginning : find_beginnings(root, known.hops)) {
    insight::Payload payload{.id = beginning.id, .resource = beginning.resource};
    if (!is_sendable(payload)) continue;
    const auto found = std::ranges::find_if(known.payloads, [&](const insight::Payload& one) {
      return one.id == payload.id && one.resource == payload.resource;
    });
    if (found != known.payloads.end())
      payload = *found;
    else if (known.is_complete && beginning.bytes > 0)
      return std::unexpected(
          fmt::format("{} began with {} among others, of which the journal has no body: it is too "
                      "old, or a secret. Nothing was sent.",
                      root, beginning.id));
    chosen.push_back(std::move(payload));
  }
  if (chosen.empty()) return std::unexpected(nothing_of(root));
  if (!known.is_complete)
    return std::unexpected(fmt::format(
        "There is more of {} than can be read at once. Give the ids of its messages.", root));
  return chosen;
}

bool has_message(const insight::Hop& hop, const std::string& id) {
  return std::ranges::any_of(hop.messages.value_or(std::vector<insight::HopMessage>()),
                             [&](const insight::HopMessage& message) { return message.id == id; });
}

/// The one that has this id, where it came in first; of a trace all that it began with.
Chosen choose(const std::string& id, const Known& known) {
  std::vector<insight::Payload> found;
  for (const insight::Payload& payload : known.payloads)
    if (payload.id == id && is_sendable(payload)) found.push_back(payload);
  if (found.empty()) return choose_beginnings(id, known);
  for (const insight::Hop& hop : known.hops)
    for (insight::Payload& payload : found)
      if (payload.resource == hop.resource && has_message(hop, id)) return {{std::move(payload)}};
  return {{std::move(found.front())}};
}

/// The error is a sentence.
std::expected<std::string, std::string> read_body(Surroundings& surroundings,
                                                  const std::string& given) {
  if (given == "-") return surroundings.terminal.input();
  if (!given.starts_with('@')) return given;
  const std::string path =
      (std::filesystem::path(surroundings.runtime.environment.current_directory()) /
       given.substr(1))
          .string();
  auto text = surroundings.runtime.disk.read(path);
  if (!text) return std::unexpected(fmt::format("--body: {}.", text.error().message));
  return *std::move(text);
}

/// By the editor that the user has chosen, in a file that is this user's alone. The error is a
/// sentence.
std::expected<std::string, std::string> edit(Surroundings& surroundings, const std::string& body) {
  runtime::Runtime& runtime = surroundings.runtime;
  const runtime::Environment& environment = runtime.environment;
  const std::string editor =
      environment.find("VISUAL").value_or(environment.find("EDITOR").value_or("vi"));
  const std::string file =
      fmt::format("{}/matinee-replay-{}.json", environment.find("TMPDIR").value_or("/tmp"),
                  runtime.random.uuid());
  surroundings.keep_files_private();
  if (const auto written = runtime.disk.write_atomically(file, body); !written)
    return std::unexpected(fmt::format("--edit: {}.", written.error().message));
  // What the user says may have options, as "code --wait" has.
  const auto code = surroundings.processes.run({"sh", "-c", editor + " \"$1\"", "sh", file},
                                               runtime::ProgramOutput::terminal);
  auto text = runtime.disk.read(file);
  (void)runtime.disk.remove(file);
  if (!code) return std::unexpected(code.error());
  if (*code != 0)
    return std::unexpected(fmt::format("{} has ended with {}: nothing was sent.", editor, *code));
  if (!text) return std::unexpected(fmt::format("--edit: {}.", text.error().message));
  // An editor ends its last line, where the body may not have.
  if (!body.ends_with('\n') && text->ends_with('\n')) text->pop_back();
  return *std::move(text);
}

/// What is to be sent instead; a sentence where there is nothing to be sent.
std::string give_body(Surroundings& surroundings, const ReplayCommand& command,
                      insight::Payload& payload) {
  if (command.body) {
    const auto body = read_body(surroundings, *command.body);
    if (!body) return body.error();
    payload.body = *body;
    return "";
  }
  if (!payload.whole.value_or(true))
    return fmt::format(
        "Of {} the journal has the first {} of {} bytes only; --body gives all of it.",
        payload.id.value_or(""), payload.body.value_or("").size(), payload.bytes.value_or(0));
  if (!command.edits) return "";
  const auto body = edit(surroundings, payload.body.value_or(""));
  if (!body) return body.error();
  payload.body = *body;
  return "";
}

int print(Surroundings& surroundings, const ReplayCommand& command, const Resent& resent) {
  if (command.format == "json") {
    jobs::JsonObject json;
    json.add("resource", resent.resource);
    json.add("id", resent.id);
    surroundings.terminal.out(json.take());
  } else {
    surroundings.terminal.out(
        resent.id.empty()
            ? fmt::format("Called {}.\n", resource_text(resent.resource))
            : fmt::format("Sent to {} as {}.\n", resource_text(resent.resource), resent.id));
  }
  return done;
}

int send(Surroundings& surroundings, ReplayCommand& command, insight::Payload payload) {
  return ask_channel<Resent>(
      surroundings, command.cloud,
      [&](client::Channel& channel) {
        return send_again(channel, std::move(payload), surroundings.runtime.random.uuid());
      },
      [&](const Resent& resent) { return print(surroundings, command, resent); });
}

int replay(Surroundings& surroundings, ReplayCommand& command) {
  if (command.body && command.edits)
    return refuse_usage(surroundings, "--body is the new body, and --edit makes one; leave one.");
  Chosen chosen;
  if (const int code = ask<Known>(
          surroundings, command.cloud,
          [&](const insight::Client& client) { return find(client, command.id); },
          [&](const Known& known) {
            chosen = choose(command.id, known);
            return done;
          });
      code != done)
    return code;
  if (!chosen) return fail(surroundings, chosen.error());
  if (command.body && chosen->size() > 1)
    return refuse_usage(surroundings, fmt::format("{} began with {} messages, and --body is for "
                                                  "one: give the id of one of them.",
                                                  command.id, chosen->size()));
  for (insight::Payload& payload : *chosen)
    if (const std::string mistake = give_body(surroundings, command, payload); !mistake.empty())
      return fail(surroundings, mistake);
  for (insight::Payload& payload : *chosen)
    if (const int code = send(surroundings, command, std::move(payload)); code != done) return code;
  return done;
}

}  // namespace

void add_replay(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app =
      add_command(parent, "replay", "Send again what the journal knows of a message or an event");
  auto options = std::make_shared<ReplayCommand>();
  app->add_option("ID", options->id,
                  "Id of a message, an event or a call; or of a trace: what it began with")
      ->required();
  app->add_flag("--edit", options->edits, "Change the body first, with $VISUAL or $EDITOR");
  app->add_option("--body", options->body, "Send this instead; @FILE, or - for standard input")
      ->type_name("TEXT");
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or what was sent a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "It goes where it came in, as a new message from you, and takes the way that rules,\n"
      "subscriptions and policies give it now. `matinee trace` shows ids and where messages went.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return replay(surroundings, *options); };
  });
}

}  // namespace matinee::cli
