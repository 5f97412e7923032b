// `matinee run top-movies`: from options to exit code.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "cli/commands.h"
#include "cli/deploy_options.h"
#include "cli/deploy_report.h"
#include "cli/job_call.h"
#include "cli/job_telling.h"
#include "cli/omdb_server.h"
#include "cli/option_values.h"
#include "cli/own_templates.h"
#include "cli/top_movies_report.h"
#include "jobs/report.h"
#include "jobs/top_movies/job.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {
namespace {

using jobs::top_movies::TopMoviesOptions;
using jobs::top_movies::TopMoviesSummary;

constexpr std::string_view template_name = "templates/top-movies/template.yaml";
constexpr std::string_view omdb_of_everybody = "https://www.omdbapi.com/";
/// The stand-in's own, if it is free: what is deployed names it, and need not be changed next time.
constexpr std::uint16_t stand_in_port = 4560;
constexpr runtime::Duration patience_at_aws = std::chrono::minutes(10);

struct TopMoviesCommand {
  TopMoviesOptions job;
  std::string omdb;
  std::string key_file;
  std::string template_path;
  std::vector<std::string> parameters;
  bool make_bucket = false;
  std::string format = "text";
  CloudChoice cloud;
  std::unique_ptr<OmdbServer> stand_in;
};

/// A sentence where something is missing.
std::string find_missing(const Surroundings& surroundings, const std::string& template_path) {
  if (template_path.empty())
    return fmt::format(
        "There is no {} here or above; name it with --template, as it is in Matinee's sources.",
        template_name);
  // Templates of others name what they like.
  if (!template_path.ends_with(template_name) && surroundings.runtime.disk.exists(template_path))
    return "";
  return find_missing_template(surroundings, template_path, "enrich_movies");
}

/// The first line of a file, of standard input, or of $OMDB_API_KEY.
std::expected<std::string, std::string> read_key(Surroundings& surroundings,
                                                 const std::string& file) {
  std::string text;
  if (file.empty()) {
    text = surroundings.runtime.environment.find("OMDB_API_KEY").value_or("");
  } else if (file == "-") {
    text = surroundings.terminal.input();
  } else {
    auto content = surroundings.runtime.disk.read(absolute_path(surroundings, file));
    if (!content)
      return std::unexpected(fmt::format("--omdb-key-file: {}.", content.error().message));
    text = std::move(*content);
  }
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty() && !file.empty())
    return std::unexpected("--omdb-key-file: there is no key in it.");
  return text;
}

