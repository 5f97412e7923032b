// Other processes: the server that runs in the background, and how to end it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "runtime/clock.h"

namespace matinee::runtime {

struct DetachedProgram {
  std::vector<std::string> arguments;  // the first is its path
  std::string log;                     // a file; errors are appended to it
  std::string input;                   // what it reads, up to 64 KiB: for secrets
};

struct DetachedProcess {
  int process_id = 0;
  /// The first line that it wrote to its output, without the line end.
  std::string first_line;
};

/// What becomes of what a program writes: to standard error of this one, or nothing; or the program
/// has the terminal of this one, to read from and to write to, as an editor wants it.
enum class ProgramOutput : std::uint8_t { shown, dropped, terminal };

class Processes {
 public:
  virtual ~Processes() = default;

  /// The path of the running program.
  virtual std::string own_executable() const = 0;

  /// Starts a program in a session of its own, with the environment of this one, and waits for its
  /// first line of output: the sign that it is ready. If it ends before, the error is the last line
  /// that it wrote to its log.
  virtual std::expected<DetachedProcess, std::string> start_detached(
      const DetachedProgram& program) = 0;

  /// Asks a process to finish its work and end (SIGTERM), and waits for it. The error is a
  /// sentence: there is no such process, it belongs to somebody else, or it has not ended within
  /// `limit`.
  virtual std::expected<void, std::string> end(int process_id, Duration limit) = 0;

  /// Runs a program, found in $PATH, to its end, without input unless it has the terminal, and with
  /// the environment of this one. Returns its exit code, or 128 and the number of the signal that
  /// has ended it. The error, that it cannot be started, is a sentence. From any thread.
  virtual std::expected<int, std::string> run(const std::vector<std::string>& arguments,
                                              ProgramOutput output) = 0;
};

}  // namespace matinee::runtime
