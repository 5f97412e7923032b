// `matinee why`: why a message is not in a queue, or would not get there, and why a function has
// not seen a change of a table.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "cli/story_text.h"
#include "client/json_text.h"

namespace matinee::cli {
namespace {

struct WhyCommand {
  insight::ExplainRequest request;
  std::string event_file;
  std::string format = "text";
  CloudChoice cloud;
};

std::string describe(const insight::ExplainResponse& response) {
  const std::vector<std::string> none;
  std::string text;
  for (const std::string& sentence : response.sentences.value_or(none)) text += sentence + "\n";
  const auto remedies = response.remedies.value_or(none);
  if (!remedies.empty()) text += "What would change that:\n";
  for (const std::string& remedy : remedies) text += "  " + remedy + "\n";
  const auto hops = response.hops.value_or(std::vector<insight::Hop>());
  if (!hops.empty()) text += "\n" + story_text(hops);
  return text;
}

/// Reads what a topic or a rule would be given; "-" is standard input. The error is a sentence.
std::expected<std::string, std::string> read_document(Surroundings& surroundings,
                                                      const std::string& file) {
  if (file == "-") return std::string(surroundings.terminal.input());
  const std::string path =
      (std::filesystem::path(surroundings.runtime.environment.current_directory()) / file).string();
  auto text = surroundings.runtime.disk.read(path);
  if (!text)
    return std::unexpected(fmt::format("The file cannot be used: {}.", text.error().message));
  return *std::move(text);
}

int why(Surroundings& surroundings, WhyCommand& command) {
  insight::ExplainRequest& request = command.request;
  if (request.queue.has_value() + request.topic.has_value() + request.rule.has_value() +
          request.stream.has_value() !=
      1)
    return refuse_usage(surroundings, "Give one of --queue, --topic, --rule and --stream.");
  std::string file = command.event_file;
  if (request.topic) {
    file = request.message.value_or("");
    request.message.reset();
  }
  if (request.stream) {
    if (!request.item) return refuse_usage(surroundings, "--stream needs --item KEY.");
  } else if (!request.queue) {
    if (file.empty())
      return refuse_usage(surroundings, request.topic ? "--topic needs --message FILE."
                                                      : "--rule needs --event FILE.");
    auto document = read_document(surroundings, file);
    if (!document) return fail(surroundings, document.error());
    request.document = std::move(*document);
  } else if (request.message.has_value() == request.body_contains.has_value()) {
    return refuse_usage(surroundings,
                        "--queue needs one of --message ID and --body-contains TEXT.");
  }
  return ask<insight::ExplainResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.explain(std::move(request)); },
      [&](const insight::ExplainResponse& found) {
        surroundings.terminal.out(command.format == "json"
                                      ? client::to_json(insight::ExplainResponse::shape, &found) +
                                            "\n"
                                      : describe(found));
        return done;
      });
}

}  // namespace

void add_why(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(
      parent, "why", "Say why a message or a change is not received, or what would become of one");
  auto options = std::make_shared<WhyCommand>();
  insight::ExplainRequest& request = options->request;
  app->add_option("--queue", request.queue, "Name, URL or ARN of a queue")->type_name("QUEUE");
  app->add_option("--topic", request.topic, "Name or ARN of a topic: who would get the message?")
      ->type_name("TOPIC");
  app->add_option("--rule", request.rule, "Name, BUS/NAME or ARN of a rule: would it match?")
      ->type_name("RULE");
  app->add_option("--stream", request.stream,
                  "Name or ARN of a table, or ARN of its stream: has a function seen a change?")
      ->type_name("TABLE");
  app->add_option("--item", request.item,
                  "Of a stream: an item's key, PARTITION or PARTITION/SORT, or the id of an event")
      ->type_name("KEY");
  app->add_option("--function", request.function,
                  "Of a stream: name or ARN of the function; without, all that read it")
      ->type_name("FUNCTION");
  app->add_option(
         "--message", request.message,
         "Of a queue: id of a message, also the one that a topic or an event bus gave. Of "
         "a topic: a file with the message, or a request of Publish in JSON; - is standard input")
      ->type_name("ID|FILE");
  app->add_option("--body-contains", request.body_contains,
                  "Of a queue: the first message with this text")
      ->type_name("TEXT");
  app->add_option("--event", options->event_file,
                  "Of a rule: a file with an event; - is standard input")
      ->type_name("FILE");
  take_one_of(*app->add_option("--format", options->format, "For people, or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Nothing is changed. Examples:\n"
      "  matinee why --queue orders --message 5759e988-bd86-4e3f-a1be-46a994272793\n"
      "  matinee why --queue orders --body-contains '\"id\": 17'\n"
      "  matinee why --topic orders --message message.json\n"
      "  matinee why --rule daily --event event.json\n"
      "  matinee why --stream films --item metropolis --function index-films");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return why(surroundings, *options); };
  });
}

}  // namespace matinee::cli
