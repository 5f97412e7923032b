// `matinee run movies`: from options to exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "cli/cloud_options.h"
#include "cli/commands.h"
#include "cli/deploy_options.h"
#include "cli/job_telling.h"
#include "cli/movies_stack.h"
#include "cli/option_values.h"
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
  std::string consumer = "process";
  MoviesStack stack;
  bool names_places = false;  // a queue, a table or a bucket
  std::string download;
  std::string format = "text";
  bool no_create = false;
  bool has_own_id = false;  // rather than one that is made up
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
              0);
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
  take_one_of(*app.add_option("--consumer", command.consumer,
                              "Who stores the movies: this program, or a function on the queue, "
                              "which is deployed with templates/movies")
                   ->capture_default_str(),
              {"process", "function"});
  app.add_option("--stack", command.stack.name, "Name of the stack with the function")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_flag("--no-create", command.no_create, "Refuse if the queue, table or bucket is missing");
  app.add_option("--download", command.download,
                 "Also save the object in this directory, made if its parent is there")
      ->type_name("DIR");
  take_one_of(*app.add_option("--format", command.format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
}

struct Outcome {
  std::optional<MovieSummary> summary;
  std::string failure;  // neither: a signal has stopped it
};

/// The sentence of an exception that ended the job.
std::string sentence_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& other) {
    return other.what();
  }
}

/// The job, after what it needs was deployed where a function consumes.
runtime::Task<MovieSummary> run_deployed(Surroundings& surroundings, MoviesCommand& command,
                                         Connection& connection, ProgressBar& bar) {
  const jobs::movies::Clients clients{.sqs = sqs::Client(connection.channel()),
                                      .dynamodb = dynamodb::Client(connection.channel()),
                                      .s3 = s3::Client(connection.channel())};
  if (command.job.by_function) {
    try {
      co_await deploy_movies_stack(surroundings, connection, command.stack, command.job);
    } catch (const protocol::ServiceError& error) {
      throw jobs::JobError(jobs::sentence_of(error, connection.name()));
    }
  }
  co_return co_await jobs::movies::run(command.job, clients, surroundings.runtime, bar);
}

JobEnd end_of(const MovieSummary& summary) {
  return {.state = summary.verified() ? JobState::done : JobState::failed,
          .summary = to_text(summary)};
}

Outcome run_job(Surroundings& surroundings, MoviesCommand& command, Connection& connection,
                ProgressBar& bar) {
  runtime::Loop& loop = surroundings.runtime.loop;
  JobTelling telling(
      surroundings, connection, {.kind = "movies", .name = command.job.job_id, .unit = "movies"},
      [&bar](runtime::Duration elapsed) { return told_progress(bar.last(), elapsed); });
  Outcome outcome;
  loop.post([&] {
    runtime::start(told(telling, run_deployed(surroundings, command, connection, bar), end_of),
                   [&](std::optional<MovieSummary> summary, const std::exception_ptr& error) {
                     outcome.summary = std::move(summary);
                     if (error) outcome.failure = sentence_of(error);
                     loop.stop();
                   });
  });
  loop.run();
  if (outcome.summary || !outcome.failure.empty()) return outcome;
  telling.end_stopped();
  return {};  // also where the job has ended meanwhile
}

/// The same command goes on, with the id that it made up where it was given none.
std::string how_to_go_on(const MoviesCommand& command) {
  if (command.has_own_id) return "The same command goes on.";
  return fmt::format("The same command with --job-id {} goes on.", command.job.job_id);
}

/// Ends the program where it stands: what was acknowledged is kept, and the job's coroutines must
/// not go on while what they work with is taken apart.
[[noreturn]] void end_stopped_job(Surroundings& surroundings, const MoviesCommand& command,
                                  int signal) {
  surroundings.terminal.error(
      fmt::format("Stopped; everything so far is kept.\n{}\n", how_to_go_on(command)));
  std::quick_exit(stopped_by(signal));
}

/// A server that went away in the middle has kept everything, and so can be gone on with.
std::string explain_failure(const MoviesCommand& command, const Connection& connection,
                            const std::string& failure) {
  const std::string& directory = connection.served_directory();
  if (directory.empty() || !failure.contains(" gives no answer: ")) return failure;
  return fmt::format(
      "{} Everything so far is kept in {}. {} (\"matinee up\" first, where others "
      "are to use the cloud too.)",
      failure, directory, how_to_go_on(command));
}

