// `matinee up`, `status` and `down`: the cloud as a server for ordinary AWS clients.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/serve.h"
#include "storage/store.h"

namespace matinee::cli {
namespace {

std::string chosen_directory(const Surroundings& surroundings, const std::string& directory) {
  return directory.empty() ? surroundings.runtime.environment.data_directory() : directory;
}

void add_directory_option(CLI::App& app, std::string& directory) {
  app.add_option("--data", directory, "Data directory; $XDG_DATA_HOME/matinee by default")
      ->type_name("DIR");
}

void add_up_options(CLI::App& up, UpOptions& options) {
  up.add_option("--port", options.port, "Port to listen on; 0 lets the system choose")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  up.add_option("--listen", options.address, "Address to listen on")->capture_default_str();
  add_directory_option(up, options.directory);
  up.add_option("--durability", options.durability,
                "What a reply promises: process (survives kill -9), power (survives a power cut) "
                "or memory (nothing, no directory)")
      ->check(CLI::IsMember({"process", "power", "memory"}))
      ->capture_default_str();
  up.add_flag("--legacy-ports", options.legacy_ports,
              "Also listen on 4569 (DynamoDB), 4572 (S3) and 4576 (SQS), as older tutorials do");
  up.add_option("--auth", options.authentication,
                "any: accept all credentials; sigv4: verify signatures against --key")
      ->check(CLI::IsMember({"any", "sigv4"}))
      ->capture_default_str();
  up.add_option("--key", options.keys, "Credentials to verify: ACCESS_KEY:SECRET; repeatable")
      ->type_name("KEY");
  up.add_option("--region", options.region, "Region of requests that name none")
      ->capture_default_str();
  up.add_flag("--detach", options.detach, "Return once the server is ready; it goes on running");
}

int status(Surroundings& surroundings, const std::string& directory) {
  const auto holder = storage::find_holder(surroundings.runtime.disk, directory);
  if (!holder) {
    surroundings.terminal.out(fmt::format("No server is running on {}.\n", directory));
    return failed;
  }
  surroundings.terminal.out(fmt::format("Running on {} as process {}, data in {}.\n",
                                        holder->text.empty() ? "no address" : holder->text,
                                        holder->process_id, directory));
  return done;
}

int down(Surroundings& surroundings, const std::string& directory) {
  const auto holder = storage::find_holder(surroundings.runtime.disk, directory);
  if (!holder) {
    surroundings.terminal.out(fmt::format("No server is running on {}.\n", directory));
    return done;
  }
  const auto ended = surroundings.processes.end(holder->process_id, std::chrono::seconds(60));
  if (!ended) return fail(surroundings, ended.error());
  surroundings.terminal.out(
      fmt::format("Stopped process {}; {} keeps everything.\n", holder->process_id, directory));
  return done;
}

}  // namespace

void add_up(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* up = parent.add_subcommand("up", "Serve the cloud to the aws CLI, SDKs and Terraform");
  auto options = std::make_shared<UpOptions>();
  add_up_options(*up, *options);
  up->callback([&surroundings, &command, options] {
    command = [&surroundings, options] {
      options->directory = chosen_directory(surroundings, options->directory);
      return options->detach ? serve_detached(surroundings, *options)
                             : serve(surroundings, *options);
    };
  });
}

void add_status(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = parent.add_subcommand("status", "Show whether a server runs, and where");
  auto directory = std::make_shared<std::string>();
  add_directory_option(*app, *directory);
  app->callback([&surroundings, &command, directory] {
    command = [&surroundings, directory] {
      return status(surroundings, chosen_directory(surroundings, *directory));
    };
  });
}

void add_down(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = parent.add_subcommand("down", "Stop the server; its data stays");
  auto directory = std::make_shared<std::string>();
  add_directory_option(*app, *directory);
  app->callback([&surroundings, &command, directory] {
    command = [&surroundings, directory] {
      return down(surroundings, chosen_directory(surroundings, *directory));
    };
  });
}

}  // namespace matinee::cli
