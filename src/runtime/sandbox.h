// Programs of others, each locked in: the instances of functions. real/ makes them of namespaces
// and processes, simulated/ of callables in virtual time.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::runtime {

/// An archive unpacked to a folder, made by `Sandboxes::unpack`; the folder goes away with the last
/// who holds it. A folder of the user's own stays.
class CodeFolder {
 public:
  virtual ~CodeFolder() = default;
  virtual const std::string& path() const = 0;
};

/// The bytes of an archive, or a sentence that says why there are none. A worker calls it, once.
using ReadArchive = std::move_only_function<std::expected<std::string, std::string>()>;

/// Where a program writes records to that are framed as those of AWS's runtimes, with
/// _LAMBDA_TELEMETRY_LOG_FD=3 in its environment: only the main program of a sandbox has it.
constexpr int framed_descriptor = 3;

/// What is locked in, and how. Paths inside are those of AWS: /var/task, /opt, /tmp. Where the
/// machine allows no namespaces the program sees the paths of the machine.
struct SandboxSpec {
  /// The main program, by its path, and its arguments. Without any nothing runs until `run`. In
  /// them and in the environment "{task}", "{opt}" and "{tmp}" stand for the folders as the program
  /// sees them, and so does the place of each of `folders` in braces, "{/var/runtime}".
  std::vector<std::string> command;
  /// "NAME=value". Nothing is added, but TMPDIR where /tmp is not the sandbox's own.
  std::vector<std::string> environment;
  std::string working_directory = "{task}";
  std::shared_ptr<CodeFolder> task;
  /// In the order in which later ones cover earlier ones.
  std::vector<std::shared_ptr<CodeFolder>> layers;
  /// Files that the program finds at a path of its own, read-only: the loaders of runtimes, by the
  /// folder on this machine, and where it appears ("/var/runtime").
  std::vector<std::pair<std::string, std::string>> folders;
  /// Lines for the program's /etc/hosts, where it has one of its own.
  std::vector<std::pair<std::string, std::string>> hosts;  // name, address
  /// Paths of programs outside of the system's folders that `run` will be told of.
  std::vector<std::string> programs;
  std::uint64_t memory_bytes = std::uint64_t{128} << 20;
  std::uint64_t scratch_bytes = std::uint64_t{512} << 20;  // of /tmp
  double processors = 1.0;                                 // its share
};

/// A program to run in a sandbox: see SandboxSpec.
struct SandboxProgram {
  std::string name;  // of the main program: none
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::string working_directory = "{task}";
};

/// How a program has ended.
struct SandboxEnd {
  int exit_status = 0;  // where it has exited
  int signal = 0;       // where it was killed; 0 otherwise
  bool out_of_memory = false;
  /// Why it could not even be started: a sentence. Empty otherwise.
  std::string failure;
  /// The system's number for that (ENOENT: there is no such program); 0 where it has none.
  int failure_number = 0;
};

/// Where a piece of output comes from.
enum class OutputKind : std::uint8_t {
  text,    // stdout and stderr
  framed,  // what the runtime wrote to _LAMBDA_TELEMETRY_LOG_FD: one record
};

struct SandboxOutput {
  OutputKind kind = OutputKind::text;
  std::string bytes;
  std::optional<Time> time = {};  // of a framed record that has one
  std::uint32_t frame_type = 0;   // of a framed record: the low half of its first four bytes
  std::string program = {};       // that has written it; empty for the main one
};

/// Hears of one sandbox, on the state thread.
class SandboxListener {
 public:
  virtual ~SandboxListener() = default;
  /// As it comes; a line may come in pieces. More than 1 MiB that nobody has taken yet makes the
  /// program wait.
  virtual void on_output(SandboxOutput output) = 0;
  /// One program has ended, or was not started, after its output. For the main one as well.
  virtual void on_program_end(const std::string& /*name*/, const SandboxEnd& /*end*/) {}
  /// Once, after all output, when all programs and all that they started are gone. `end` is that of
  /// the main program. When the last program ends, what it has left behind is killed.
  virtual void on_end(const SandboxEnd& end) = 0;
};

/// One that runs. Destroying it kills everything in it, at once, without a word to the listener.
class Sandbox {
 public:
  virtual ~Sandbox() = default;
  /// Starts another program beside those that run: an extension, or the main one, where the sandbox
  /// was started without. Not after `on_end`.
  virtual void run(SandboxProgram program) = 0;
  /// SIGTERM for the main program.
  virtual void ask_to_end() = 0;
  /// SIGKILL for all. `on_end` follows.
  virtual void kill() = 0;
  /// Tells the listener, before it returns, what programs have written up to now: what they wrote
  /// before they said something elsewhere comes before that.
  virtual void take_output() = 0;
  /// Its memory is looked at while it is busy, as it is in the beginning: every 50 ms, more often
  /// near the limit. Costs next to nothing.
  virtual void set_busy(bool busy) = 0;
  /// What `start` takes to give the /tmp of this one to the next, once this one's `on_end` was told
  /// and before it is destroyed. It has to be of the same folders; otherwise /tmp is empty.
  virtual std::string scratch() const = 0;
  /// The most that its processes have had together, in bytes, as far as is known. Looks, if nobody
  /// has done so for 50 ms.
  virtual std::uint64_t peak_memory() const = 0;
};

/// What this machine allows, each in words for people; `what_is_missing` is empty where all is
/// there.
struct SandboxAbilities {
  bool is_locked_in = false;   // namespaces, a root of its own
  bool limits_memory = false;  // by cgroups; watched otherwise
  std::vector<std::string> missing;
};

struct SandboxOptions {
  /// Where unpacked archives lie, below a folder of this process's own.
  std::string directory;
  /// Programs are locked in as far as this machine allows it; otherwise they are plain processes.
  bool locked_in = true;
};

class Sandboxes {
 public:
  virtual ~Sandboxes() = default;

  /// Unpacks a zip archive for as long as somebody holds the folder; the same archive, by `id`,
  /// once. By a worker: `done` is called on the state thread. The error is a sentence.
  virtual void unpack(
      const std::string& id, ReadArchive read,
      std::move_only_function<void(std::expected<std::shared_ptr<CodeFolder>, std::string>)>
          done) = 0;
  /// A folder of the user's, as it is.
  virtual std::shared_ptr<CodeFolder> folder(const std::string& path) = 0;
  /// Keeps what `unpack` has unpacked, or nothing: for a start without waiting.
  virtual std::shared_ptr<CodeFolder> find_unpacked(const std::string& id) = 0;

  /// Returns at once. What goes wrong is told to the listener's `on_end`, never before this
  /// returns. The listener must outlive the sandbox. `scratch`: of an earlier sandbox, whose /tmp
  /// is kept; empty for a fresh one.
  virtual std::unique_ptr<Sandbox> start(SandboxSpec spec, SandboxListener& listener,
                                         const std::string& scratch) = 0;

  /// May wait for the helper that finds out: not for the state thread of a server.
  virtual const SandboxAbilities& abilities() = 0;
  /// The same without waiting: `done` is called on the state thread, now or once they are known.
  virtual void ask_abilities(std::move_only_function<void(const SandboxAbilities&)> done) {
    done(abilities());
  }
  /// The path of an interpreter on this machine, the first that is there of these names, newest
  /// first: never a script or a stand-in of a version manager. Empty without. A sandbox whose
  /// program lies outside of the system's folders sees the tree that it belongs to as well.
  virtual std::string find_program(const std::vector<std::string>& names) const = 0;
};

}  // namespace matinee::runtime