/// What a typing error in --download would make is a tree of directories somewhere.
std::string find_download_fault(Surroundings& surroundings, const std::string& directory) {
  if (directory.empty()) return "";
  const std::filesystem::path path =
      (std::filesystem::path(surroundings.runtime.environment.current_directory()) / directory)
          .lexically_normal();
  const std::filesystem::path parent = (path / "").parent_path().parent_path();
  if (surroundings.runtime.disk.exists(path) || surroundings.runtime.disk.exists(parent)) return "";
  return fmt::format("There is no directory {} to make --download {} in.", parent.string(),
                     jobs::shortened(directory));
}

/// What is wrong with the options of a job whose movies a function stores, as a sentence.
std::string complete_consumer(MoviesCommand& command) {
  command.job.by_function = command.consumer == "function";
  if (!command.job.by_function) return "";
  if (!command.only.empty())
    return "--only goes with --consumer process: a function is there for all that is sent.";
  if (command.names_places)
    return "--consumer function has the queue, the table and the bucket of its stack; without "
           "--queue, --table and --bucket.";
  if (command.no_create) return "--consumer function deploys a stack; without --no-create.";
  command.cloud.runs_functions = true;
  command.stack.quiet = command.format == "json";
  command.stack.pace = pace_for(command.cloud);
  return "";
}

/// What is wrong with the options, as a sentence; completes them where nothing is.
std::string complete(Surroundings& surroundings, MoviesCommand& command) {
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  command.has_own_id = !command.job.job_id.empty();
  if (!command.has_own_id) command.job.job_id = surroundings.runtime.random.uuid();
  if (!command.only.empty()) command.job.role = *jobs::movies::find_role(command.only);
  if (!command.download.empty()) command.job.download = command.download;
  command.job.create = !command.no_create;
  if (std::string fault = find_option_fault(command.job); !fault.empty()) return fault;
  if (std::string fault = find_cloud_fault(command.cloud); !fault.empty()) return fault;
  if (std::string fault = complete_consumer(command); !fault.empty()) return fault;
  return find_download_fault(surroundings, command.download);
}

int run_movies(Surroundings& surroundings, MoviesCommand& command) {
  if (const std::string fault = complete(surroundings, command); !fault.empty())
    return refuse_usage(surroundings, fault);
  if (command.job.by_function)
    if (const std::string missing = find_missing_movies_stack(surroundings); !missing.empty())
      return fail(surroundings, missing);
  int signal = 0;
  surroundings.on_stop_signal([&surroundings, &signal](int number) {
    signal = number;
    surroundings.runtime.loop.stop();
  });
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
    outcome = run_job(surroundings, command, **connection, bar);
  }
  if (!outcome.summary && outcome.failure.empty()) end_stopped_job(surroundings, command, signal);
  if (!outcome.summary)
    return fail(surroundings, explain_failure(command, **connection, outcome.failure));
  surroundings.terminal.out(json ? to_json(*outcome.summary) : to_text(*outcome.summary));
  return outcome.summary->verified() ? done : failed;
}

}  // namespace

void add_run_movies(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(
      parent, "movies",
      "Generate movies, send them through a queue, store them, export them to a bucket");
  auto options = std::make_shared<MoviesCommand>();
  add_job_options(*app, *options);
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee run movies --count 100000 --job-id mine\n"
      "      again after a Ctrl-C, a kill or a crash, it goes on where it stopped\n"
      "  matinee run movies --count 500 --download . --format json\n"
      "  matinee run movies --consumer function --groups 100\n"
      "  matinee run movies --cloud aws --profile my-profile --region eu-central-1\n\n"
      "Exit codes: 0 stored and verified, 1 failed or something differs, 2 wrong usage,\n"
      "130 stopped by Ctrl-C.");
  app->callback([app, &surroundings, &command, options] {
    for (const char* place : {"--queue", "--table", "--bucket"})
      options->names_places = options->names_places || app->count(place) > 0;
    command = [&surroundings, options] { return run_movies(surroundings, *options); };
  });
}

}  // namespace matinee::cli
