// Starts and stops the program that is measured, as a user would: a child process, its ready line
// on standard output, a signal to end it. Each server has a directory of its own that goes with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A directory below $TMPDIR (or /tmp) that is removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A `matinee up` on a port that the kernel chose and a new data directory.
class ServerProcess {
 public:
  /// Starts it, with more arguments if there are any, and waits for its ready line. Throws
  /// std::runtime_error when it ends instead.
  explicit ServerProcess(const std::string& binary, const std::vector<std::string>& more = {});

  /// Sends SIGTERM and waits; complains on standard error when the exit code is not zero.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Ends it with that signal, waits until it is gone and starts it again on the same directory.
  void restart(int signal);

  /// Ends it with SIGTERM and waits until it is gone; its data stay until this object goes.
  void stop();

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  std::string data_directory() const { return directory_.path() + "/data"; }

  /// From just before the process was created until its ready line was read.
  double ready_milliseconds() const { return ready_milliseconds_; }

  /// Its resident set now, in megabytes of 1,000,000 bytes.
  double resident_megabytes() const;

  /// The largest that it was since the start.
  double peak_megabytes() const;

  /// Seconds of processor time it has used since it was started, which other programs on the same
  /// machine lengthen little.
  double processor_seconds() const;

 private:
  void start();
  int end(int signal);

  TemporaryDirectory directory_;
  std::vector<std::string> command_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  int output_ = -1;
  double ready_milliseconds_ = 0;
};

/// How a command that ran to its end did.
struct Finished {
  int exit_code = 0;
  double seconds = 0;
  double peak_megabytes = 0;
  std::string output;
};

/// Runs a command with XDG_DATA_HOME set to the directory, collecting its standard output.
Finished run_to_end(const std::vector<std::string>& command, const std::string& data_home);

}  // namespace bench
