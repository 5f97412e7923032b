// `matinee invoke`: one call of a function, its answer on standard output, its log beside.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <expected>
#include <filesystem>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "lambda/client.h"
#include "protocol/base64.h"

namespace matinee::cli {
namespace {

struct InvokeCommand {
  std::string function;
  std::string payload;  // JSON; "@FILE", or "-" for standard input
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
    surroundings.terminal.error(
        fmt::format("Accepted; it runs by itself from here, and `matinee logs {}` shows what it "
                    "writes.\n",
                    command.function));
    return done;
  }
  std::string payload = response.payload ? response.payload->bytes : std::string();
  if (!payload.ends_with('\n')) payload += '\n';
  surroundings.terminal.out(payload);
  if (!response.function_error) return done;
  return fail(surroundings,
              fmt::format("{} has failed ({}).", command.function, *response.function_error));
}

/// The error is a sentence.
std::expected<std::string, std::string> read_payload(Surroundings& surroundings,
                                                     const std::string& payload) {
  if (payload == "-") return surroundings.terminal.input();
  if (!payload.starts_with('@')) return payload;
  const std::string path =
      (std::filesystem::path(surroundings.runtime.environment.current_directory()) /
       payload.substr(1))
          .string();
  auto text = surroundings.runtime.disk.read(path);
  if (!text) return std::unexpected(fmt::format("--payload: {}.", text.error().message));
  return *std::move(text);
}

int invoke(Surroundings& surroundings, InvokeCommand& command) {
  if (command.tail && command.asynchronous)
    return refuse_usage(surroundings,
                        "--tail shows the log of a call that is waited for, and --async does not "
                        "wait; `matinee logs` shows it later.");
  const auto payload = read_payload(surroundings, command.payload);
  if (!payload) return fail(surroundings, payload.error());
  return ask<lambda::InvokeResponse, lambda::Client>(
      surroundings, command.cloud,
      [&](const lambda::Client& client) {
        lambda::InvokeRequest request{.function_name = command.function};
        if (command.asynchronous) request.invocation_type = "Event";
        if (command.tail) request.log_type = "Tail";
        if (!payload->empty()) request.payload.emplace().bytes = *payload;
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
  app->add_option("--payload", options->payload,
                  "The event, as JSON; @FILE reads it from a file, - from standard input ({} "
                  "without)")
      ->type_name("JSON");
  app->add_flag("--tail", options->tail, "Print the last 4 KiB of the call's log too");
  app->add_flag("--async", options->asynchronous, "Do not wait for the answer");
  add_cloud_options(*app, options->cloud);
  app->footer(
      "A function that fails makes it exit with 1; its error is the answer.\n"
      "Examples:\n"
      "  matinee invoke hello --payload '{\"name\": \"you\"}' --tail\n"
      "  matinee invoke hello --payload @event.json | jq .");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return invoke(surroundings, *options); };
  });
}

}  // namespace matinee::cli
