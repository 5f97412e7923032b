// `matinee policy suggest`: what policies ought to say.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "client/json_text.h"
#include "jobs/publish/options.h"

namespace matinee::cli {
namespace {

struct SuggestCommand {
  std::string role;
  std::string user;
  std::string since;
  std::string format = "policy";
  CloudChoice cloud;
};

/// What would have been refused so far: to be read beside a policy that is redirected to a file.
void tell_refusals(Surroundings& surroundings, const insight::SuggestPolicyResponse& response) {
  for (const insight::Use& use : response.uses.value_or(std::vector<insight::Use>()))
    if (use.refused && use.refusal)
      surroundings.terminal.error(fmt::format("--iam enforce would have refused {} of {}: {}\n",
                                              *use.refused, use.count.value_or(0), *use.refusal));
}

int suggest(Surroundings& surroundings, SuggestCommand& command) {
  if (command.role.empty() == command.user.empty())
    return refuse_usage(surroundings, "Give one of --role NAME and --user NAME.");
  insight::SuggestPolicyRequest request;
  if (!command.role.empty()) request.role_name = command.role;
  if (!command.user.empty()) request.user_name = command.user;
  if (!command.since.empty()) {
    request.since = jobs::publish::find_time(command.since, surroundings.runtime.clock.now());
    if (!request.since)
      return refuse_usage(surroundings,
                          "--since must be a date, a time such as 2024-02-29T12:00:00Z, or how "
                          "long ago, such as 15m, 2h or 7d.");
  }
  return ask<insight::SuggestPolicyResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.suggest_policy(std::move(request)); },
      [&](const insight::SuggestPolicyResponse& response) {
        if (command.format == "json") {
          surroundings.terminal.out(
              client::to_json(insight::SuggestPolicyResponse::shape, &response) + "\n");
          return done;
        }
        tell_refusals(surroundings, response);
        surroundings.terminal.out(response.policy_document.value_or("") + "\n");
        return done;
      });
}

}  // namespace

void add_policy_suggest(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app =
      add_command(parent, "suggest",
                  "Write the policy that allows what a user or role has called, and little more");
  auto options = std::make_shared<SuggestCommand>();
  app->add_option("--role", options->role, "Name or ARN of the role whose sessions' calls count")
      ->type_name("NAME");
  app->add_option("--user", options->user, "Name or ARN of the user")->type_name("NAME");
  app->add_option("--since", options->since,
                  "Only what was called since then: 2024-02-29, 2024-02-29T12:00:00Z, or how long "
                  "ago: 15m, 2h, 7d")
      ->type_name("TIME");
  take_one_of(*app->add_option("--format", options->format,
                               "The policy alone, or with each action, resource and count")
                   ->capture_default_str(),
              {"policy", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Calls are noted in every mode of `matinee up --iam`, also off. Examples:\n"
      "  matinee policy suggest --role reader > policy.json\n"
      "  aws iam put-role-policy --role-name reader --policy-name least \\\n"
      "      --policy-document file://policy.json");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return suggest(surroundings, *options); };
  });
}

}  // namespace matinee::cli
