// `matinee up`, `status` and `down`: the cloud as a server for ordinary AWS clients.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/contents.h"
#include "cli/help.h"
#include "cli/serve.h"
#include "storage/store.h"

namespace matinee::cli {
namespace {

void add_directory_option(CLI::App& app, std::string& directory) {
  app.add_option("--data", directory, "Data directory (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
}

void add_up_options(CLI::App& up, UpOptions& options) {
  take_number(*up.add_option("--port", options.port, "Port to listen on; 0: the system chooses")
                   ->capture_default_str(),
              0, 65535);
  up.add_option("--listen", options.address, "IP address to listen on")
      ->type_name("ADDRESS")
      ->capture_default_str();
  add_directory_option(up, options.directory);
  take_one_of(*up.add_option("--durability", options.durability,
                             "What a reply promises: that the write survives kill -9 (process), a "
                             "power cut (power), or nothing and no directory (memory)")
                   ->capture_default_str(),
              {"process", "power", "memory"});
  up.add_flag("--legacy-ports", options.legacy_ports,
              "Also listen on 4569 (DynamoDB), 4572 (S3) and 4576 (SQS), as older tutorials do");
  take_one_of(*up.add_option("--auth", options.authentication,
                             "Accept any credentials, or verify signatures against --key")
                   ->capture_default_str(),
              {"any", "sigv4"});
  up.add_option("--key", options.keys, "Credentials to verify, ACCESS_KEY:SECRET; repeatable")
      ->type_name("KEY");
  up.add_option("--allow-host", options.allowed_hosts,
                "Further name that clients call this server by, and all below it; repeatable")
      ->type_name("NAME");
  up.add_option("--allow-origin", options.allowed_origins,
                "Origin whose web pages may use this server, with * for any text; repeatable")
      ->type_name("ORIGIN");
  up.add_option("--region", options.region, "Region of requests that name none")
      ->type_name("REGION")
      ->capture_default_str();
  take_one_of(*up.add_option("--quotas", options.quotas,
                             "Throughput quotas of FIFO queues: as fast as it goes (none), or "
                             "refuse what AWS would (aws)")
                   ->capture_default_str(),
              {"none", "aws"});
  up.add_flag("--accept-loss", options.accept_loss,
              "Open a damaged log up to the damage; what is behind it is kept in a subdirectory");
  up.add_flag("--detach", options.detach, "Return once the server is ready; it goes on running");
  up.footer(
      "Then, in another terminal:\n"
      "  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n"
      "  export AWS_DEFAULT_REGION=us-east-1\n"
      "  aws --endpoint-url http://127.0.0.1:4566 s3 ls");
}

/// For a directory that no server holds.
std::string no_server(const std::string& directory, int job_process) {
  if (job_process == 0) return fmt::format("No server is running on {}.", directory);
  return fmt::format("No server is running on {}, but a job is, as process {}.", directory,
                     job_process);
}

bool is_server(const std::optional<runtime::LockHolder>& holder) {
  return holder && holder->text.starts_with("http");
}

int down(Surroundings& surroundings, const std::string& directory) {
  const auto holder = storage::find_holder(surroundings.runtime.disk, directory);
  if (!is_server(holder)) {
    surroundings.terminal.out(no_server(directory, holder ? holder->process_id : 0) + "\n");
    return done;
  }
  const auto ended = surroundings.processes.end(holder->process_id, std::chrono::seconds(60));
  if (!ended) return fail(surroundings, ended.error());
  surroundings.terminal.out(
      fmt::format("Stopped process {}; {} keeps everything.\n", holder->process_id, directory));
  return done;
}

int status(Surroundings& surroundings, const std::string& directory) {
  const auto holder = storage::find_holder(surroundings.runtime.disk, directory);
  if (!is_server(holder)) {
    surroundings.terminal.out(no_server(directory, holder ? holder->process_id : 0) + "\n");
    return failed;
  }
  surroundings.terminal.out(fmt::format("Running on {} as process {}, data in {}.\n", holder->text,
                                        holder->process_id, directory));
  const std::expected<Contents, std::string> contents = look_at(surroundings, holder->text);
  if (!contents) return fail(surroundings, contents.error());
  surroundings.terminal.out(describe(*contents));
  return done;
}

}  // namespace

void add_up(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* up = parent.add_subcommand("up", "Serve the cloud to the aws CLI, SDKs and Terraform");
  auto options = std::make_shared<UpOptions>();
  add_up_options(*up, *options);
  up->callback([&surroundings, &command, options] {
    command = [&surroundings, options] {
      options->directory = data_directory(surroundings, options->directory);
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
      return status(surroundings, data_directory(surroundings, *directory));
    };
  });
}

void add_down(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = parent.add_subcommand("down", "Stop the server; its data stays");
  auto directory = std::make_shared<std::string>();
  add_directory_option(*app, *directory);
  app->callback([&surroundings, &command, directory] {
    command = [&surroundings, directory] {
      return down(surroundings, data_directory(surroundings, *directory));
    };
  });
}

}  // namespace matinee::cli
