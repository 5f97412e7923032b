// A cloud as it is, kept under a name.
#include "cli/snapshot_command.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "cli/snapshot_file.h"
#include "client/json_text.h"
#include "storage/restoring.h"
#include "storage/snapshots.h"

namespace matinee::cli {
namespace {

struct SnapshotCommand {
  std::string name;
  std::string file;
  std::string format = "text";
  CloudChoice cloud;
};

std::string describe(const insight::Snapshot& snapshot) {
  if (snapshot.damage)
    return fmt::format("{}  damaged: {}\n", snapshot.name.value_or(""), *snapshot.damage);
  const std::int64_t bodies = snapshot.bodies.value_or(0);
  return fmt::format(
      "{}  saved {:%FT%TZ}  {} bytes, {} {} in files\n", snapshot.name.value_or(""),
      std::chrono::floor<std::chrono::seconds>(snapshot.saved.value_or(runtime::Time())),
      snapshot.bytes.value_or(0), bodies, bodies == 1 ? "body" : "bodies");
}

std::string print(const SnapshotCommand& command, const insight::Snapshot& snapshot) {
  return command.format == "json" ? client::to_json(insight::Snapshot::shape, &snapshot) + "\n"
                                  : describe(snapshot);
}

int save(Surroundings& surroundings, SnapshotCommand& command) {
  return ask<insight::SaveSnapshotResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.save_snapshot({.name = command.name}); },
      [&](const insight::SaveSnapshotResponse& response) {
        surroundings.terminal.out(print(command, response.snapshot.value_or(insight::Snapshot())));
        return done;
      });
}

int list(Surroundings& surroundings, SnapshotCommand& command) {
  return ask<insight::ListSnapshotsResponse>(
      surroundings, command.cloud,
      [](const insight::Client& client) { return client.list_snapshots({}); },
      [&](const insight::ListSnapshotsResponse& response) {
        std::string text;
        for (const insight::Snapshot& snapshot :
             response.snapshots.value_or(std::vector<insight::Snapshot>()))
          text += print(command, snapshot);
        surroundings.terminal.out(text);
        return done;
      });
}

int remove(Surroundings& surroundings, SnapshotCommand& command) {
  return ask<insight::DeleteSnapshotResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) { return client.delete_snapshot({.name = command.name}); },
      [](const insight::DeleteSnapshotResponse&) { return done; });
}

int restore_served(Surroundings& surroundings, SnapshotCommand& command) {
  return ask<insight::RestoreSnapshotResponse>(
      surroundings, command.cloud,
      [&](const insight::Client& client) {
        return client.restore_snapshot({.name = command.name});
      },
      [](const insight::RestoreSnapshotResponse&) { return done; });
}

/// A server does it while it runs; in a directory that nobody uses, this program does.
int restore(Surroundings& surroundings, SnapshotCommand& command) {
  if (command.cloud.cloud != "embedded") return restore_served(surroundings, command);
  if (!storage::is_snapshot_name(command.name))
    return refuse_usage(surroundings, "That is no name of a snapshot.");
  runtime::Runtime& runtime = surroundings.runtime;
  const auto restored = storage::restore(
      runtime.disk, {.directory = data_directory(surroundings, command.cloud.directory),
                     .name = command.name,
                     .unfinished = "restoring-" + runtime.random.uuid()});
  if (restored) return done;
  if (restored.error().kind == storage::OpenError::Kind::locked)
    return restore_served(surroundings, command);
  return fail(surroundings, restored.error().message);
}

std::string file_path(const Surroundings& surroundings, const SnapshotCommand& command) {
  return (std::filesystem::path(surroundings.runtime.environment.current_directory()) /
          command.file)
      .string();
}

NamedSnapshot named(const Surroundings& surroundings, const SnapshotCommand& command) {
  return {.directory = data_directory(surroundings, command.cloud.directory), .name = command.name};
}

int tell(Surroundings& surroundings, const runtime::DiskError& error) {
  return fail(surroundings, storage::sentence_of(error));
}

int export_to_file(Surroundings& surroundings, SnapshotCommand& command) {
  if (!storage::is_snapshot_name(command.name))
    return refuse_usage(surroundings, "That is no name of a snapshot.");
  surroundings.keep_files_private();
  const auto done_so = export_snapshot(surroundings.runtime.disk, named(surroundings, command),
                                       file_path(surroundings, command));
  return done_so ? static_cast<int>(done) : tell(surroundings, done_so.error());
}

int import_from_file(Surroundings& surroundings, SnapshotCommand& command) {
  if (!storage::is_snapshot_name(command.name))
    return refuse_usage(surroundings, "That is no name of a snapshot.");
  surroundings.keep_files_private();
  const auto imported = import_snapshot(surroundings.runtime.disk, named(surroundings, command),
                                        file_path(surroundings, command),
                                        "importing-" + surroundings.runtime.random.uuid());
  return imported ? static_cast<int>(done) : tell(surroundings, imported.error());
}

using Verb = int (*)(Surroundings&, SnapshotCommand&);

void add_verb(CLI::App& app, Surroundings& surroundings, Command& command, Verb verb) {
  auto options = std::make_shared<SnapshotCommand>();
  if (verb != list)
    app.add_option("NAME", options->name, "Letters, digits, \".\", \"-\", \"_\"")->required();
  const bool has_file = verb == export_to_file || verb == import_from_file;
  if (has_file) {
    app.add_option("FILE", options->file, "Such as before-import.tar.gz")->required();
    app.add_option("--data", options->cloud.directory,
                   "Data directory (default: $XDG_DATA_HOME/matinee); a server may use it")
        ->type_name("DIR");
  }
  if (verb == save || verb == list)
    take_one_of(*app.add_option("--format", options->format,
                                "For people, or a snapshot a line as JSON, for programs")
                     ->capture_default_str(),
                {"text", "json"});
  if (!has_file) add_cloud_options(app, options->cloud);
  app.callback([&surroundings, &command, options, verb] {
    command = [&surroundings, options, verb] { return verb(surroundings, *options); };
  });
}

}  // namespace

void add_snapshot(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "snapshot", "Keep the whole cloud as it is, under a name");
  app->require_subcommand(1);
  add_verb(*add_command(*app, "save", "Keep everything that is in the cloud now, while it runs"),
           surroundings, command, save);
  add_verb(*add_command(*app, "list", "What is kept"), surroundings, command, list);
  add_verb(*add_command(*app, "restore", "Make the cloud what it was; the snapshot stays"),
           surroundings, command, restore);
  add_verb(*add_command(*app, "export", "Make one file of a snapshot, for elsewhere"), surroundings,
           command, export_to_file);
  add_verb(*add_command(*app, "import", "Make a snapshot of such a file"), surroundings, command,
           import_from_file);
  add_verb(*add_command(*app, "delete", "Forget a snapshot"), surroundings, command, remove);
  app->footer("Snapshots are in the data directory, and share with it what does not change.");
}

}  // namespace matinee::cli
