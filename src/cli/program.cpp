#include "cli/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/faults_command.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/snapshot_command.h"
#include "cli/version.h"
#include "cloud/coverage.h"
#include "jobs/report.h"
#include "resources/coverage.h"

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

/// The command that words name one after the other; null where they name none.
const CLI::App* find_command(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* app = &program;
  for (const std::string& word : words) {
    const auto named = app->get_subcommands(
        [&](const CLI::App* candidate) { return candidate->get_name() == word; });
    if (named.empty()) return nullptr;
    app = named.front();
  }
  return app;
}

/// `matinee help run movies` is what many type before they know of --help.
void add_help(CLI::App& program, Surroundings& surroundings, Command& command) {
  auto words = std::make_shared<std::vector<std::string>>();
  // The names, of all commands but this one, are what completion offers.
  const std::string names = fmt::format("{}", fmt::join(command_names(program), "|"));
  CLI::App* help = program.add_subcommand("help", "Explain a command");
  help->add_option("COMMAND", *words, "The command, such as \"up\" or \"run movies\"")
      ->type_name(names);
  help->callback([&program, &surroundings, &command, words] {
    command = [&program, &surroundings, words] {
      const CLI::App* app = find_command(program, *words);
      if (app == nullptr)
        return refuse_usage(
            surroundings, fmt::format("There is no command \"{}\"; see \"matinee --help\".",
                                      jobs::shortened(fmt::format("{}", fmt::join(*words, " ")))));
      std::string before = "matinee";
      for (std::size_t i = 0; i + 1 < words->size(); ++i) before += " " + (*words)[i];
      // App::help would be that of the command at hand, which is this one.
      surroundings.terminal.out(app->get_formatter()->make_help(
          app, words->empty() ? "matinee" : before + " " + words->back(),
          CLI::AppFormatMode::Normal));
      return static_cast<int>(done);
    };
  });
}

std::string version_text() {
  return fmt::format("matinee {}", version);
}

void add_version(CLI::App& program, Surroundings& surroundings, Command& command) {
  program.add_subcommand("version", "Print the version")->callback([&surroundings, &command] {
    command = [&surroundings] {
      surroundings.terminal.out(version_text() + "\n");
      return static_cast<int>(done);
    };
  });
}

void describe(CLI::App& program) {
  program.set_help_flag("-h,--help", "Print this help");
  program.set_version_flag("-v,--version", version_text(), "Print the version");
  program.require_subcommand(1);
  program.formatter(help_formatter());
}

/// Tables come in from files and go out to them.
void add_moving(CLI::App& program, Surroundings& surroundings, Command& command) {
  CLI::App* import_command = program.add_subcommand("import", "Write files to a table");
  import_command->require_subcommand(1);
  add_import_dynamodb(*import_command, surroundings, command);
  CLI::App* export_command = program.add_subcommand("export", "Write a table to files");
  export_command->require_subcommand(1);
  add_export_dynamodb(*export_command, surroundings, command);
}

/// For the program's own page: commands take over what is there when they are made.
void add_first_steps(CLI::App& program) {
  program.footer(
      "Two ways to start:\n"
      "  matinee run movies --count 10000   a whole pipeline, in this program\n"
      "  matinee up                         the same cloud for the aws CLI and SDKs\n\n"
      "\"matinee COMMAND --help\" explains a command.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.");
}

/// Explains what is wrong with the command line, or prints what --help and --version ask for.
int explain(CLI::App& program, const CLI::ParseError& error, Surroundings& surroundings) {
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    surroundings.terminal.out(std::string(error.what()) + "\n");
    return done;
  }
  if (error.get_exit_code() == 0) {
    // Help is asked for; but of a command that does not exist?
    const std::vector<std::string> unknown = program.remaining(true);
    if (!unknown.empty() && !unknown.front().starts_with("-") &&
        !command_names(last_command(program)).empty())
      return refuse_usage(surroundings, explain_fault(program, CLI::ExtrasError(unknown)));
    surroundings.terminal.out(program.help());
    return done;
  }
  return refuse_usage(surroundings, explain_fault(program, error));
}

/// A result that could not be written is no success.
int check_output(Surroundings& surroundings, int code) {
  if (code != done || !surroundings.terminal.has_lost_output()) return code;
  return fail(surroundings, "The output could not be written.");
}

}  // namespace

int fail(Surroundings& surroundings, std::string_view sentence) {
  surroundings.terminal.error(fmt::format("matinee: {}\n", sentence));
  return failed;
}

int refuse_usage(Surroundings& surroundings, std::string_view sentence) {
  fail(surroundings, sentence);
  return wrong_usage;
}

std::string data_directory(const Surroundings& surroundings, const std::string& chosen) {
  const runtime::Environment& environment = surroundings.runtime.environment;
  const std::filesystem::path path = chosen.empty() ? environment.data_directory() : chosen;
  std::string absolute = (environment.current_directory() / path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what) {
  return parent.add_subcommand(name, what);
}

void add_coverage(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* coverage =
      parent.add_subcommand("coverage", "Show which operations of which services are served");
  auto format = std::make_shared<std::string>("markdown");
  take_one_of(
      *coverage->add_option("--format", *format, "For people or programs")->capture_default_str(),
      {"markdown", "json"});
  auto of_types = std::make_shared<bool>(false);
  coverage->add_flag("--types", *of_types, "The types of resources of templates instead");
  coverage->callback([&surroundings, &command, format, of_types] {
    command = [&surroundings, format, of_types] {
      const bool is_json = *format == "json";
      if (*of_types)
        surroundings.terminal.out(is_json ? resources::types_as_json()
                                          : resources::types_as_markdown());
      else
        surroundings.terminal.out(is_json ? cloud::coverage_as_json()
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
  add_certificate(program, surroundings, command);
  add_clock(program, surroundings, command);
  add_snapshot(program, surroundings, command);
  add_fork(program, surroundings, command);
  add_replay(program, surroundings, command);
  add_trace(program, surroundings, command);
  add_console(program, surroundings, command);
  add_outbox(program, surroundings, command);
  add_faults(program, surroundings, command);
  add_invoke(program, surroundings, command);
  add_logs(program, surroundings, command);
  add_runtimes(program, surroundings, command);
  add_why(program, surroundings, command);
  add_verify(program, surroundings, command);
  CLI::App* run_command = program.add_subcommand("run", "Run one of the pipelines");
  run_command->require_subcommand(1);
  add_run_movies(*run_command, surroundings, command);
  add_run_top_movies(*run_command, surroundings, command);
  CLI::App* policy_command = program.add_subcommand("policy", "Find out what policies should say");
  policy_command->require_subcommand(1);
  add_policy_suggest(*policy_command, surroundings, command);
  add_policy_check(*policy_command, surroundings, command);
  add_publish(program, surroundings, command);
  add_moving(program, surroundings, command);
  add_validate(program, surroundings, command);
  add_deploy(program, surroundings, command);
  add_destroy(program, surroundings, command);
  add_stacks(program, surroundings, command);
  add_omdb(program, surroundings, command);
  add_coverage(program, surroundings, command);
  add_completion(program, surroundings, command);
  add_help(program, surroundings, command);
  add_version(program, surroundings, command);
  refuse_empty_values(program);
  add_first_steps(program);
  if (arguments.empty()) {
    surroundings.terminal.error(program.help());
    return wrong_usage;
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    program.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return check_output(surroundings, explain(program, error, surroundings));
  }
  return check_output(surroundings, command());
}

}  // namespace matinee::cli
