// `matinee invoke`: one call of a function, its answer on standard output, its log beside.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "lambda/client.h"
#include "protocol/base64.h"

namespace matinee::cli {
namespace {

struct InvokeCommand {
  std::string function;
  std::string payload;
  bool tail = false;
  bool asynchronous = false;
  CloudChoice cloud;
};

/// The answer alone goes to standard output, so that it can be piped; what failed is exit code 1.
int print_answer(Surroundings& surroundings, const InvokeCommand& command,
                 const lambda::InvokeResponse& response) {
  if (command.tail && response.log_result)
    surroundings.terminal.error(
        protocol::base64_decode(*response.log_result).value_or(std::string()));
  if (command.asynchronous) {
    surroundings.terminal.error("Accepted; it runs by itself from here.\n");
    return done;
  }
  std::string payload = response.payload ? response.payload->bytes : std::string();
  if (!payload.ends_with('\n')) payload += '\n';
  surroundings.terminal.out(payload);
  if (!response.function_error) return done;
  return fail(surroundings,
              fmt::format("{} has failed ({}).", command.function, *response.function_error));
}

int invoke(Surroundings& surroundings, InvokeCommand& command) {
  return ask<lambda::InvokeResponse, lambda::Client>(
      surroundings, command.cloud,
      [&](const lambda::Client& client) {
        lambda::InvokeRequest request{.function_name = command.function};
        if (command.asynchronous) request.invocation_type = "Event";
        if (command.tail && !command.asynchronous) request.log_type = "Tail";
        if (!command.payload.empty()) request.payload.emplace().bytes = command.payload;
        return client.invoke(std::move(request));
      },
      [&](const lambda::InvokeResponse& response) {
        return print_answer(surroundings, command, response);
      });
}

}  // namespace

void add_invoke(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "invoke", "Call a Lambda function and print what it answers");
  auto options = std::make_shared<InvokeCommand>();
  app->add_option(
         "FUNCTION", options->function,
         "Its name or ARN; with :VERSION or :ALIAS where another one than $LATEST is meant")
      ->required();
  app->add_option("--payload", options->payload, "The event, as JSON; {} without")
      ->type_name("JSON");
  app->add_flag("--tail", options->tail, "Print the last 4 KiB of the call's log too");
  app->add_flag("--async", options->asynchronous, "Do not wait for the answer");
  add_cloud_options(*app, options->cloud);
  app->footer("A function that fails makes it exit with 1; its error is the answer.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return invoke(surroundings, *options); };
  });
}

}  // namespace matinee::cli
