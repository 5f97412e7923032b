// `matinee publish`: from options to exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/cloud_options.h"
#include "cli/commands.h"
#include "cli/job_telling.h"
#include "cli/option_values.h"
#include "cli/publish_report.h"
#include "jobs/publish/job.h"

namespace matinee::cli {
namespace {

using jobs::publish::InDoubt;
using jobs::publish::PublishOptions;
using jobs::publish::PublishSummary;

struct PublishCommand {
  PublishOptions job;
  CloudChoice cloud;
  std::uint64_t limit = 0;        // zero for none
  std::uint64_t concurrency = 0;  // zero for the default
  std::string in_doubt = "send";
  std::string format = "text";
  std::string log = "text";
  jobs::publish::StopRequest stop;
  int signal = 0;  // that asked it to stop
};

void add_selection(CLI::App& app, PublishCommand& command) {
  PublishOptions& job = command.job;
  app.add_option("BUCKET", job.bucket, "S3 bucket whose objects are published")->required();
  app.add_option("QUEUE_URL", job.queue,
                 "SQS queue, by its URL or name; a FIFO queue if it ends "
                 "in .fifo")
      ->required();
  app.add_option("--prefix", job.prefix, "Only keys that begin so")->type_name("TEXT");
  app.add_option("--suffix", job.suffix, "Only keys that end so")->type_name("TEXT");
  app.add_option("--since", job.since_text,
                 "Only objects modified since then: 2024-02-29, 2024-02-29T12:00:00Z, or how long "
                 "ago: 15m, 2h, 7d")
      ->type_name("TIME");
  take_number(*app.add_option("--limit", command.limit, "Publish at most so many objects"), 1);
  app.add_flag("--again", job.again, "Publish everything anew, whatever the ledger says");
}

void add_ways(CLI::App& app, PublishCommand& command) {
  PublishOptions& job = command.job;
  take_number(*app.add_option("--groups", job.groups, "Message groups of a FIFO queue")
                   ->capture_default_str(),
              1, 1000);
  take_number(*app.add_option("--concurrency", command.concurrency,
                              "Ranges listed, and batches sent, at the same time (default: 16, on "
                              "the embedded cloud 4)"),
              1, 256);
  take_one_of(*app.add_option("--in-doubt", command.in_doubt,
                              "Messages that were being sent when a run was killed, too long ago "
                              "for the queue to drop a repetition")
                   ->capture_default_str(),
              {"send", "skip"});
  app.add_option("--ledger", job.ledger_base,
                 "Where it is kept what is published (default: publish in the embedded cloud's "
                 "data directory, $XDG_DATA_HOME/matinee-publish for others)")
      ->type_name("DIR");
  app.add_flag("--dry-run", job.dry_run, "Send nothing, and say how much would be sent");
  take_one_of(*app.add_option("--format", command.format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
  take_one_of(*app.add_option("--log", command.log,
                              "Standard error for people, or a JSON object a line for programs")
                   ->capture_default_str(),
              {"text", "json"});
}

struct Outcome {
  std::optional<PublishSummary> summary;
  std::string failure;
  bool is_cut_short = false;  // by a second signal
};

/// Passes on what it hears, and knows what that was last.
class Watched final : public jobs::publish::PublishListener {
 public:
  explicit Watched(jobs::publish::PublishListener& listener) : listener_(listener) {}

  void progress(const jobs::publish::Progress& progress) override {
    last_ = progress;
    listener_.progress(progress);
  }
  void note(const std::string& sentence) override { listener_.note(sentence); }
  void warn(const std::string& sentence) override { listener_.warn(sentence); }

  const jobs::publish::Progress& last() const { return last_; }

 private:
  jobs::publish::PublishListener& listener_;
  jobs::publish::Progress last_;
};

JobEnd end_of(const PublishCommand& command, const PublishSummary& summary) {
  const JobState otherwise = command.signal != 0 ? JobState::stopped : JobState::failed;
  return {.state = summary.succeeded() ? JobState::done : otherwise, .summary = to_text(summary)};
}

Outcome run_job(Surroundings& surroundings, const PublishCommand& command, Connection& connection,
                jobs::publish::PublishListener& listener) {
  runtime::Loop& loop = surroundings.runtime.loop;
  Watched watched(listener);
  JobTelling telling(
      surroundings, connection,
      {.kind = "publish",
       .name = fmt::format("{} to {}", command.job.bucket, command.job.queue),
       .unit = "objects"},
      [&watched](runtime::Duration elapsed) { return told_progress(watched.last(), elapsed); });
  const jobs::publish::Clients clients{.sqs = sqs::Client(connection.channel()),
                                       .s3 = s3::Client(connection.channel())};
  Outcome outcome;
  loop.post([&] {
    runtime::start(told(telling,
                        jobs::publish::run(command.job, clients,
                                           {surroundings.runtime, watched, command.stop}),
                        [&](const PublishSummary& summary) { return end_of(command, summary); }),
                   [&](std::optional<PublishSummary> summary, const std::exception_ptr& error) {
                     outcome.summary = std::move(summary);
                     try {
                       if (error) std::rethrow_exception(error);
                     } catch (const std::exception& failure) {
                       outcome.failure = failure.what();
                     }
                     loop.stop();
                   });
  });
  loop.run();
  if (outcome.summary || !outcome.failure.empty()) return outcome;
  // Whatever the job comes to while the last word is told.
  telling.end_stopped();
  return {.summary = {}, .failure = {}, .is_cut_short = true};
}

/// There is nothing to wait for on the way to an embedded cloud; more would only take memory.
constexpr std::uint64_t embedded_concurrency = 4;

constexpr std::string_view how_to_go_on =
    "Stopped; what is published is kept in the ledger. The same command goes on.";

/// Says how it went, in the form that was asked for, and gives the exit code.
int report(Surroundings& surroundings, const PublishCommand& command, const Outcome& outcome) {
  PublishLog log(surroundings.terminal, surroundings.runtime.clock);
  const bool logs_json = command.log == "json";
  const bool is_stopped = outcome.is_cut_short || (outcome.summary && outcome.summary->stopped);
  if (!outcome.failure.empty()) {
    if (!logs_json) return fail(surroundings, outcome.failure);
    log.error(outcome.failure);
    return failed;
  }
  if (logs_json) {
    if (is_stopped) log.warn(std::string(how_to_go_on));
    if (outcome.summary) log.finished(*outcome.summary);
  } else if (is_stopped) {
    surroundings.terminal.error(fmt::format("{}\n", how_to_go_on));
  }
  // The job's coroutines must not go on while what they work with is taken apart.
  if (outcome.is_cut_short) std::quick_exit(stopped_by(command.signal));
  surroundings.terminal.out(command.format == "json" ? to_json(*outcome.summary)
                                                     : to_text(*outcome.summary));
  if (is_stopped) return stopped_by(command.signal);
  return outcome.summary->succeeded() ? done : failed;
}

/// A cloud's ledgers go with its data: a new embedded cloud has published nothing, and removing one
/// must not make AWS's bucket be published anew.
void place_ledger(const Surroundings& surroundings, PublishCommand& command) {
  PublishOptions& job = command.job;
  const bool is_embedded = command.cloud.cloud == "embedded";
  job.cloud_id = command.cloud.cloud;
  if (!job.ledger_base.empty()) {
    job.ledger_base = data_directory(surroundings, job.ledger_base);
    if (is_embedded) job.cloud_id = "embedded in " + command.cloud.directory;
  } else if (is_embedded) {
    job.ledger_base = command.cloud.directory + "/publish";
  } else {
    job.ledger_base = data_directory(surroundings, "") + "-publish";
  }
}

/// What is wrong with the options, as a sentence; completes them where nothing is.
std::string complete(const Surroundings& surroundings, PublishCommand& command) {
  PublishOptions& job = command.job;
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  place_ledger(surroundings, command);
  if (command.limit > 0) job.limit = command.limit;
  if (command.cloud.cloud == "embedded") job.concurrency = embedded_concurrency;
  if (command.concurrency > 0) job.concurrency = command.concurrency;
  job.in_doubt = command.in_doubt == "skip" ? InDoubt::skip : InDoubt::send;
  if (!job.since_text.empty()) {
    job.since = jobs::publish::find_time(job.since_text, surroundings.runtime.clock.now());
    if (!job.since)
      return fmt::format(
          "--since must be a date, a time such as 2024-02-29T12:00:00Z, or how long ago, such as "
          "15m, 2h or 7d, and \"{}\" is not.",
          jobs::shortened(job.since_text));
  }
  if (std::string fault = find_option_fault(job); !fault.empty()) return fault;
  return find_cloud_fault(command.cloud);
}

int publish(Surroundings& surroundings, PublishCommand& command) {
  if (const std::string fault = complete(surroundings, command); !fault.empty())
    return refuse_usage(surroundings, fault);
  surroundings.on_stop_signal([&surroundings, &command](int signal) {
    command.signal = signal;
    if (std::exchange(command.stop.is_made, true)) surroundings.runtime.loop.stop();
  });
  surroundings.save_memory();
  command.cloud.has_small_store = true;
  auto connection = connect(surroundings, command.cloud);
  if (!connection)
    return report(surroundings, command, {.summary = {}, .failure = connection.error()});
  command.job.region = (*connection)->region();
  command.job.cloud = (*connection)->name();
  command.job.server_url = (*connection)->url();
  Outcome outcome;
  if (command.log == "json") {
    PublishLog log(surroundings.terminal, surroundings.runtime.clock);
    outcome = run_job(surroundings, command, **connection, log);
  } else {
    PublishBar bar(surroundings.terminal, surroundings.runtime.clock, command.format == "json");
    outcome = run_job(surroundings, command, **connection, bar);
  }
  return report(surroundings, command, outcome);
}

}  // namespace

void add_publish(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app =
      add_command(parent, "publish", "Send one message for each object of a bucket to a queue");
  auto options = std::make_shared<PublishCommand>();
  add_selection(*app, *options);
  add_ways(*app, *options);
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee publish my-bucket http://127.0.0.1:4566/000000000000/work.fifo\n"
      "      again after a Ctrl-C or a kill, it goes on; after its end, it publishes\n"
      "      what is new\n"
      "  matinee publish my-bucket work --suffix .json --since 2h --dry-run\n"
      "  matinee publish my-bucket work.fifo --cloud aws --region eu-west-1\n\n"
      "Exit codes: 0 all published, 1 failed or something was refused, 2 wrong usage,\n"
      "130 stopped by Ctrl-C.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return publish(surroundings, *options); };
  });
}

}  // namespace matinee::cli
