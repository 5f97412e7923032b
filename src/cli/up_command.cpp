// `matinee up`: the cloud as a server for ordinary AWS clients.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/option_values.h"
#include "cli/outside_hosts.h"
#include "cli/up_options.h"

namespace matinee::cli {
namespace {

void add_place_options(CLI::App& up, UpOptions& options) {
  take_number(*up.add_option("--port", options.port, "Port to listen on; 0: the system chooses")
                   ->capture_default_str(),
              0, 65535);
  take_address(*up.add_option("--listen", options.address, "IP address to listen on")
                    ->capture_default_str());
  up.add_option("--data", options.directory, "Data directory (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
  take_one_of(*up.add_option("--durability", options.durability,
                             "What a reply promises: that the write survives kill -9 (process), a "
                             "power cut (power), or nothing and no directory (memory)")
                   ->capture_default_str(),
              {"process", "power", "memory"});
  up.add_flag("--legacy-ports", options.legacy_ports,
              "Also listen on 4569 (DynamoDB), 4572 (S3) and 4576 (SQS), as older tutorials do");
}

void add_service_options(CLI::App& up, UpOptions& options) {
  take_one_of(*up.add_option("--auth", options.authentication,
                             "Accept any credentials, or verify signatures against the keys")
                   ->capture_default_str(),
              {"any", "sigv4"});
  take_one_of(*up.add_option("--iam", options.iam,
                             "What policies of users and roles are for: nothing (off), notes of "
                             "what they would refuse (observe), or decisions (enforce)")
                   ->capture_default_str(),
              {"off", "observe", "enforce"});
  up.add_option("--key-file", options.keys.file,
                "Credentials to verify, an ACCESS_KEY:SECRET a line; \"-\" is standard input "
                "(and $MATINEE_KEYS counts as well)")
      ->type_name("FILE");
  up.add_option("--key", options.keys.given,
                "ACCESS_KEY whose secret is the next line of standard input; repeatable. Also "
                "ACCESS_KEY:SECRET, which others can see in the list of processes")
      ->type_name("KEY");
  up.add_option("--allow-host", options.allowed_hosts,
                "Further name that clients call this server by, and all below it; repeatable")
      ->type_name("NAME");
  up.add_option("--allow-origin", options.allowed_origins,
                "Origin whose web pages may use this server, with * for any text; repeatable")
      ->type_name("ORIGIN");
  up.add_flag("--tls", options.tls,
              "Also speak HTTPS, on the same port, and stand for AWS's names to clients that take "
              "this server for their proxy; see `matinee certificate`");
  take_region(*up.add_option("--region", options.region, "Region of requests that name none")
                   ->capture_default_str());
  take_one_of(*up.add_option("--quotas", options.quotas,
                             "Throughput of FIFO queues, rules of a bus: as much as goes (none), "
                             "or refuse what AWS would (aws)")
                   ->capture_default_str(),
              {"none", "aws"});
  take_one_of(*up.add_option("--clock", options.clock,
                             "Whether time passes, or stands until `matinee clock` moves it")
                   ->capture_default_str(),
              {"running", "paused"});
  take_seed(*up.add_option("--seed", options.seed,
                           "Draw ids, keys and faults from this number: the same requests one "
                           "after the other get the same answers in each run"));
  take_one_of(
      *up.add_option("--weather", options.weather,
                     "Messages arrive once and in order (fair), or, in standard queues, now "
                     "and then twice and out of order, as AWS says they may (aws)")
           ->capture_default_str(),
      {"fair", "aws"});
  take_one_of(
      *up.add_option("--functions", options.functions,
                     "How Lambda functions run: locked in as far as this machine allows it, "
                     "as plain processes, or not at all")
           ->capture_default_str(),
      {"sandbox", "process", "off"});
  up.add_option("--host", options.hosts,
                "Where functions find a host of the outside world: omdb (a stand-in for the OMDb "
                "API), HOST:PORT, or a URL; repeatable")
      ->type_name("NAME=TARGET");
  take_one_of(*up.add_option("--journal", options.journal,
                             "Whether what happens to messages is kept for `matinee trace` and "
                             "`matinee why`")
                   ->capture_default_str(),
              {"on", "off"});
  take_number(*up.add_option("--journal-payloads", options.journal_payloads,
                             "How much of what a message has in it the journal keeps, in bytes, up "
                             "to 1048576; 0 keeps none of it")
                   ->type_name("BYTES")
                   ->capture_default_str(),
              0, 1048576);
}

void add_life_options(CLI::App& up, UpOptions& options) {
  take_one_of(*up.add_option("--format", options.format,
                             "The ready line for people, or for programs: one line with address, "
                             "ports, pid and data")
                   ->capture_default_str(),
              {"text", "json"});
  up.add_option("--port-file", options.port_file,
                "Write the port to this file once it is ready, and remove the file at the end")
      ->type_name("FILE");
  up.add_flag("--exit-with-parent", options.exit_with_parent,
              "Stop when the process that has started it ends, for tests");
  up.add_flag("--accept-loss", options.accept_loss,
              "Open a damaged log up to the damage; what is behind it is kept in a subdirectory");
  up.add_flag("--detach", options.detach, "Return once the server is ready; it goes on running");
}

constexpr const char* footer =
    "Then, in another terminal:\n"
    "  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n"
    "  export AWS_DEFAULT_REGION=us-east-1\n"
    "  aws --endpoint-url http://127.0.0.1:4566 s3 ls\n\n"
    "Exit codes: 0 stopped in order, 1 failed, 2 wrong usage.";

}  // namespace

void add_up_options(CLI::App& up, UpOptions& options) {
  add_place_options(up, options);
  add_service_options(up, options);
  add_life_options(up, options);
}

std::string find_conflict(const UpOptions& options) {
  if (options.durability == "memory" && !options.directory.empty())
    return "--durability memory keeps nothing, so that --data has no meaning; leave one of them.";
  if (options.detach && options.exit_with_parent)
    return "--detach leaves the process that has started it, and --exit-with-parent ends with it; "
           "leave one of them.";
  if (options.functions == "off" && !options.hosts.empty())
    return "--host is for functions, and --functions off runs none; leave one of them.";
  if (const auto hosts = read_outside_hosts(options.hosts); !hosts) return hosts.error();
  const bool wants_secrets = std::ranges::any_of(
      options.keys.given, [](const std::string& key) { return !key.contains(':'); });
  if (wants_secrets && options.keys.file == "-")
    return "--key-file - and a --key without its secret both want standard input; leave one of "
           "them.";
  return "";
}

void add_up(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* up = add_command(parent, "up", "Serve the cloud to the aws CLI, SDKs and Terraform");
  auto options = std::make_shared<UpOptions>();
  add_up_options(*up, *options);
  up->footer(footer);
  up->callback([&surroundings, &command, options] {
    command = [&surroundings, options] {
      if (const std::string conflict = find_conflict(*options); !conflict.empty())
        return refuse_usage(surroundings, conflict);
      options->directory = data_directory(surroundings, options->directory);
      return options->detach ? serve_detached(surroundings, *options)
                             : serve(surroundings, *options);
    };
  });
}

}  // namespace matinee::cli