bool is_day(const std::string& text) {
  if (text.size() != std::string_view("2026-01-01").size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 4 || i == 7;
    if (is_dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  const std::chrono::year_month_day day(std::chrono::year(std::stoi(text.substr(0, 4))),
                                        std::chrono::month(std::stoul(text.substr(5, 2))),
                                        std::chrono::day(std::stoul(text.substr(8, 2))));
  return day.ok();
}

std::string today(const Surroundings& surroundings) {
  return fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(
                                  runtime::real_clock(surroundings.runtime.clock).now()));
}

/// What is wrong with the options, as a sentence; completes them where nothing is.
std::string complete(Surroundings& surroundings, TopMoviesCommand& command) {
  if (std::string fault = find_cloud_fault(command.cloud); !fault.empty()) return fault;
  const bool local = is_local(command.cloud);
  TopMoviesOptions& job = command.job;
  auto& deployment = job.deployment;
  if (std::string fault = find_option_fault(deployment); !fault.empty()) return fault;
  auto parameters = read_pairs(command.parameters, "--parameter");
  if (!parameters) return parameters.error();
  deployment.parameters = std::move(*parameters);
  deployment.capabilities = {"CAPABILITY_IAM"};
  deployment.pace = pace_for(command.cloud);
  deployment.bucket.create = command.make_bucket || local;
  if (!job.day.empty() && !is_day(job.day)) return "--day must be a day such as 2026-01-31.";
  if (command.omdb.empty()) command.omdb = local ? "stand-in" : omdb_of_everybody;
  const bool has_stand_in = command.omdb == "stand-in";
  if (has_stand_in && !local)
    return "The stand-in for OMDb is on this machine, which functions elsewhere do not reach; give "
           "--omdb URL.";
  if (!has_stand_in && !command.omdb.starts_with("http://") &&
      !command.omdb.starts_with("https://"))
    return "--omdb must be stand-in or a URL such as https://www.omdbapi.com/.";
  auto key = read_key(surroundings, command.key_file);
  if (!key) return key.error();
  job.omdb_key = has_stand_in && key->empty() ? "stand-in" : std::move(*key);
  job.omdb_url = command.omdb;
  job.list = omdb::film_list();
  // Only its own clock can be moved.
  job.has_journal = local;
  if (!local && job.day.empty()) job.day = today(surroundings);
  if (!local) job.patience = patience_at_aws;
  return "";
}

std::expected<void, std::string> start_stand_in(Surroundings& surroundings,
                                                TopMoviesCommand& command) {
  if (command.omdb != "stand-in") return {};
  for (const std::uint16_t port : {stand_in_port, std::uint16_t{0}}) {
    command.stand_in =
        std::make_unique<OmdbServer>(surroundings, std::vector<std::string>(),
                                     gateway::ListenAddress{.address = "127.0.0.1", .port = port});
    const auto started = command.stand_in->start();
    if (!started && port == 0) return started;
    if (!started) continue;
    command.job.omdb_url = command.stand_in->url();
    break;
  }
  return {};
}

/// Passes on what it hears, and knows what goes on.
class Watched final : public jobs::deploy::StackListener {
 public:
  explicit Watched(jobs::deploy::StackListener& listener) : listener_(listener) {}

  void note(const std::string& sentence) override {
    doing_ = sentence;
    changing_.reset();  // the stack is not yet, or no longer, what goes on
    listener_.note(sentence);
  }
  void warn(const std::string& sentence) override { listener_.warn(sentence); }
  void changes(const std::vector<jobs::deploy::ResourceChange>& changes) override {
    changing_ = changes.size();
    changed_.clear();
    listener_.changes(changes);
  }
  void event(const jobs::deploy::StackEvent& event) override {
    if (!event.is_stack && event.is_over()) changed_.insert(event.name);
    doing_ = fmt::format("{}: {}", event.name, event.status);
    listener_.event(event);
  }

  JobProgress progress() const {
    if (!changing_) return {.doing = doing_};
    return {
        .done = changed_.size(), .total = std::max(*changing_, changed_.size()), .doing = doing_};
  }

 private:
  jobs::deploy::StackListener& listener_;
  std::string doing_ = "Preparing";
  std::optional<std::size_t> changing_;  // resources
  std::set<std::string> changed_;
};

JobEnd end_of(const TopMoviesSummary& summary) {
  return {.state = summary.verified() ? JobState::done : JobState::failed,
          .summary = to_text(summary)};
}

int run_top_movies(Surroundings& surroundings, TopMoviesCommand& command) {
  if (const std::string fault = complete(surroundings, command); !fault.empty())
    return refuse_usage(surroundings, fault);
  std::string& path = command.job.deployment.template_path;
  path = command.template_path.empty() ? find_own_template(surroundings, template_name)
                                       : absolute_path(surroundings, command.template_path);
  if (const std::string missing = find_missing(surroundings, path); !missing.empty())
    return fail(surroundings, missing);
  const bool json = command.format == "json";
  StackProgress progress(surroundings.terminal, runtime::real_clock(surroundings.runtime.clock),
                         json, StackProgress::Table::left_out);
  command.cloud.runs_functions = true;
  Watched watched(progress);
  const auto work = [&](Connection& connection) -> runtime::Task<TopMoviesSummary> {
    if (const auto standing_in = start_stand_in(surroundings, command); !standing_in)
      throw jobs::JobError(standing_in.error());
    command.job.deployment.region = connection.region();
    command.job.cloud = connection.name();
    command.job.cli_arguments = connection.cli_arguments();
    command.job.look_first = connection.look_first();
    try {
      co_return co_await jobs::top_movies::run(
          command.job, {connection.channel(), surroundings.runtime, surroundings.folders, watched});
    } catch (const protocol::ServiceError& error) {
      throw jobs::JobError(jobs::sentence_of(error, connection.name()));
    }
  };
  std::optional<JobTelling> telling;
  const auto start = [&](Connection& connection) {
    telling.emplace(
        surroundings, connection,
        JobTelling::Job{
            .kind = "top-movies", .name = command.job.deployment.stack, .unit = "resources"},
        [&watched](runtime::Duration) { return watched.progress(); });
    return told(*telling, work(connection), end_of);
  };
  const auto use = [&](const TopMoviesSummary& summary) {
    surroundings.terminal.out(json ? to_json(summary) : to_text(summary));
    return static_cast<int>(summary.verified() ? done : failed);
  };
  return run_job<TopMoviesSummary>(surroundings, command.cloud,
                                   {"Stopped; everything so far is kept. The same command goes on.",
                                    [&] {
                                      if (telling) telling->end_stopped();
                                    }},
                                   std::pair(start, use));
}

void add_options(CLI::App& app, TopMoviesCommand& command) {
  TopMoviesOptions& job = command.job;
  take_one_of(*app.add_option("--via", job.via,
                              "The way between the functions: a topic in front of a queue, or the "
                              "queue alone")
                   ->capture_default_str(),
              {"sns", "sqs"});
  job.deployment.stack = "top-movies";
  app.add_option("--stack", job.deployment.stack,
                 "Name of the stack, and what all names in it begin with")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--omdb", command.omdb,
                 "Where OMDb answers: inside this program while it runs (the default on this "
                 "machine), or at a URL (default at AWS: https://www.omdbapi.com/)")
      ->type_name("stand-in|URL");
  app.add_option("--omdb-key-file", command.key_file,
                 "File with OMDb's API key, \"-\" for standard input (default: $OMDB_API_KEY, or "
                 "what was put before)")
      ->type_name("FILE");
  app.add_option("--day", job.day,
                 "Call the functions for that day, such as 2026-01-31, instead of moving the clock "
                 "to the rule's next time; at AWS the default is today")
      ->type_name("DAY");
  app.add_option("--parameter", command.parameters,
                 "Value of a further parameter of the template; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--template", command.template_path,
                 "The template (default: templates/top-movies/template.yaml of Matinee's sources)")
      ->type_name("FILE");
  app.add_option("--bucket", job.deployment.bucket.name,
                 "Bucket for the functions' code (default: matinee-artifacts-ACCOUNT-REGION)")
      ->type_name("NAME");
  app.add_flag("--make-bucket", command.make_bucket,
               "Make that bucket where it is missing; on this machine that goes without saying");
  take_one_of(*app.add_option("--format", command.format, "Summary for people or for programs")
                   ->capture_default_str(),
              {"text", "json"});
}

}  // namespace

void add_run_top_movies(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(
      parent, "top-movies",
      "Deploy two functions by a template, let a day pass, and verify the day's ten best films");
  auto options = std::make_shared<TopMoviesCommand>();
  add_options(*app, *options);
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee run top-movies\n"
      "  matinee run top-movies --via sqs --day 2026-01-31 --format json\n"
      "  matinee run top-movies --cloud aws --make-bucket --omdb-key-file key.txt\n\n"
      "Exit codes: 0 written and verified, 1 failed or something differs, 2 wrong usage,\n"
      "130 stopped by Ctrl-C.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_top_movies(surroundings, *options); };
  });
}

}  // namespace matinee::cli
