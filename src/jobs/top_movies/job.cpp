#include "jobs/top_movies/job.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "events/client.h"
#include "insight/client.h"
#include "jobs/top_movies/verifier.h"
#include "lambda/client.h"
#include "logs/client.h"
#include "runtime/later_clock.h"
#include "runtime/movable_clock.h"
#include "s3/client.h"
#include "schedules/schedule.h"
#include "sqs/client.h"
#include "ssm/client.h"

namespace matinee::jobs::top_movies {

namespace {

constexpr std::size_t films_a_day = 10;

/// "1-6b0d10e0-..." of "Root=1-6b0d10e0-...;Parent=...".
std::string root_of(std::string_view trace) {
  constexpr std::string_view name = "Root=";
  const std::size_t start = trace.find(name);
  if (start == std::string_view::npos) return "";
  trace.remove_prefix(start + name.size());
  return std::string(trace.substr(0, trace.find(';')));
}

class Pipeline {
 public:
  Pipeline(TopMoviesOptions options, deploy::DeploySurroundings surroundings)
      : options_(std::move(options)),
        around_(surroundings),
        clock_(runtime::real_clock(surroundings.runtime.clock)),
        s3_(surroundings.channel),
        insight_(surroundings.channel) {
    summary_.via = options_.via;
    summary_.cli_arguments = options_.cli_arguments;
    summary_.look_first = options_.look_first;
  }

  runtime::Task<TopMoviesSummary> run() {
    const runtime::Time started = clock_.now();
    co_await deploy_template();
    if (summary_.deployment.succeeded()) {
      co_await put_list();
      co_await put_key();
      begun_ = co_await time_there();
      if (options_.day.empty())
        co_await let_the_day_come();
      else
        co_await call_for_the_day();
      co_await wait_for_file();
      co_await verify();
      if (options_.has_journal) co_await find_journey();
    }
    summary_.seconds = std::chrono::duration<double>(clock_.now() - started).count();
    co_return std::move(summary_);
  }

 private:
  TopMoviesOptions options_;
  deploy::DeploySurroundings around_;
  runtime::Clock& clock_;
  s3::Client s3_;
  insight::Client insight_;
  TopMoviesSummary summary_;
  runtime::Time begun_{};  // by the cloud's clock

  std::string output(std::string_view name) const {
    for (const deploy::StackOutput& output : summary_.deployment.outputs)
      if (output.name == name) return output.value;
    throw JobError(fmt::format("The template has no output {}.", name));
  }

  std::string key_parameter() const {
    return fmt::format("/{}/omdb-key", options_.deployment.stack);
  }

  runtime::Task<> deploy_template() {
    auto& parameters = options_.deployment.parameters;
    parameters["Via"] = options_.via;
    parameters["Name"] = options_.deployment.stack;
    parameters["OmdbKeyParameter"] = key_parameter();
    parameters["OmdbUrl"] = options_.omdb_url;
    summary_.deployment = co_await deploy::deploy(options_.deployment, around_);
    if (summary_.deployment.succeeded()) summary_.bucket = output("Bucket");
  }

  /// Only where it is another, so that no new version is made of the same.
  runtime::Task<> put_list() {
    const std::string bucket = output("ListBucket");
    const std::string key = output("ListKey");
    if (bucket != summary_.bucket) co_return;  // somebody else's
    try {
      const auto object = co_await s3_.get_object({.bucket = bucket, .key = key});
      if (object.body.bytes == options_.list) co_return;
    } catch (const protocol::ServiceError& error) {
      if (error.status() != 404) throw;
    }
    s3::PutObjectRequest request{.body = protocol::Body(std::string(options_.list)),
                                 .bucket = bucket};
    request.key = key;
    request.content_type = "application/json";
    co_await s3_.put_object(std::move(request));
  }

