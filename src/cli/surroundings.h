// What every command gets: the outside world, as built in main.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/http_client.h"
#include "runtime/processes.h"
#include "runtime/runtime.h"
#include "runtime/terminal.h"

namespace matinee::cli {

struct Surroundings {
  runtime::Runtime& runtime;
  runtime::Terminal& terminal;
  runtime::Processes& processes;
  runtime::HttpClient& http;
  /// When the program was started.
  runtime::Time started;
  /// How many files, connections included, the program may have open; 0 where nobody knows.
  std::size_t file_limit = 0;
  /// From now on SIGTERM and SIGINT run `callback` on the state thread instead of ending the
  /// program. To be called before anything that starts threads.
  std::function<void(std::function<void()> callback)> on_stop_signal;
  /// From now on the program gives large blocks of memory back when they are freed, which takes
  /// time: for a job that lets large tables grow.
  std::function<void()> save_memory;
  /// Threads that can run at the same time.
  unsigned cores = 1;
};

/// What a command ends with; `stopped` is a job that was told to stop, as shells have it of Ctrl-C.
enum ExitCode : int { done = 0, failed = 1, wrong_usage = 2, stopped = 130 };

/// The absolute path of the data directory that --data names, or of the default one.
std::string data_directory(const Surroundings& surroundings, const std::string& chosen);

/// Prints "matinee: SENTENCE" to standard error; returns `failed`.
int fail(Surroundings& surroundings, std::string_view sentence);

}  // namespace matinee::cli
