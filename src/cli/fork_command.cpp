// `matinee fork`: a copy of a cloud, as a cloud of its own beside it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/handover.h"
#include "cli/insight_call.h"
#include "cli/up_options.h"
#include "runtime/links.h"
#include "storage/restoring.h"
#include "storage/snapshots.h"

namespace matinee::cli {
namespace {

struct ForkCommand {
  std::string name;
  std::string target;  // empty: one that goes with the server
  UpOptions up;        // whose directory is that of the original
};

/// Where a fork is made. The id of a fork that passes is in its own path.
std::string unfinished_path(const std::string& target, const std::string& id = "") {
  return target + (id.empty() ? "" : "." + id) + ".unfinished";
}

/// Directories of forks that go when their server ends: DIR/forks/ID, beside a lock that whoever
/// serves one holds. A server that was killed leaves them to the next one.
class PassingForks {
 public:
  PassingForks(runtime::Disk& disk, const std::string& source)
      : disk_(disk), directory_(source + "/forks") {}

  std::string path(const std::string& id) const { return directory_ + "/" + id; }
  runtime::DiskResult<std::unique_ptr<runtime::FileLock>> enter(const std::string& id) {
    if (auto made = disk_.create_private_directories(directory_); !made)
      return std::unexpected(made.error());
    return disk_.lock(path(id) + std::string(lock_ending));
  }
  runtime::DiskResult<> remove(const std::string& id) {
    for (const std::string& left : {path(id), unfinished_path(path(id))})
      if (auto removed = runtime::remove_tree(disk_, left); !removed) return removed;
    return disk_.remove(path(id) + std::string(lock_ending));
  }
  /// What cannot be removed now stays for the next one.
  void remove_abandoned() {
    for (const std::string& name : disk_.list(directory_).value_or(std::vector<std::string>())) {
      if (!name.ends_with(lock_ending)) continue;
      const auto lock = disk_.lock(directory_ + "/" + name);
      if (lock) (void)remove(name.substr(0, name.size() - lock_ending.size()));
    }
  }

 private:
  static constexpr std::string_view lock_ending = ".lock";

  runtime::Disk& disk_;
  std::string directory_;
};

int tell(Surroundings& surroundings, const runtime::DiskError& error) {
  return fail(surroundings, storage::sentence_of(error));
}

int fork_snapshot(Surroundings& surroundings, const storage::Fork& fork) {
  const auto made = storage::make_fork(surroundings.runtime.disk, fork);
  return made ? static_cast<int>(done) : tell(surroundings, made.error());
}

/// Of a snapshot that is there only as long as it takes.
int fork_now(Surroundings& surroundings, storage::Fork fork) {
  fork.name = "fork-" + surroundings.runtime.random.uuid();
  fork.consumes = true;
  CloudChoice cloud{.directory = fork.directory};
  const auto nothing = [](const auto&) { return done; };
  const int saved = ask<insight::SaveSnapshotResponse>(
      surroundings, cloud,
      [&](const insight::Client& client) { return client.save_snapshot({.name = fork.name}); },
      nothing);
  if (saved != done) return saved;
  const int forked = fork_snapshot(surroundings, fork);
  // It has become the fork.
  if (const auto left =
          storage::Snapshots(surroundings.runtime.disk, fork.directory).find(fork.name);
      !left && left.error().kind == runtime::DiskError::Kind::not_found)
    return forked;
  const int removed = ask<insight::DeleteSnapshotResponse>(
      surroundings, cloud,
      [&](const insight::Client& client) { return client.delete_snapshot({.name = fork.name}); },
      nothing);
  return forked == done ? removed : forked;
}

int fork_and_serve(Surroundings& surroundings, const ForkCommand& command,
                   const std::string& source, const std::string& target) {
  UpOptions options = command.up;
  options.directory = target;
  options.is_passing = command.target.empty();
  if (!surroundings.handover) {
    const storage::Fork fork{
        .directory = source,
        .name = command.name,
        .target = target,
        .unfinished =
            unfinished_path(target, options.is_passing ? "" : surroundings.runtime.random.uuid()),
        .lasts = !options.is_passing,
        .workers = &surroundings.runtime.workers};
    // Signals are the program's own before the first thread begins, as the server wants it.
    surroundings.on_stop_signal([](int number) { std::quick_exit(stopped_by(number)); });
    const int code =
        command.name == "now" ? fork_now(surroundings, fork) : fork_snapshot(surroundings, fork);
    if (code != done) return code;
  }
  return options.detach ? serve_detached(surroundings, options) : serve(surroundings, options);
}

int fork_for_a_while(Surroundings& surroundings, const ForkCommand& command,
                     const std::string& source) {
  PassingForks forks(surroundings.runtime.disk, source);
  const std::string id = surroundings.handover
                             ? surroundings.handover->directory.substr(forks.path("").size())
                             : surroundings.runtime.random.uuid();
  if (!surroundings.handover) forks.remove_abandoned();
  const auto lock = forks.enter(id);
  if (!lock) return tell(surroundings, lock.error());
  const int code = fork_and_serve(surroundings, command, source, forks.path(id));
  if (surroundings.handover) return code;
  const auto removed = forks.remove(id);
  return removed ? code : tell(surroundings, removed.error());
}

int run_fork(Surroundings& surroundings, const ForkCommand& command) {
  if (command.name != "now" && !storage::is_snapshot_name(command.name))
    return refuse_usage(surroundings, "That is no name of a snapshot.");
  if (command.up.durability == "memory")
    return refuse_usage(surroundings, "A fork has a directory; --durability memory has none.");
  if (const std::string conflict = find_conflict(command.up); !conflict.empty())
    return refuse_usage(surroundings, conflict);
  if (command.up.seed)
    return refuse_usage(surroundings,
                        "--seed begins with an empty cloud, because the ids that it draws may be "
                        "taken in a fork.");
  if (command.up.detach && command.target.empty())
    return refuse_usage(surroundings,
                        "--detach needs --to DIR, because nobody would remove the "
                        "fork's directory.");
  const std::string source = data_directory(surroundings, command.up.directory);
  if (command.target.empty()) return fork_for_a_while(surroundings, command, source);
  return fork_and_serve(surroundings, command, source,
                        data_directory(surroundings, command.target));
}

}  // namespace

void add_fork(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "fork",
                              "Serve a copy of the cloud: as a snapshot has it, or as it is now");
  auto options = std::make_shared<ForkCommand>();
  app->add_option("NAME", options->name, "A snapshot of --data, or \"now\"")->required();
  add_up_options(*app, options->up);
  app->add_option("--to", options->target,
                  "Data directory of the fork, to be made (default: one that goes when it ends)")
      ->type_name("DIR");
  app->footer(
      "A fork shares with the original what never changes, and has ids, changes and a clock of "
      "its\n"
      "own. Exit codes: 0 stopped in order, 1 failed, 2 wrong usage.");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_fork(surroundings, *options); };
  });
}

}  // namespace matinee::cli