  /// A SecureString under the key of the stack, which no template can make.
  runtime::Task<> put_key() {
    const ssm::Client ssm(around_.channel);
    const std::string name = key_parameter();
    std::string there;
    try {
      const auto answer = co_await ssm.get_parameter({.name = name, .with_decryption = true});
      if (answer.parameter) there = answer.parameter->value.value_or("");
    } catch (const protocol::ServiceError& error) {
      // Also where the KMS key that it was put under is gone with another stack of that name.
      if (error.status() != 400) throw;
    }
    if (!there.empty() && (options_.omdb_key.empty() || there == options_.omdb_key)) co_return;
    if (options_.omdb_key.empty())
      throw JobError(
          "OMDb wants an API key: put it into a file for --omdb-key-file, or into $OMDB_API_KEY.");
    co_await ssm.put_parameter({.name = name,
                                .description = "API key of OMDb",
                                .value = options_.omdb_key,
                                .type = "SecureString",
                                .key_id = output("KeyArn"),
                                .overwrite = true});
    around_.listener.note(fmt::format("Put OMDb's key into the parameter {}.", name));
  }

  runtime::Task<runtime::Time> time_there() const {
    if (!options_.has_journal) co_return runtime::wall_time(clock_);
    const auto clock = co_await insight_.get_clock({});
    co_return clock.now.value_or(clock_.now());
  }

  /// Moves the cloud's clock to the next time of the rule, which then calls the first function.
  runtime::Task<> let_the_day_come() {
    const events::Client events(around_.channel);
    const auto rule = co_await events.describe_rule({.name = output("Rule")});
    const std::string expression = rule.schedule_expression.value_or("");
    const auto schedule = schedules::Schedule::parse(expression, schedules::Grammar::rule);
    const auto next = schedule && schedule->is_cron() && rule.state == "ENABLED"
                          ? schedule->next_after(begun_, begun_)
                          : std::nullopt;
    if (!next)
      throw JobError(
          fmt::format("Nobody knows when the rule \"{}\" ({}) comes next; --day calls for a day.",
                      expression, rule.state.value_or("")));
    summary_.day = fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(*next));
    const std::string goal =
        fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(*next));
    around_.listener.note(fmt::format("Moving the clock to {}, the rule's next time.", goal));
    runtime::Time now = begun_;
    while (now < *next) {
      const auto moved = co_await insight_.move_clock({.set = goal});
      now = moved.now.value_or(*next);
    }
  }

  runtime::Task<> call_for_the_day() {
    summary_.day = options_.day;
    summary_.was_there = (co_await find_file()).has_value();
    lambda::InvokeRequest request{.function_name = output("GetFunction")};
    request.payload = protocol::Blob(fmt::format(R"({{"day":"{}"}})", options_.day));
    const auto answer = co_await lambda::Client(around_.channel).invoke(std::move(request));
    if (answer.function_error)
      throw JobError(fmt::format("The function {} fails: {}", output("GetFunction"),
                                 answer.payload ? answer.payload->bytes : ""));
  }

  std::string file_key() const {
    return fmt::format("{}{}.json", output("OutputPrefix"), summary_.day);
  }

  runtime::Task<std::optional<s3::GetObjectResponse>> find_file() {
    try {
      co_return co_await s3_.get_object({.bucket = summary_.bucket, .key = file_key()});
    } catch (const protocol::ServiceError& error) {
      if (error.status() != 404) throw;
    }
    co_return std::nullopt;
  }

  /// Until the file is there, and a moment more while messages are left: one of another day that
  /// has failed before may be hidden for minutes.
  runtime::Task<> wait_for_file() {
    const runtime::Time end = clock_.now() + options_.patience;
    deploy::Pause pause(clock_, options_.deployment.pace);
    std::optional<runtime::Time> seen;
    for (;;) {
      if (!seen && co_await find_file()) seen = clock_.now();
      if (seen && (clock_.now() > *seen + std::chrono::seconds(2) || !co_await has_messages()))
        co_return;
      if (const std::string trouble = co_await find_trouble(); !trouble.empty())
        throw JobError(fmt::format("The day {} is not written: {}", summary_.day, trouble));
      if (clock_.now() > end)
        throw JobError(fmt::format(
            "The day {} is not written yet. `matinee logs {}` and `matinee logs {}` tell more.",
            summary_.day, output("GetFunction"), output("EnrichFunction")));
      co_await pause.wait();
    }
  }

