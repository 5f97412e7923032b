// `matinee verify`: whether a data directory is as it was written.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cloud/verify.h"

namespace matinee::cli {
namespace {

int verify(Surroundings& surroundings, const std::string& directory) {
  const auto found = cloud::verify(surroundings.runtime, directory);
  if (!found) return fail(surroundings, found.error().message);
  for (const std::string& damage : found->damages) surroundings.terminal.out(damage + ".\n");
  surroundings.terminal.out(fmt::format("{}: {} records and {} bodies of {} bytes were read.\n",
                                        directory, found->records, found->bodies,
                                        found->body_bytes));
  if (found->left_overs > 0)
    surroundings.terminal.out(fmt::format(
        "{} files of bodies belong to nothing; the next start removes them.\n", found->left_overs));
  if (!found->damages.empty())
    return fail(surroundings, fmt::format("{} is damaged: see the {} above.", directory,
                                          found->damages.size() == 1 ? "line" : "lines"));
  surroundings.terminal.out("Everything is as it was written.\n");
  return done;
}

}  // namespace

void add_verify(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(
      parent, "verify", "Check a data directory while no server uses it, and tell what is damaged");
  auto directory = std::make_shared<std::string>();
  app->add_option("--data", *directory, "Data directory (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
  app->footer(
      "Checks the log, the database's files and records, and that each body is there and has the\n"
      "checksum that it was stored with. Changes nothing. Exit code 1 where something is damaged.");
  app->callback([&surroundings, &command, directory] {
    command = [&surroundings, directory] {
      return verify(surroundings, data_directory(surroundings, *directory));
    };
  });
}

}  // namespace matinee::cli
