// `matinee run movies`: from options to exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/cloud_options.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/progress_bar.h"
#include "jobs/movies/job.h"

namespace matinee::cli {
namespace {

using jobs::movies::MovieOptions;
using jobs::movies::MovieSummary;

struct MoviesCommand {
  MovieOptions job;
  CloudChoice cloud;
  std::string only;
  std::string download;
  std::string format = "text";
  bool no_create = false;
};

void add_job_options(CLI::App& app, MoviesCommand& command) {
  MovieOptions& job = command.job;
  take_number(*app.add_option("--count", job.count, "Movies to generate")->capture_default_str(), 1,
              jobs::movies::max_count);
  app.add_option("--job-id", job.job_id,
                 "Name of the job; one that was begun before goes on where it stopped (default: "
                 "a new one)")
      ->type_name("ID");
  take_number(*app.add_option("--seed", job.seed, "The same seed gives the same movies")
                   ->capture_default_str(),
              0, std::numeric_limits<std::uint64_t>::max());
  app.add_option("--queue", job.queue, "SQS queue; a FIFO queue if it ends in .fifo")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--table", job.table, "DynamoDB table")->type_name("NAME")->capture_default_str();
  app.add_option("--bucket", job.bucket, "S3 bucket")->type_name("NAME")->capture_default_str();
  take_number(*app.add_option("--groups", job.groups, "Message groups of a FIFO queue")
                   ->capture_default_str(),
              1, 1000);
  take_one_of(*app.add_option("--only", command.only,
                              "Only one end of the queue: send the movies, or receive and store "
                              "them (default: both at once)"),
              {"produce", "consume"});
  app.add_flag("--no-create", command.no_create, "Refuse if the queue, table or bucket is missing");
  app.add_option("--download", command.download, "Also save the object in this directory")
      ->type_name("DIR");
  take_one_of(*app.add_option("--format", command.format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
}

struct Outcome {
  std::optional<MovieSummary> summary;
  std::string failure;
  bool is_stopped = false;  // by a signal
};

/// The sentence of an exception that ended the job.
std::string sentence_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& other) {
    return other.what();
  }
}

Outcome run_job(Surroundings& surroundings, const MovieOptions& options, Connection& connection,
                ProgressBar& bar) {
  runtime::Loop& loop = surroundings.runtime.loop;
  const jobs::movies::Clients clients{.sqs = sqs::Client(connection.channel()),
                                      .dynamodb = dynamodb::Client(connection.channel()),
                                      .s3 = s3::Client(connection.channel())};
  Outcome outcome;
  loop.post([&] {
    runtime::start(jobs::movies::run(options, clients, surroundings.runtime, bar),
                   [&](std::optional<MovieSummary> summary, const std::exception_ptr& error) {
                     outcome.summary = std::move(summary);
                     if (error) outcome.failure = sentence_of(error);
                     loop.stop();
                   });
  });
  loop.run();
  outcome.is_stopped = !outcome.summary && outcome.failure.empty();
  return outcome;
}

/// Ends the program where it stands: what was acknowledged is kept, and the job's coroutines must
/// not go on while what they work with is taken apart.
[[noreturn]] void end_stopped_job(Surroundings& surroundings, const MovieOptions& job) {
  surroundings.terminal.error(
      fmt::format("Stopped; everything so far is kept. Go on with --job-id {} --count {}{}.\n",
                  job.job_id, job.count, job.seed == 1 ? "" : fmt::format(" --seed {}", job.seed)));
  std::quick_exit(stopped);
}

int run_movies(Surroundings& surroundings, MoviesCommand& command) {
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  if (command.job.job_id.empty()) command.job.job_id = surroundings.runtime.random.uuid();
  if (!command.only.empty()) command.job.role = *jobs::movies::find_role(command.only);
  if (!command.download.empty()) command.job.download = command.download;
  command.job.create = !command.no_create;
  if (const std::string fault = find_option_fault(command.job); !fault.empty()) {
    fail(surroundings, fault);
    return wrong_usage;
  }
  if (const std::string fault = find_cloud_fault(command.cloud); !fault.empty()) {
    fail(surroundings, fault);
    return wrong_usage;
  }
  runtime::Loop& loop = surroundings.runtime.loop;
  surroundings.on_stop_signal([&loop] { loop.stop(); });
  auto connection = connect(surroundings, command.cloud);
  if (!connection) return fail(surroundings, connection.error());
  command.job.region = (*connection)->region();
  command.job.cloud = (*connection)->name();
  command.job.cli_arguments = (*connection)->cli_arguments();
  command.job.look_first = (*connection)->look_first();
  const bool json = command.format == "json";
  Outcome outcome;
  {
    ProgressBar bar(surroundings.terminal, surroundings.runtime.clock, json);
    outcome = run_job(surroundings, command.job, **connection, bar);
  }
  if (outcome.is_stopped) end_stopped_job(surroundings, command.job);
  if (!outcome.summary) return fail(surroundings, outcome.failure);
  surroundings.terminal.out(json ? to_json(*outcome.summary) : to_text(*outcome.summary));
  return outcome.summary->verified() ? done : failed;
}

}  // namespace

void add_run_movies(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = parent.add_subcommand(
      "movies", "Generate movies, send them through a queue, store them, export them to a bucket");
  auto options = std::make_shared<MoviesCommand>();
  add_job_options(*app, *options);
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee run movies --count 100000 --job-id mine\n"
      "      again after a Ctrl-C, a kill or a crash, it goes on where it stopped\n"
      "  matinee run movies --count 500 --download . --format json\n"
      "  matinee run movies --cloud aws --profile my-profile --region eu-central-1\n\n"
      "Exit codes: 0 stored and verified, 1 failed or something differs, 2 wrong usage,\n"
      "130 stopped by Ctrl-C.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_movies(surroundings, *options); };
  });
}

}  // namespace matinee::cli
