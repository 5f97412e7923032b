// `matinee logs`: what a function, or anybody else, has written to a log group; and what comes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <map>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/log_text.h"
#include "cli/option_values.h"
#include "client/json_text.h"
#include "jobs/publish/options.h"
#include "jobs/report.h"
#include "lambda/client.h"
#include "logs/client.h"

namespace matinee::cli {
namespace {

constexpr runtime::Duration looked_back = std::chrono::hours(1);
/// AWS takes in events late, and not in the order of their times.
constexpr std::int64_t overlap_milliseconds = 10'000;

struct LogsCommand {
  std::string name;
  std::optional<std::string> filter;
  std::string since;
  std::size_t limit = 0;  // 0: all
  std::string format = "text";
  bool follow = false;
  CloudChoice cloud;
  runtime::Time start{};
};

/// A log group, and what to say where it is not there.
struct Group {
  std::string name;  // or ARN
  bool is_of_function = false;
};

bool is_not_found(const protocol::ServiceError& error) {
  return error.code() == "ResourceNotFoundException" || error.name() == "ResourceNotFoundException";
}

/// A function's is the one that its configuration names. What is no function is taken for a group.
runtime::Task<Group> find_group(const lambda::Client& functions, std::string name) {
  constexpr std::string_view arn_of_logs = ":logs:";
  if (name.starts_with('/') || name.contains(arn_of_logs)) {
    if (name.ends_with(":*")) name.resize(name.size() - 2);
    co_return Group{.name = std::move(name)};
  }
  bool is_function = true;
  lambda::GetFunctionConfigurationResponse function;
  try {
    function = co_await functions.get_function_configuration({.function_name = name});
  } catch (const protocol::ServiceError& error) {
    // Names of groups may have letters that those of functions have not.
    if (!is_not_found(error) && error.code() != "ValidationException") throw;
    is_function = false;
  }
  if (!is_function) co_return Group{.name = std::move(name)};
  const auto& logging = function.logging_config;
  co_return Group{.name = logging && logging->log_group
                              ? *logging->log_group
                              : "/aws/lambda/" + function.function_name.value_or(name),
                  .is_of_function = true};
}

/// Reads a group from one time on, and again from where it has come to.
class Reader {
 public:
  Reader(Surroundings& surroundings, const LogsCommand& command, const logs::Client& logs,
         Group group)
      : surroundings_(surroundings),
        command_(command),
        logs_(logs),
        group_(std::move(group)),
        from_(runtime::to_milliseconds(command.start)) {}

  /// Prints what there is that has not been printed. Throws JobError where there is no such group.
  runtime::Task<std::size_t> read() {
    logs::FilterLogEventsRequest request{.start_time = from_, .filter_pattern = command_.filter};
    (group_.name.starts_with("arn:") ? request.log_group_identifier : request.log_group_name) =
        group_.name;
    std::size_t count = 0;
    do {
      std::optional<logs::FilterLogEventsResponse> page = co_await read_page(request);
      if (!page) co_return count;
      count += take(page->events.value_or(std::vector<logs::FilteredLogEvent>()));
      request.next_token = std::move(page->next_token);
    } while (request.next_token);
    print_last();
    from_ = std::max(from_, newest_ - overlap_milliseconds);
    std::erase_if(printed_, [&](const auto& event) { return event.second < from_; });
    co_return count;
  }

  /// Until it is interrupted. The longer nothing comes, the rarer it asks.
  runtime::Task<> follow() {
    const bool is_here = !surroundings_is_aws();
    const runtime::Duration shortest = std::chrono::milliseconds(is_here ? 250 : 1000);
    const runtime::Duration longest = std::chrono::seconds(is_here ? 2 : 5);
    runtime::Duration pause = shortest;
    runtime::Clock& clock = surroundings_.runtime.clock;
    for (;;) {
      pause = co_await read() > 0 ? shortest : std::min(2 * pause, longest);
      co_await runtime::sleep_until(clock, clock.now() + pause);
    }
  }

 private:
  Surroundings& surroundings_;
  const LogsCommand& command_;
  const logs::Client& logs_;
  Group group_;
  std::int64_t from_;
  std::int64_t newest_ = 0;
  std::map<std::string, std::int64_t> printed_;  // ids of events, and their times
  std::deque<logs::FilteredLogEvent> last_;      // with --limit

  bool surroundings_is_aws() const { return command_.cloud.cloud == "aws"; }