  runtime::Task<bool> has_messages() const {
    sqs::GetQueueAttributesRequest request{.queue_url = output("QueueUrl")};
    request.attribute_names.emplace().push_back("All");
    const auto answer = co_await sqs::Client(around_.channel).get_queue_attributes(request);
    if (!answer.attributes) co_return false;
    for (const char* name :
         {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}) {
      const auto found = answer.attributes->find(name);
      if (found != answer.attributes->end() && found->second != "0") co_return true;
    }
    co_return false;
  }

  /// The first line of a function's log that tells of an error, since the run began.
  runtime::Task<std::string> find_trouble() const {
    for (const std::string& function : {output("GetFunction"), output("EnrichFunction")}) {
      logs::FilterLogEventsRequest request{.log_group_name = "/aws/lambda/" + function};
      request.start_time = runtime::to_milliseconds(begun_);
      request.filter_pattern = "ERROR";
      const auto answer = co_await logs::Client(around_.channel).filter_log_events(request);
      if (!answer.events || answer.events->empty()) continue;
      std::string line = answer.events->front().message.value_or("");
      // What stands before the message: time, request, level.
      if (const std::size_t tab = line.rfind('\t'); tab != std::string::npos)
        line.erase(0, tab + 1);
      while (line.ends_with('\n')) line.pop_back();
      co_return line;
    }
    co_return "";
  }

  runtime::Task<> verify() {
    const auto object = co_await find_file();
    summary_.key = file_key();
    summary_.version = object->version_id.value_or("");
    summary_.encryption = object->server_side_encryption.value_or("");
    summary_.films = read_day(object->body.bytes, summary_.day, summary_.faults);
    compare(summary_.films, expected_films(options_.list, films_a_day), summary_.faults);
    if (summary_.version.empty() || summary_.version == "null")
      summary_.faults.emplace_back("The file has no version.");
    if (summary_.encryption.empty()) summary_.faults.emplace_back("The file is not encrypted.");
    co_await check_versions();
    co_await check_privacy();
  }

  /// A day is written once, however often it comes.
  runtime::Task<> check_versions() {
    const auto answer =
        co_await s3_.list_object_versions({.bucket = summary_.bucket, .prefix = summary_.key});
    const std::size_t versions = answer.versions ? answer.versions->size() : 0;
    if (versions != 1)
      summary_.faults.push_back(fmt::format("The file was written {} times.", versions));
  }

  runtime::Task<> check_privacy() {
    const auto answer = co_await s3_.get_public_access_block({.bucket = summary_.bucket});
    const auto& block = answer.public_access_block_configuration;
    summary_.is_private = block && block->block_public_acls.value_or(false) &&
                          block->block_public_policy.value_or(false) &&
                          block->ignore_public_acls.value_or(false) &&
                          block->restrict_public_buckets.value_or(false);
    if (!summary_.is_private) summary_.faults.emplace_back("The bucket may be made public.");
  }

  /// What happened to the message of the day, from the function that sent it to its end.
  runtime::Task<> find_journey() {
    const auto queue = co_await insight_.trace({.queue = output("QueueUrl"), .since = begun_});
    if (!queue.hops) co_return;
    for (const insight::Hop& hop : *queue.hops) {
      const std::string root = root_of(hop.trace.value_or(""));
      if (root.empty()) continue;
      const auto whole = co_await insight_.trace({.id = root});
      summary_.journey = whole.hops.value_or(std::vector<insight::Hop>());
      co_return;
    }
  }
};

}  // namespace

runtime::Task<TopMoviesSummary> run(TopMoviesOptions options,
                                    deploy::DeploySurroundings surroundings) {
  Pipeline pipeline(std::move(options), surroundings);
  co_return co_await pipeline.run();
}

}  // namespace matinee::jobs::top_movies
