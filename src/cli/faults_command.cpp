// `matinee faults`: errors, latency and lost replies on purpose.
#include "cli/faults_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "client/json_text.h"

namespace matinee::cli {
namespace {

struct FaultsCommand {
  insight::AddFaultRequest added;
  insight::ClearFaultsRequest cleared;
  std::string format = "text";
  CloudChoice cloud;
};

std::string times_text(std::int64_t count) {
  return fmt::format("{} time{}", count, count == 1 ? "" : "s");
}

std::string seed_text(const std::optional<std::int64_t>& seed) {
  return seed ? fmt::format("seed {}\n", *seed) : std::string();
}

int add_one(Surroundings& surroundings, FaultsCommand& command) {
  return ask<insight::AddFaultResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.add_fault(command.added); },
      [&](const insight::AddFaultResponse& response) {
        const insight::Fault& fault = *response.fault;
        surroundings.terminal.out(
            command.format == "json"
                ? client::to_json(insight::AddFaultResponse::shape, &response) + "\n"
                : fmt::format("{}: {}\n{}", fault.id.value_or(""), fault.text.value_or(""),
                              seed_text(response.seed)));
        return done;
      });
}

std::string describe(const insight::ListFaultsResponse& response) {
  const std::vector<insight::Fault> faults =
      response.faults.value_or(std::vector<insight::Fault>());
  if (faults.empty()) return "There are no faults.\n";
  std::string text = seed_text(response.seed);
  for (const insight::Fault& fault : faults)
    text += fmt::format("{}  {}: hit {} of {}\n", fault.id.value_or(""), fault.text.value_or(""),
                        fault.hits.value_or(0), times_text(fault.asked.value_or(0)));
  return text;
}

int list_all(Surroundings& surroundings, FaultsCommand& command) {
  return ask<insight::ListFaultsResponse>(
      surroundings, command.cloud,
      [](const insight::Client& client) { return client.list_faults({}); },
      [&](const insight::ListFaultsResponse& response) {
        surroundings.terminal.out(
            command.format == "json"
                ? client::to_json(insight::ListFaultsResponse::shape, &response) + "\n"
                : describe(response));
        return done;
      });
}

int clear_some(Surroundings& surroundings, FaultsCommand& command) {
  return ask<insight::ClearFaultsResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.clear_faults(command.cleared); },
      [&](const insight::ClearFaultsResponse& response) {
        const std::int64_t count = response.cleared.value_or(0);
        surroundings.terminal.out(
            command.format == "json"
                ? client::to_json(insight::ClearFaultsResponse::shape, &response) + "\n"
                : fmt::format("Ended {} fault{}.\n", count, count == 1 ? "" : "s"));
        return done;
      });
}

void add_choice_options(CLI::App& app, insight::AddFaultRequest& added) {
  app.add_option("--service", added.service,
                 "Calls of, or deliveries to, this service, such as sqs")
      ->type_name("NAME");
  app.add_option("--operation", added.operation, "Of this operation; * and ? are wildcards")
      ->type_name("NAME");
  app.add_option("--resource", added.resource,
                 "On this resource, by its name or ARN; * and ? are wildcards")
      ->type_name("NAME");
  app.add_option("--caller", added.caller, "By whom, an ARN or an access key, with wildcards")
      ->type_name("ARN");
}

void add_frequency_options(CLI::App& app, insight::AddFaultRequest& added) {
  take_share(*app.add_option("--probability", added.probability, "Of each of those (1)"));
  take_number(
      *app.add_option("--every", added.every, "Only each n-th of those (1)")->type_name("N"), 1);
  take_number(*app.add_option("--times", added.times, "Only so often, and then never again")
                   ->type_name("N"),
              1);
  take_seed(*app.add_option("--seed", added.seed,
                            "That all faults are drawn from, which begins them anew"));
}

using Run = int (*)(Surroundings&, FaultsCommand&);

void finish(CLI::App& app, Surroundings& surroundings, Command& command, Run run) {
  auto options = std::make_shared<FaultsCommand>();
  if (run == add_one) {
    insight::AddFaultRequest& added = options->added;
    take_one_of(*app.add_option("ACTION", added.action, "What happens")->required(),
                {"error", "latency", "timeout", "reset", "lost-reply", "delay", "reorder",
                 "duplicate", "refuse", "lost-ack", "throttle", "crash-before", "crash-after"});
    app.add_option("--error", added.error,
                   "Of action error: a code such as QueueDoesNotExist, or throttling, internal or "
                   "unavailable, which each service says in its own way")
        ->type_name("CODE");
    take_number(*app.add_option("--status", added.status, "Its HTTP status")->type_name("N"), 400,
                599);
    app.add_option("--message", added.message, "Its message")->type_name("TEXT");
    app.add_option("--latency", added.latency,
                   "Of action latency, delay or reorder: 200ms, 2s, or 100ms..2s")
        ->type_name("SPAN");
    add_choice_options(app, added);
    add_frequency_options(app, added);
  }
  if (run == clear_some)
    app.add_option("ID", options->cleared.id, "One of them (default: all)")->type_name("ID");
  take_one_of(*app.add_option("--format", options->format, "For people, or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(app, options->cloud);
  app.callback([&surroundings, &command, options, run] {
    command = [&surroundings, options, run] { return run(surroundings, *options); };
  });
}

}  // namespace

void add_faults(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* faults =
      add_command(parent, "faults", "Let calls fail, take long, or lose their replies, on purpose");
  faults->require_subcommand(1);
  CLI::App* add = add_command(*faults, "add", "Let some calls have a fault from now on");
  finish(*add, surroundings, command, add_one);
  add->footer(
      "Of calls: error answers with it in place of doing anything; latency does it later; timeout\n"
      "does it and never answers; reset does nothing and resets the connection; lost-reply does\n"
      "it and resets the connection. Of deliveries: delay, reorder, duplicate, refuse (it is "
      "tried\n"
      "again) and lost-ack (it is taken, and tried again). Of functions: throttle, crash-before\n"
      "and crash-after their work. Examples:\n"
      "  matinee faults add error --error throttling --service sqs --probability 0.1\n"
      "  matinee faults add lost-reply --operation PutItem --resource films --every 3\n"
      "A server forgets its faults when it stops.");
  finish(*add_command(*faults, "list", "Show the faults, and how often each has hit"), surroundings,
         command, list_all);
  finish(*add_command(*faults, "clear", "End one fault, or all"), surroundings, command,
         clear_some);
}

}  // namespace matinee::cli