  /// Nothing where a function has written nothing yet.
  runtime::Task<std::optional<logs::FilterLogEventsResponse>> read_page(
      const logs::FilterLogEventsRequest& request) {
    try {
      co_return co_await logs_.filter_log_events(request);
    } catch (const protocol::ServiceError& error) {
      if (!is_not_found(error)) throw;
      if (!group_.is_of_function)
        throw jobs::JobError(fmt::format("There is no function and no log group called \"{}\".",
                                         jobs::shortened(group_.name)));
    }
    co_return std::nullopt;
  }

  /// Those of one page, which are of all streams; how many of them are new.
  std::size_t take(std::vector<logs::FilteredLogEvent> events) {
    std::vector<std::pair<std::int64_t, std::size_t>> order;  // time, place
    for (std::size_t i = 0; i < events.size(); ++i)
      order.emplace_back(events[i].timestamp.value_or(0), i);
    std::ranges::sort(order);
    std::string text;
    std::size_t count = 0;
    for (const auto& [time, place] : order) {
      logs::FilteredLogEvent& event = events[place];
      // AWS takes events of the next two hours: they must not hide what comes before their time.
      newest_ = std::max(newest_, std::min(time, event.ingestion_time.value_or(time)));
      if (command_.follow && event.event_id && !printed_.emplace(*event.event_id, time).second)
        continue;
      ++count;
      if (command_.limit == 0) {
        text += line_of(event);
        continue;
      }
      last_.push_back(std::move(event));
      if (last_.size() > command_.limit) last_.pop_front();
    }
    if (!text.empty()) surroundings_.terminal.out(text);
    return count;
  }

  void print_last() {
    std::string text;
    for (const logs::FilteredLogEvent& event : last_) text += line_of(event);
    last_.clear();
    if (!text.empty()) surroundings_.terminal.out(text);
  }

  std::string line_of(const logs::FilteredLogEvent& event) const {
    return command_.format == "json" ? client::to_json(logs::FilteredLogEvent::shape, &event) + "\n"
                                     : log_line(event, surroundings_.terminal.shows_colours());
  }
};

/// How many events there were.
runtime::Task<std::size_t> read_logs(Surroundings& surroundings, const LogsCommand& command,
                                     client::Channel& channel) {
  const lambda::Client functions(channel);
  const logs::Client logs(channel);
  Reader reader(surroundings, command, logs, co_await find_group(functions, command.name));
  if (command.follow) co_await reader.follow();
  co_return co_await reader.read();
}

int print_logs(Surroundings& surroundings, LogsCommand& command) {
  const runtime::Time now = surroundings.runtime.clock.now();
  command.start = now - looked_back;
  if (!command.since.empty()) {
    const auto since = jobs::publish::find_time(command.since, now);
    if (!since)
      return refuse_usage(surroundings,
                          "--since must be a date, a time such as 2024-02-29T12:00:00Z, or how "
                          "long ago, such as 15m, 2h or 7d.");
    command.start = *since;
  }
  return ask_channel<std::size_t>(
      surroundings, command.cloud,
      [&](client::Channel& channel) { return read_logs(surroundings, command, channel); },
      [&](std::size_t count) {
        if (count == 0 && command.format == "text")
          surroundings.terminal.error(fmt::format(
              "{} has written nothing{} {}.\n", command.name, command.filter ? " that matches" : "",
              command.since.empty() ? "in the last hour (--since 7d looks further back)"
                                    : "since then"));
        return static_cast<int>(done);
      });
}

}  // namespace

void add_logs(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "logs", "Print what a Lambda function or others have logged");
  auto options = std::make_shared<LogsCommand>();
  app->add_option("FUNCTION|GROUP", options->name,
                  "Name or ARN of a function, whose log group its configuration names; or of a "
                  "log group")
      ->required();
  app->add_flag("--follow", options->follow,
                "Go on with what is written from now on, until Ctrl-C");
  app->add_option("--filter", options->filter,
                  "Only events that match: words, \"a text\", or { $.level = \"ERROR\" }, as "
                  "CloudWatch Logs has it")
      ->type_name("PATTERN");
  app->add_option("--since", options->since,
                  "Only what was written since then: 2024-02-29, 2024-02-29T12:00:00Z, or how long "
                  "ago: 15m, 2h, 7d (default: 1h)")
      ->type_name("TIME");
  take_number(*app->add_option("--limit", options->limit, "Only the last of them"), 1, 1'000'000);
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or an event a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->footer(
      "Examples:\n"
      "  matinee logs hello --follow\n"
      "  matinee logs hello --filter ERROR --since 2h\n"
      "  matinee logs /aws/lambda/hello --cloud aws --limit 20");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return print_logs(surroundings, *options); };
  });
}

}  // namespace matinee::cli
