// `matinee outbox`: mail, SMS and push notifications that would have been sent.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "cli/story_text.h"
#include "client/json_text.h"

namespace matinee::cli {
namespace {

struct OutboxCommand {
  insight::ListUnsentRequest request;
  std::string format = "text";
  CloudChoice cloud;
};

std::string describe(const insight::UnsentMessage& message) {
  std::string text = fmt::format(
      "{:%F %T}  {}  from {}\n",
      std::chrono::floor<std::chrono::seconds>(message.time.value_or(runtime::Time())),
      resource_text(message.to.value_or("")), resource_text(message.source.value_or("")));
  if (message.subject && !message.subject->empty())
    text += fmt::format("  Subject: {}\n", *message.subject);
  std::string line = "  ";
  for (const char letter : message.body.value_or("")) {
    line += letter;
    if (letter == '\n') line += "  ";
  }
  return text + line + "\n";
}

int print_outbox(Surroundings& surroundings, OutboxCommand& command) {
  return ask<insight::ListUnsentResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.list_unsent(command.request); },
      [&](const insight::ListUnsentResponse& response) {
        std::string text;
        for (const insight::UnsentMessage& message :
             response.messages.value_or(std::vector<insight::UnsentMessage>()))
          text += command.format == "json"
                      ? client::to_json(insight::UnsentMessage::shape, &message) + "\n"
                      : describe(message);
        surroundings.terminal.out(text);
        return done;
      });
}

}  // namespace

void add_outbox(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = parent.add_subcommand(
      "outbox",
      "Show the mail, SMS and push notifications that would have been sent, newest first");
  auto options = std::make_shared<OutboxCommand>();
  take_number(*app->add_option("--max-items", options->request.max_items, "How many at most (100)")
                   ->type_name("N"),
              1, 1000);
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or a message a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer("Nothing leaves this machine: links to confirm a subscription are in here too.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return print_outbox(surroundings, *options); };
  });
}

}  // namespace matinee::cli
