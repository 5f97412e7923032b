#include "cli/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/version.h"
#include "cloud/coverage.h"

namespace matinee::cli {
namespace {

void add_completion(CLI::App& program, Surroundings& surroundings, Command& command) {
  CLI::App* completion = program.add_subcommand(
      "completion", "Print the completion script of a shell: bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  CLI::Option* option = completion->add_option("SHELL", *shell, "bash, zsh or fish");
  take_one_of(*option->required(), {"bash", "zsh", "fish"});
  completion->footer(
      "To be completed in each new shell, add to the shell's start-up file:\n"
      "  ~/.bashrc                    source <(matinee completion bash)\n"
      "  ~/.zshrc, after compinit     source <(matinee completion zsh)\n"
      "  ~/.config/fish/config.fish   matinee completion fish | source");
  completion->callback([&program, &surroundings, &command, shell] {
    command = [&program, &surroundings, shell] {
      surroundings.terminal.out(completion_script(program, *shell));
      return static_cast<int>(done);
    };
  });
}

void describe(CLI::App& program) {
  program.set_help_flag("-h,--help", "Print this help");
  program.set_version_flag("--version", fmt::format("matinee {}", version), "Print the version");
  program.require_subcommand(1);
  program.formatter(help_formatter());
}

/// For the program's own page: commands take over what is there when they are made.
void add_first_steps(CLI::App& program) {
  program.footer(
      "Two ways to start:\n"
      "  matinee run movies --count 10000   a whole pipeline, in this program\n"
      "  matinee up                         the same cloud for the aws CLI and SDKs\n\n"
      "\"matinee COMMAND --help\" explains a command.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage.");
}

/// Explains what is wrong with the command line, or prints what --help and --version ask for.
int explain(CLI::App& program, const CLI::ParseError& error, Surroundings& surroundings) {
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    surroundings.terminal.out(std::string(error.what()) + "\n");
    return done;
  }
  if (error.get_exit_code() == 0) {
    surroundings.terminal.out(program.help());
    return done;
  }
  fail(surroundings, explain_fault(program, error));
  return wrong_usage;
}

}  // namespace

int fail(Surroundings& surroundings, std::string_view sentence) {
  surroundings.terminal.error(fmt::format("matinee: {}\n", sentence));
  return failed;
}

std::string data_directory(const Surroundings& surroundings, const std::string& chosen) {
  const runtime::Environment& environment = surroundings.runtime.environment;
  const std::filesystem::path path = chosen.empty() ? environment.data_directory() : chosen;
  std::string absolute = (environment.current_directory() / path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

void add_coverage(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* coverage =
      parent.add_subcommand("coverage", "Show which operations of which services are served");
  auto format = std::make_shared<std::string>("markdown");
  take_one_of(
      *coverage->add_option("--format", *format, "For people or programs")->capture_default_str(),
      {"markdown", "json"});
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
  add_verify(program, surroundings, command);
  CLI::App* run_command = program.add_subcommand("run", "Run one of the pipelines");
  run_command->require_subcommand(1);
  add_run_movies(*run_command, surroundings, command);
  add_publish(program, surroundings, command);
  add_coverage(program, surroundings, command);
  add_completion(program, surroundings, command);
  add_first_steps(program);
  if (arguments.empty()) {
    surroundings.terminal.error(program.help());
    return wrong_usage;
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    program.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return explain(program, error, surroundings);
  }
  const int code = command();
  if (code == done && surroundings.terminal.has_lost_output())
    return fail(surroundings, "The output could not be written.");
  return code;
}

}  // namespace matinee::cli
