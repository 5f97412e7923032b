// `matinee status` and `down`: the server that holds a data directory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/contents.h"
#include "cli/option_values.h"
#include "cli/place.h"
#include "storage/store.h"

namespace matinee::cli {
namespace {

void add_directory_option(CLI::App& app, std::string& directory) {
  app.add_option("--data", directory, "Data directory (default: $XDG_DATA_HOME/matinee)")
      ->type_name("DIR");
}

/// Who holds a directory, and where.
struct Holder {
  std::optional<Place> server;
  int job = 0;  // the process of a job that holds the directory without being a server; or 0
  bool is_here = true;

  std::string process() const {
    const int number = server ? server->process_id : job;
    return is_here ? fmt::format("process {}", number)
                   : fmt::format("process {} of another process namespace, such as a container",
                                 number);
  }
};

Holder find_holder(Surroundings& surroundings, const std::string& directory) {
  Holder result;
  const auto holder = storage::find_holder(surroundings.runtime.disk, directory);
  if (!holder) return result;
  result.is_here = holder->is_here;
  result.server = read_lock_text(holder->text);
  if (result.server) {
    result.server->process_id = holder->process_id;
    result.server->directory = directory;
  } else {
    result.job = holder->process_id;
  }
  return result;
}

/// For a directory that no server holds.
std::string no_server(const std::string& directory, const Holder& holder) {
  if (holder.job == 0) return fmt::format("No server is running on {}.", directory);
  return fmt::format("No server is running on {}, but a job is, as {}.", directory,
                     holder.process());
}

int down(Surroundings& surroundings, const std::string& directory) {
  const Holder holder = find_holder(surroundings, directory);
  if (holder.job != 0) return fail(surroundings, no_server(directory, holder));
  if (!holder.server) {
    // What was asked for is so already.
    surroundings.terminal.error(no_server(directory, holder) + "\n");
    return done;
  }
  if (!holder.is_here)
    return fail(surroundings,
                fmt::format("The server on {} is {}; stop it there.", directory, holder.process()));
  const int process = holder.server->process_id;
  const auto ended = surroundings.processes.end(process, std::chrono::seconds(60));
  if (!ended) return fail(surroundings, ended.error());
  surroundings.terminal.out(
      fmt::format("Stopped process {}; {} keeps everything.\n", process, directory));
  return done;
}

int status_as_json(Surroundings& surroundings, const std::string& directory) {
  const Holder holder = find_holder(surroundings, directory);
  jobs::JsonObject json;
  json.add("running", holder.server.has_value());
  if (!holder.server) {
    json.add("data", directory);
    if (holder.job != 0) json.add("job_pid", static_cast<std::uint64_t>(holder.job));
    surroundings.terminal.out(json.take());
    return failed;
  }
  add_to(json, *holder.server);
  json.add("pid_is_here", holder.is_here);
  const auto contents = look_at(surroundings, holder.server->url);
  if (contents) add_to(json, *contents);
  json.add("answers", contents.has_value());
  surroundings.terminal.out(json.take());
  return contents ? done : failed;
}

int status(Surroundings& surroundings, const std::string& directory) {
  const Holder holder = find_holder(surroundings, directory);
  if (!holder.server) {
    surroundings.terminal.error(no_server(directory, holder) + "\n");
    return failed;
  }
  surroundings.terminal.out(fmt::format("Running on {}{} as {}, data in {}.\n", holder.server->url,
                                        legacy_text(*holder.server), holder.process(), directory));
  const std::expected<Contents, std::string> contents = look_at(surroundings, holder.server->url);
  if (!contents) return fail(surroundings, contents.error());
  surroundings.terminal.out(describe(*contents));
  return done;
}

/// For "kill -9 $(matinee status --format pid)", and nothing else to be cut away.
int status_as_pid(Surroundings& surroundings, const std::string& directory) {
  const Holder holder = find_holder(surroundings, directory);
  if (!holder.server) return fail(surroundings, no_server(directory, holder));
  if (!holder.is_here)
    return fail(surroundings, fmt::format("The server on {} is {}.", directory, holder.process()));
  surroundings.terminal.out(fmt::format("{}\n", holder.server->process_id));
  return done;
}

}  // namespace

void add_status(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "status", "Show whether a server runs, and where");
  auto directory = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("text");
  add_directory_option(*app, *directory);
  take_one_of(*app->add_option("--format", *format,
                               "For people, for programs, or the number of its process alone")
                   ->capture_default_str(),
              {"text", "json", "pid"});
  app->footer("Exit codes: 0 it runs and answers, 1 it does not, 2 wrong usage.");
  app->callback([&surroundings, &command, directory, format] {
    command = [&surroundings, directory, format] {
      const std::string path = data_directory(surroundings, *directory);
      if (*format == "json") return status_as_json(surroundings, path);
      return *format == "pid" ? status_as_pid(surroundings, path) : status(surroundings, path);
    };
  });
}

void add_down(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "down", "Stop the server; its data stays");
  auto directory = std::make_shared<std::string>();
  add_directory_option(*app, *directory);
  app->footer(
      "Exit codes: 0 no server runs now, 1 it could not be stopped, or a job is using the\n"
      "directory, 2 wrong usage.");
  app->callback([&surroundings, &command, directory] {
    command = [&surroundings, directory] {
      return down(surroundings, data_directory(surroundings, *directory));
    };
  });
}

}  // namespace matinee::cli
