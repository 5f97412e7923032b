// `matinee deploy` and `matinee destroy`: from options to exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/deploy_options.h"
#include "cli/deploy_report.h"
#include "cli/job_call.h"
#include "cli/option_values.h"
#include "jobs/deploy/deploy.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {
namespace {

using jobs::deploy::DeploySummary;
using jobs::deploy::DestroySummary;

struct DeployCommand {
  jobs::deploy::DeployOptions job;
  std::vector<std::string> parameters;
  std::vector<std::string> tags;
  bool make_bucket = false;
  bool no_execute = false;
  std::string format = "text";
  CloudChoice cloud;
};

struct DestroyCommand {
  jobs::deploy::DestroyOptions job;
  std::string format = "text";
  CloudChoice cloud;
};

/// A refusal, with what to do about it.
std::string explained(const std::string& sentence) {
  const std::string remedy = remedy_for(sentence);
  return remedy.empty() ? sentence : fmt::format("{}\n{}.", sentence, remedy);
}

/// `make_task` makes the job's task of what it needs.
template <class Summary, class MakeTask>
int run_stack_job(Surroundings& surroundings, CloudChoice& cloud, const std::string& format,
                  MakeTask make_task) {
  const bool json = format == "json";
  StackProgress progress(surroundings.terminal, runtime::real_clock(surroundings.runtime.clock),
                         json);
  cloud.runs_functions = true;
  std::string when_stopped =
      "Stopped looking; what was begun goes on there. `matinee stacks` tells more.";
  const auto start = [&](Connection& connection) -> runtime::Task<Summary> {
    // A cloud inside of this program ends with it, unless a server has it.
    if (cloud.cloud == "embedded" && connection.url().empty())
      when_stopped = "Stopped; what was begun goes on when the cloud is used again.";
    try {
      co_return co_await make_task(
          connection, jobs::deploy::DeploySurroundings{connection.channel(), surroundings.runtime,
                                                       surroundings.folders, progress});
    } catch (const protocol::ServiceError& error) {
      throw jobs::JobError(explained(jobs::sentence_of(error, connection.name())));
    } catch (const jobs::JobError& error) {
      throw jobs::JobError(explained(error.what()));
    }
  };
  const auto use = [&](const Summary& summary) {
    surroundings.terminal.out(json ? to_json(summary) : to_text(summary));
    return static_cast<int>(summary.succeeded() ? done : failed);
  };
  return run_job<Summary>(surroundings, cloud, {when_stopped}, std::pair(start, use));
}

std::string complete(Surroundings& surroundings, DeployCommand& command) {
  auto parameters = read_pairs(command.parameters, "--parameter");
  if (!parameters) return parameters.error();
  command.job.parameters = std::move(*parameters);
  auto tags = read_pairs(command.tags, "--tag");
  if (!tags) return tags.error();
  command.job.tags = std::move(*tags);
  command.job.template_path = absolute_path(surroundings, command.job.template_path);
  command.job.execute = !command.no_execute;
  command.job.pace = pace_for(command.cloud);
  // On this machine it costs nothing, and belongs to nobody else.
  command.job.bucket.create = command.make_bucket || is_local(command.cloud);
  if (std::string fault = find_option_fault(command.job); !fault.empty()) return fault;
  return find_cloud_fault(command.cloud);
}

int run_deploy(Surroundings& surroundings, DeployCommand& command) {
  if (const std::string fault = complete(surroundings, command); !fault.empty())
    return refuse_usage(surroundings, fault);
  if (!surroundings.runtime.disk.exists(command.job.template_path))
    return fail(surroundings, fmt::format("There is no file {}.", command.job.template_path));
  return run_stack_job<DeploySummary>(
      surroundings, command.cloud, command.format,
      [&](Connection& connection, jobs::deploy::DeploySurroundings around) {
        command.job.region = connection.region();
        return jobs::deploy::deploy(command.job, around);
      });
}

int run_destroy(Surroundings& surroundings, DestroyCommand& command) {
  if (const std::string fault = find_cloud_fault(command.cloud); !fault.empty())
    return refuse_usage(surroundings, fault);
  command.job.pace = pace_for(command.cloud);
  return run_stack_job<DestroySummary>(surroundings, command.cloud, command.format,
                                       [&](Connection&, jobs::deploy::DeploySurroundings around) {
                                         return jobs::deploy::destroy(command.job, around);
                                       });
}

void add_format(CLI::App& app, std::string& format) {
  take_one_of(*app.add_option("--format", format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
}

void add_deploy_options(CLI::App& app, DeployCommand& command) {
  app.add_option("TEMPLATE", command.job.template_path, "CloudFormation or SAM, YAML or JSON")
      ->required();
  app.add_option("--stack", command.job.stack, "Name of the stack, made or changed")
      ->type_name("NAME")
      ->required();
  app.add_option("--parameter", command.parameters,
                 "Value of a parameter of the template; repeatable. Those that are not given keep "
                 "what the stack has, or their default")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--capability", command.job.capabilities,
                 "What the template may do besides: CAPABILITY_IAM, CAPABILITY_NAMED_IAM, "
                 "CAPABILITY_AUTO_EXPAND; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--tag", command.tags, "Tag of the stack and of all in it; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--bucket", command.job.bucket.name,
                 "Bucket for local code and nested templates (default: "
                 "matinee-artifacts-ACCOUNT-REGION)")
      ->type_name("NAME");
  app.add_flag("--make-bucket", command.make_bucket,
               "Make that bucket where it is missing; on this machine that goes without saying");
  app.add_flag("--no-execute", command.no_execute, "Only show what would change");
  app.add_flag("--disable-rollback", command.job.disable_rollback,
               "Where something fails, leave what was done");
  app.add_option("--role-arn", command.job.role_arn,
                 "Role as which resources are made (default: the caller)")
      ->type_name("ARN");
}

}  // namespace

void add_deploy(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "deploy", "Make or change a stack of a template");
  auto options = std::make_shared<DeployCommand>();
  add_deploy_options(*app, *options);
  add_format(*app, options->format);
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Code that the template names by a path (CodeUri, Code, ContentUri, nested templates) is\n"
      "packed and uploaded. Marks of the table: + added, ~ changed, ! replaced, - removed.\n"
      "Examples:\n"
      "  matinee deploy template.yaml --stack films --capability CAPABILITY_IAM\n"
      "  matinee deploy template.yaml --stack films --no-execute\n"
      "  matinee deploy template.yaml --stack films --cloud aws --make-bucket\n\n"
      "Exit codes: 0 done, or nothing to do; 1 failed, with the first resource and its reason;\n"
      "2 wrong usage.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_deploy(surroundings, *options); };
  });
}

void add_destroy(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "destroy", "Remove a stack and what is in it");
  auto options = std::make_shared<DestroyCommand>();
  app->add_option("STACK", options->job.stack, "Name or ARN of the stack")->required();
  app->add_flag("--empty-buckets", options->job.empty_buckets,
                "Also remove what is in buckets that go with it, with all versions: buckets with "
                "something in them cannot be removed");
  app->add_option("--retain", options->job.retain,
                  "Resource that stays, of a stack that could not be removed before; repeatable")
      ->type_name("LOGICAL_ID")
      ->allow_extra_args(false);
  add_format(*app, options->format);
  add_cloud_options(*app, options->cloud);
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_destroy(surroundings, *options); };
  });
}

}  // namespace matinee::cli
