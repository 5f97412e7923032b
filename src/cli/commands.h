// One function a command: it adds the command with its options to `parent`, and leaves in
// `command` what is to be run once the whole command line has been understood.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/surroundings.h"

namespace CLI {
class App;
}

namespace matinee::cli {

/// Returns the exit code.
using Command = std::function<int()>;

/// What App::add_subcommand does. It is compiled in one unit, since one that makes an App takes
/// along the parser and all else that is virtual in it.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what);

void add_up(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_replay(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_fork(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_status(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_down(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_certificate(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_clock(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_trace(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_console(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_outbox(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_invoke(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_logs(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_runtimes(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_why(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_verify(CLI::App& parent, Surroundings& surroundings, Command& command);
/// Below `policy`.
void add_policy_suggest(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_policy_check(CLI::App& parent, Surroundings& surroundings, Command& command);
/// Below `import` and `export`.
void add_import_dynamodb(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_export_dynamodb(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_publish(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_run_movies(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_validate(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_deploy(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_destroy(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_stacks(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_run_top_movies(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_omdb(CLI::App& parent, Surroundings& surroundings, Command& command);
void add_coverage(CLI::App& parent, Surroundings& surroundings, Command& command);

}  // namespace matinee::cli
