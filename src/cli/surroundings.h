// What every command gets: the outside world, as built in main.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/folders.h"
#include "runtime/http_client.h"
#include "runtime/processes.h"
#include "runtime/runtime.h"
#include "runtime/sandbox.h"
#include "runtime/terminal.h"

namespace matinee::cli {

struct Handover;

struct Surroundings {
  runtime::Runtime& runtime;
  runtime::Terminal& terminal;
  runtime::Processes& processes;
  runtime::HttpClient& http;
  runtime::Folders& folders;
  /// When the program was started.
  runtime::Time started;
  /// How many files, connections included, the program may have open; 0 where nobody knows.
  std::size_t file_limit = 0;
  /// From now on SIGTERM and SIGINT run `callback`, with their number, on the state thread instead
  /// of ending the program. To be called before anything that starts threads.
  std::function<void(std::function<void(int signal)> callback)> on_stop_signal;
  /// From now on the end of the process that has started this one runs `callback` on the state
  /// thread. To be called after `on_stop_signal`.
  std::function<void(std::function<void()> callback)> on_parent_exit;
  /// From now on the program gives large blocks of memory back when they are freed, which takes
  /// time: for a job that lets large tables grow.
  std::function<void()> save_memory;
  /// Gives back the memory that only the start of the program needed.
  std::function<void()> forget_start = [] {};
  /// Files that the program makes from now on are this user's alone.
  std::function<void()> keep_files_private;
  /// For functions. Empty where none can run.
  std::function<std::unique_ptr<runtime::Sandboxes>(const runtime::SandboxOptions& options)>
      make_sandboxes = {};
  /// Threads that can run at the same time.
  unsigned cores = 1;
  /// Locks of files that are released from now on stay with this process until it takes them again.
  std::function<void()> keep_locks = [] {};
  /// From the server before, in the same process; null for the first. A server that sets it asks
  /// for the program to begin again, with everything but this built anew.
  std::shared_ptr<Handover> handover = nullptr;
};

/// What a command ends with. One that a signal has stopped ends with `stopped_by` it.
enum ExitCode : int { done = 0, failed = 1, wrong_usage = 2 };

/// As shells tell of it: 130 after a Ctrl-C, 143 after SIGTERM.
constexpr int stopped_by(int signal) {
  return 128 + signal;
}

/// The absolute path of the data directory that --data names, or of the default one.
std::string data_directory(const Surroundings& surroundings, const std::string& chosen);

/// Prints "matinee: SENTENCE" to standard error; returns `failed`.
int fail(Surroundings& surroundings, std::string_view sentence);
/// The same for a command line that is wrong; returns `wrong_usage`.
int refuse_usage(Surroundings& surroundings, std::string_view sentence);

}  // namespace matinee::cli
