// `matinee certificate`: the file that clients of `matinee up --tls` have to trust.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "gateway/tls/authority.h"

namespace matinee::cli {
namespace {

int print_certificate(Surroundings& surroundings, const std::string& directory, bool as_pem) {
  surroundings.keep_files_private();
  const auto authority = gateway::tls::open_authority(surroundings.runtime.disk, directory,
                                                      surroundings.runtime.clock.now());
  if (!authority)
    return fail(surroundings, fmt::format("There is no certificate: {}.", authority.error()));
  surroundings.terminal.out(as_pem ? authority->certificate_pem()
                                   : gateway::tls::certificate_path(directory) + "\n");
  return done;
}

}  // namespace

void add_certificate(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "certificate",
                              "Print the file that clients trust to reach `matinee up --tls`");
  auto directory = std::make_shared<std::string>();
  auto as_pem = std::make_shared<bool>(false);
  app->add_option("--data", *directory, "Data directory (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
  app->add_flag("--pem", *as_pem, "Print what is in the file instead of its name");
  app->footer(
      "  export AWS_CA_BUNDLE=$(matinee certificate)          # aws CLI, boto3\n"
      "  export NODE_EXTRA_CA_CERTS=$(matinee certificate)    # JavaScript\n\n"
      "The authority behind it is made once in each data directory, and can certify names of this\n"
      "machine and of AWS only. A server with --durability memory has one of its own, at\n"
      "http://127.0.0.1:4566/_matinee/certificate.");
  app->callback([&surroundings, &command, directory, as_pem] {
    command = [&surroundings, directory, as_pem] {
      return print_certificate(surroundings, data_directory(surroundings, *directory), *as_pem);
    };
  });
}

}  // namespace matinee::cli
