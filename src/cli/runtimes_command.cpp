// `matinee runtimes`: which of Lambda's runtimes this machine can run, and by which interpreter.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cloud/runtimes.h"

namespace matinee::cli {
namespace {

std::string describe(const cloud::RuntimeHere& runtime) {
  if (!runtime.runs) return "-  " + runtime.remark;
  return runtime.interpreter.empty() ? "executables run as they are" : runtime.interpreter;
}

int print_runtimes(Surroundings& surroundings) {
  if (!surroundings.make_sandboxes) return fail(surroundings, "No functions run here.");
  const auto sandboxes = surroundings.make_sandboxes({.directory = {}, .locked_in = false});
  std::string text;
  for (const cloud::RuntimeHere& runtime :
       cloud::runtimes_here(*sandboxes, surroundings.runtime.disk))
    text += fmt::format("{:<16} {}\n", runtime.name, describe(runtime));
  surroundings.terminal.out(text);
  return done;
}

}  // namespace

void add_runtimes(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "runtimes",
                              "List what runs Lambda functions on this machine, and where it is");
  app->callback([&surroundings, &command] {
    command = [&surroundings] { return print_runtimes(surroundings); };
  });
}

}  // namespace matinee::cli
