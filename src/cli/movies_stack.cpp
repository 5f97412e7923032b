#include "cli/movies_stack.h"

#include <fmt/format.h>

#include "cli/deploy_report.h"
#include "cli/own_templates.h"
#include "jobs/deploy/deploy.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {
namespace {

constexpr std::string_view template_name = "templates/movies/template.yaml";

std::string output(const jobs::deploy::DeploySummary& summary, std::string_view name) {
  for (const jobs::deploy::StackOutput& output : summary.outputs)
    if (output.name == name) return output.value;
  throw jobs::JobError(fmt::format("The stack {} has no output {}.", summary.stack, name));
}

}  // namespace

std::string find_missing_movies_stack(const Surroundings& surroundings) {
  const std::string path = find_own_template(surroundings, template_name);
  if (path.empty())
    return fmt::format("There is no {} here or above, as it is in Matinee's sources.",
                       template_name);
  return find_missing_template(surroundings, path, "store_movies");
}

runtime::Task<> deploy_movies_stack(Surroundings& surroundings, Connection& connection,
                                    MoviesStack stack, jobs::movies::MovieOptions& job) {
  jobs::deploy::DeployOptions options;
  options.stack = stack.name;
  options.template_path = find_own_template(surroundings, template_name);
  options.parameters["Name"] = stack.name;
  options.capabilities = {"CAPABILITY_IAM"};
  options.bucket.create = true;
  options.region = connection.region();
  options.pace = stack.pace;
  StackProgress progress(surroundings.terminal, runtime::real_clock(surroundings.runtime.clock),
                         stack.quiet, StackProgress::Table::left_out);
  const jobs::deploy::DeploySummary summary = co_await jobs::deploy::deploy(
      std::move(options),
      {connection.channel(), surroundings.runtime, surroundings.folders, progress});
  if (!summary.succeeded())
    throw jobs::JobError(summary.failure
                             ? fmt::format("The stack {} could not be deployed: {} ({}): {}",
                                           summary.stack, summary.failure->name,
                                           summary.failure->type, summary.failure->reason)
                             : fmt::format("The stack {} could not be deployed: it is {}.",
                                           summary.stack, summary.status));
  job.queue = output(summary, "Queue");
  job.table = output(summary, "Table");
  job.bucket = output(summary, "Bucket");
}

}  // namespace matinee::cli
