#include "cli/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/version.h"
#include "cloud/coverage.h"

namespace matinee::cli {
namespace {

void add_completion(CLI::App& program, Surroundings& surroundings, Command& command) {
  CLI::App* completion = program.add_subcommand(
      "completion", "Print the completion script of a shell: bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  completion->callback([&program, &surroundings, &command, shell] {
    command = [&program, &surroundings, shell] {
      const auto script = completion_script(program, *shell);
      if (!script) {
        surroundings.terminal.error("matinee: " + script.error() + "\n");
        return static_cast<int>(wrong_usage);
      }
      surroundings.terminal.out(*script);
      return static_cast<int>(done);
    };
  });
}

void describe(CLI::App& program) {
  program.set_help_flag("-h,--help", "Print this help and exit");
  program.set_version_flag("--version", fmt::format("matinee {}", version));
  program.require_subcommand(1);
  program.get_formatter()->column_width(34);
  program.footer(
      "Two ways to start:\n"
      "  matinee run movies --count 10000   a whole pipeline, on the cloud inside this program\n"
      "  matinee up                         the same cloud for the aws CLI and SDKs, port 4566\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage.");
}

/// Explains what is wrong with the command line, or prints what --help and --version ask for.
int explain(CLI::App& program, const CLI::ParseError& error, Surroundings& surroundings) {
  std::ostringstream out;
  std::ostringstream problem;
  const int code = program.exit(error, out, problem);
  surroundings.terminal.out(out.str());
  if (code == 0) return done;
  const std::vector<std::string> unknown = program.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty())  // CLI11: "A subcommand is required"
    problem.str(fmt::format("There is no command \"{}\".\nRun with --help for more information.\n",
                            unknown.front()));
  surroundings.terminal.error("matinee: " + problem.str());
  return wrong_usage;
}

}  // namespace

int fail(Surroundings& surroundings, std::string_view sentence) {
  surroundings.terminal.error(fmt::format("matinee: {}\n", sentence));
  return failed;
}

void add_coverage(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* coverage =
      parent.add_subcommand("coverage", "Show which operations of which services are served");
  auto format = std::make_shared<std::string>("markdown");
  coverage->add_option("--format", *format, "markdown or json")
      ->check(CLI::IsMember({"markdown", "json"}))
      ->capture_default_str();
  coverage->callback([&surroundings, &command, format] {
    command = [&surroundings, format] {
      surroundings.terminal.out(*format == "json" ? cloud::coverage_as_json()
                                                  : cloud::coverage_as_markdown());
      return static_cast<int>(done);
    };
  });
}

int run(Surroundings& surroundings, const std::vector<std::string>& arguments) {
  CLI::App program(
      "A local AWS cloud for event-driven data pipelines, and the pipelines themselves", "matinee");
  describe(program);
  Command command;
  add_up(program, surroundings, command);
  add_status(program, surroundings, command);
  add_down(program, surroundings, command);
  CLI::App* run_command = program.add_subcommand("run", "Run one of the pipelines");
  run_command->require_subcommand(1);
  add_run_movies(*run_command, surroundings, command);
  add_coverage(program, surroundings, command);
  add_completion(program, surroundings, command);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    program.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return explain(program, error, surroundings);
  }
  return command();
}

}  // namespace matinee::cli
