// `matinee omdb`: a stand-in for www.omdbapi.com, for programs that are tried without a network.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/omdb_server.h"
#include "cli/option_values.h"

namespace matinee::cli {
namespace {

constexpr runtime::Duration stop_grace = std::chrono::seconds(2);

struct OmdbOptions {
  int port = 8080;
  std::string address = "127.0.0.1";
  std::vector<std::string> keys;
  std::string format = "text";
  bool exit_with_parent = false;
};

int serve_omdb(Surroundings& surroundings, const OmdbOptions& options) {
  runtime::Runtime& runtime = surroundings.runtime;
  OmdbServer stand_in(
      surroundings, options.keys,
      {.address = options.address, .port = static_cast<std::uint16_t>(options.port)});
  const auto stop = [&] { stand_in.stop(stop_grace, [&] { runtime.loop.stop(); }); };
  surroundings.on_stop_signal([&, asked = false](int) mutable {
    std::exchange(asked, true) ? runtime.loop.stop() : stop();
  });
  if (options.exit_with_parent) surroundings.on_parent_exit([&] { runtime.loop.stop(); });
  if (const auto started = stand_in.start(); !started) return fail(surroundings, started.error());
  surroundings.terminal.out(
      options.format == "json"
          ? fmt::format("{{\"url\":\"{}\",\"films\":{}}}\n", stand_in.url(), stand_in.size())
          : fmt::format("OMDb's stand-in answers at {} with {} films.\n", stand_in.url(),
                        stand_in.size()));
  runtime.loop.run();
  return done;
}

}  // namespace

void add_omdb(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "omdb", "Stand in for www.omdbapi.com, without a network");
  auto options = std::make_shared<OmdbOptions>();
  take_number(*app->add_option("--port", options->port, "Port to listen on; 0: the system chooses")
                   ->capture_default_str(),
              0, 65535);
  take_address(*app->add_option("--listen", options->address, "IP address to listen on")
                    ->capture_default_str());
  app->add_option("--api-key", options->keys,
                  "API key that it knows; repeatable. Without one it takes any key")
      ->type_name("KEY");
  take_one_of(
      *app->add_option("--format", options->format, "The ready line for people, or for programs")
           ->capture_default_str(),
      {"text", "json"});
  app->add_flag("--exit-with-parent", options->exit_with_parent,
                "Stop when the process that has started it ends, for tests");
  app->footer(
      "It knows the 250 films of the list that the top-movies pipeline reads, by id and by title,\n"
      "and has \"N/A\" for all that the list does not say:\n"
      "  curl 'http://127.0.0.1:8080/?i=tt0111161&apikey=any'\n"
      "  curl 'http://127.0.0.1:8080/?t=Heat&apikey=any'");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return serve_omdb(surroundings, *options); };
  });
}

}  // namespace matinee::cli
