// `matinee policy check`: why somebody may do something, or may not.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "client/json_text.h"

namespace matinee::cli {
namespace {

struct CheckCommand {
  std::string principal;
  std::string action;
  std::string resource = "*";
  std::vector<std::string> context;
  std::string format = "text";
  CloudChoice cloud;
};

/// A key that is given several times has several values. Nothing for what is no KEY=VALUE.
std::optional<std::vector<insight::ContextEntry>> read_context(
    const std::vector<std::string>& given) {
  std::vector<insight::ContextEntry> entries;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    const std::string key = text.substr(0, equals);
    auto entry = std::ranges::find(entries, key, &insight::ContextEntry::key);
    if (entry == entries.end())
      entry = entries.insert(entry, {.key = key, .values = std::vector<std::string>()});
    entry->values->push_back(text.substr(equals + 1));
  }
  return entries;
}

std::string describe(const insight::CheckedStatement& statement) {
  std::string text = fmt::format("  {} {} of the {}", statement.effect.value_or(""),
                                 statement.number.value_or(0), statement.policy_type.value_or(""));
  if (statement.policy) text += fmt::format(" {}", *statement.policy);
  if (statement.sid) text += fmt::format(" ({})", *statement.sid);
  if (statement.applies.value_or(false))
    return text + (statement.decides.value_or(false) ? ": applies, and decides\n" : ": applies\n");
  return text + fmt::format(": {}\n", statement.mismatch.value_or(""));
}

std::string describe(const insight::CheckPolicyResponse& response) {
  const bool is_allowed = response.allowed.value_or(false);
  std::string text = is_allowed
                         ? fmt::format("{} may {} on {}", response.principal.value_or(""),
                                       response.action.value_or(""), response.resource.value_or(""))
                         : std::string("Refused. ");
  if (is_allowed && response.reason && response.reason->starts_with("because"))
    text += ", ";
  else if (is_allowed)
    text += ". ";
  text += response.reason.value_or("") + "\n";
  const auto statements = response.statements.value_or(std::vector<insight::CheckedStatement>());
  if (statements.empty()) text += "  There is no statement that could say something about it.\n";
  for (const insight::CheckedStatement& statement : statements) text += describe(statement);
  if (response.absent_keys && !response.absent_keys->empty())
    text += fmt::format("Keys that were asked for and have no value (--context KEY=VALUE): {}\n",
                        fmt::join(*response.absent_keys, ", "));
  return text;
}

int check(Surroundings& surroundings, CheckCommand& command) {
  auto context = read_context(command.context);
  if (!context)
    return refuse_usage(surroundings, "--context takes KEY=VALUE, such as aws:SourceIp=10.0.0.1.");
  return ask<insight::CheckPolicyResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) {
        return client.check_policy({.principal = command.principal,
                                    .action = command.action,
                                    .resource = command.resource,
                                    .context = std::move(*context)});
      },
      [&](const insight::CheckPolicyResponse& response) {
        surroundings.terminal.out(
            command.format == "json"
                ? client::to_json(insight::CheckPolicyResponse::shape, &response) + "\n"
                : describe(response));
        return done;
      });
}

}  // namespace

void add_policy_check(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(
      parent, "check", "Say whether somebody may do something, and what each statement says of it");
  auto options = std::make_shared<CheckCommand>();
  app->add_option("--principal", options->principal,
                  "ARN of a user, a role, a session of one or a root user; or s3.amazonaws.com")
      ->type_name("ARN")
      ->required();
  app->add_option("--action", options->action, "Such as s3:GetObject")
      ->type_name("ACTION")
      ->required();
  app->add_option("--resource", options->resource, "What it is about")
      ->type_name("ARN")
      ->capture_default_str();
  app->add_option("--context", options->context,
                  "Value of a condition key, such as aws:SourceIp=10.0.0.1; repeatable, also for a "
                  "further value of the same key")
      ->type_name("KEY=VALUE");
  take_one_of(*app->add_option("--format", options->format, "For people, or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Policies of identities, boundaries and the resource's own policy are looked at in every "
      "mode "
      "of\n`matinee up --iam`; lists of who may do what (ACLs) and grants are not. Example:\n"
      "  matinee policy check --principal arn:aws:iam::000000000000:role/reader \\\n"
      "      --action s3:GetObject --resource arn:aws:s3:::films/a.txt \\\n"
      "      --cloud http://localhost:4566");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return check(surroundings, *options); };
  });
}

}  // namespace matinee::cli
