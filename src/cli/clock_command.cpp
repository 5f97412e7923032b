// `matinee clock`: what time it is in a cloud, and making it later.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "client/json_text.h"

namespace matinee::cli {
namespace {

struct ClockCommand {
  insight::MoveClockRequest move;  // nothing in it: only look
  std::string format = "text";
  CloudChoice cloud;
};

std::string to_text(runtime::Time time) {
  return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(time));
}

/// "3 days 4 hours", by the two largest units.
std::string to_words(runtime::Duration span) {
  struct Unit {
    std::string_view name;
    std::chrono::seconds length;
  };
  constexpr std::array<Unit, 4> units{{{"day", std::chrono::days(1)},
                                       {"hour", std::chrono::hours(1)},
                                       {"minute", std::chrono::minutes(1)},
                                       {"second", std::chrono::seconds(1)}}};
  std::string words;
  int parts = 0;
  auto left = std::chrono::round<std::chrono::seconds>(span);
  for (const auto& [name, length] : units) {
    const auto count = left / length;
    if (parts > 0) ++parts;
    if (count == 0) continue;
    left -= count * length;
    words += fmt::format("{}{} {}{}", words.empty() ? "" : " ", count, name, count == 1 ? "" : "s");
    if (parts == 0) parts = 1;
    if (parts == 2) break;
  }
  return words.empty() ? "0 seconds" : words;
}

std::string describe(const insight::GetClockResponse& clock) {
  const runtime::Time now = clock.now.value_or(runtime::Time());
  const runtime::Duration ahead = now - clock.real_time.value_or(now);
  std::string text = to_text(now);
  if (ahead > std::chrono::seconds(1))
    text += fmt::format(", {} ahead of this machine", to_words(ahead));
  else if (ahead < -std::chrono::seconds(1))
    text += fmt::format(", {} behind this machine", to_words(-ahead));
  if (clock.paused.value_or(false)) text += "; time stands";
  text += "\n";
  if (clock.fired)
    text += fmt::format("{} timer{} ran on the way\n", *clock.fired, *clock.fired == 1 ? "" : "s");
  if (clock.next_timer) text += fmt::format("next timer: {}\n", to_text(*clock.next_timer));
  return text;
}

bool only_looks(const insight::MoveClockRequest& move) {
  return !move.advance && !move.set && !move.action;
}

/// One call moves the clock for some seconds at most, so that a long way is several of them.
runtime::Task<insight::GetClockResponse> run(const insight::Client& client,
                                             insight::MoveClockRequest move) {
  if (only_looks(move)) co_return co_await client.get_clock({});
  insight::GetClockResponse clock = co_await client.move_clock(move);
  while (!clock.complete.value_or(true)) {
    // Replies have whole seconds, and somebody else may have moved it on meanwhile.
    clock.complete = clock.goal && clock.now.value_or(runtime::Time()) >= *clock.goal;
    if (*clock.complete) break;
    if (clock.goal) move = {.set = to_text(*clock.goal)};
    const std::int64_t fired = clock.fired.value_or(0);
    clock = co_await client.move_clock(move);
    clock.fired = clock.fired.value_or(0) + fired;
  }
  co_return clock;
}

int move_clock(Surroundings& surroundings, ClockCommand& command) {
  return ask<insight::GetClockResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return run(client, command.move); },
      [&](const insight::GetClockResponse& clock) {
        surroundings.terminal.out(command.format == "json"
                                      ? client::to_json(insight::GetClockResponse::shape, &clock) +
                                            "\n"
                                      : describe(clock));
        return done;
      });
}

struct Verb {
  const char* name;
  const char* what;
};

}  // namespace

void add_clock(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* clock = add_command(
      parent, "clock",
      "Tell what time it is in the cloud, or make it later: what is due happens at once");
  auto options = std::make_shared<ClockCommand>();
  const auto finish = [&surroundings, &command, options](CLI::App& app) {
    take_one_of(*app.add_option("--format", options->format, "For people, or for programs")
                     ->capture_default_str(),
                {"text", "json"});
    add_cloud_options(app, options->cloud);
    app.callback([&surroundings, &command, options] {
      command = [&surroundings, options] { return move_clock(surroundings, *options); };
    });
  };
  finish(*add_command(*clock, "now", "What time it is, and when the next timer is due"));
  CLI::App* advance =
      add_command(*clock, "advance", "Let time pass; each timer runs at its own time");
  advance->add_option("SPAN", options->move.advance, "90s, 5m, 12h, 1d, 2w, or 1d12h")->required();
  finish(*advance);
  CLI::App* set = add_command(*clock, "set", "Go forward to a time");
  set->add_option("TIME", options->move.set, "2026-12-01, or 2026-12-01T12:00Z")->required();
  finish(*set);
  for (const auto& [name, what] :
       {Verb{"pause", "Let time stand; long polls and signatures go by the machine's clock"},
        Verb{"resume", "Let time pass again, from where it stands"},
        Verb{"next", "Go to the next timer"},
        Verb{"run-until-idle", "Go from timer to timer until nothing is on its way any more"}}) {
    CLI::App* app = add_command(*clock, name, what);
    finish(*app);
    app->preparse_callback([options, name](std::size_t) { options->move.action = name; });
  }
  clock->require_subcommand(0, 1);
  clock->footer(
      "A server's clock and that of its data directory never go back. Examples:\n"
      "  matinee clock advance 1d            # the daily rule fires\n"
      "  matinee clock run-until-idle        # deliveries that are tried again have ended\n"
      "  curl -X POST '127.0.0.1:4566/_matinee/clock?advance=1d'");
  finish(*clock);
  clock->callback([&surroundings, &command, options, clock] {
    if (clock->get_subcommands().empty())
      command = [&surroundings, options] { return move_clock(surroundings, *options); };
  });
}

}  // namespace matinee::cli
