// `matinee trace`: what happened to messages.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "cli/story_text.h"
#include "client/json_text.h"
#include "jobs/publish/options.h"

namespace matinee::cli {
namespace {

struct TraceCommand {
  insight::TraceRequest request;
  std::string since;
  std::string format = "text";
  bool follow = false;
  CloudChoice cloud;
};

void print(Surroundings& surroundings, const TraceCommand& command,
           const insight::TraceResponse& response) {
  const auto hops = response.hops.value_or(std::vector<insight::Hop>());
  std::string text;
  if (command.format == "json") {
    for (const insight::Hop& hop : hops) text += client::to_json(insight::Hop::shape, &hop) + "\n";
  } else if (command.request.id) {
    text = story_text(hops);
  } else {
    for (const insight::Hop& hop : hops) text += hop_line(hop);
  }
  surroundings.terminal.out(text);
}

/// Prints what there is, and then what comes, until it is interrupted.
runtime::Task<insight::TraceResponse> follow(Surroundings& surroundings,
                                             const TraceCommand& command,
                                             const insight::Client& client) {
  insight::TraceRequest request = command.request;
  insight::TraceResponse response = co_await client.trace(request);
  print(surroundings, command, response);
  request.wait_seconds = 20;
  for (;;) {
    request.after = response.last.value_or(0);
    response = co_await client.trace(request);
    print(surroundings, command, response);
  }
}

int trace(Surroundings& surroundings, TraceCommand& command) {
  if (command.follow && command.request.id)
    return refuse_usage(surroundings, "--follow shows everything or a resource, and no message.");
  if (!command.since.empty()) {
    command.request.since =
        jobs::publish::find_time(command.since, surroundings.runtime.clock.now());
    if (!command.request.since)
      return refuse_usage(surroundings,
                          "--since must be a date, a time such as 2024-02-29T12:00:00Z, or how "
                          "long ago, such as 15m, 2h or 7d.");
  }
  return ask<insight::TraceResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) {
        return command.follow ? follow(surroundings, command, client)
                              : client.trace(command.request);
      },
      [&](const insight::TraceResponse& response) {
        print(surroundings, command, response);
        const bool is_empty = response.hops.value_or(std::vector<insight::Hop>()).empty();
        if (command.request.id && is_empty)
          return fail(surroundings, "The journal knows no such message or trace.");
        return static_cast<int>(done);
      });
}

}  // namespace

void add_trace(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app =
      add_command(parent, "trace",
                  "Show what happened to a message, or lately in a queue, a topic or everywhere");
  auto options = std::make_shared<TraceCommand>();
  app->add_option("ID", options->request.id,
                  "Id of a message of a queue or a topic, of an event, or the root of a trace");
  app->add_option("--queue", options->request.queue, "Name, URL or ARN of a queue")
      ->type_name("QUEUE");
  app->add_option("--topic", options->request.topic, "Name or ARN of a topic")->type_name("TOPIC");
  app->add_option("--resource", options->request.resource,
                  "Any other resource by its ARN, or whatever has that name: a rule, a table, "
                  "BUCKET/KEY")
      ->type_name("RESOURCE");
  app->add_option("--since", options->since,
                  "Only what happened since then: 2024-02-29, 2024-02-29T12:00:00Z, or how long "
                  "ago: 15m, 2h, 7d")
      ->type_name("TIME");
  take_number(
      *app->add_option("--max-items", options->request.max_items, "How many hops at most (200)")
           ->type_name("N"),
      1, 1000);
  app->add_flag("--follow", options->follow, "Go on with what happens from now on, until Ctrl-C");
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or a hop a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee trace                        # what happened last\n"
      "  matinee trace --queue orders --follow\n"
      "  matinee trace 5759e988-bd86-4e3f-a1be-46a994272793");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return trace(surroundings, *options); };
  });
}

}  // namespace matinee::cli
