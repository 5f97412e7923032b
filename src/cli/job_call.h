// A command that is a job over one connection, which a signal may end before it is done.
#pragma once

#include <cstdlib>
#include <functional>
#include <string>

#include "cli/cloud_options.h"
#include "cli/one_call.h"
#include "cli/surroundings.h"

namespace matinee::cli {

/// What is told once a signal has ended a job.
struct WhenStopped {
  std::string sentence;
  /// Before that, while the connection is there.
  std::function<void()> tell_others = [] {};
};

/// Connects to the cloud that was chosen and waits for the task that `make_task` makes of the
/// connection. Returns what `use` returns for its result, else the exit code of what went wrong,
/// which it has told. After a signal it tells `when_stopped` and ends the program where it stands.
template <class Result, class MakeTask, class Use>
int run_job(Surroundings& surroundings, CloudChoice& cloud, const WhenStopped& when_stopped,
            std::pair<MakeTask, Use> job) {
  int signal = 0;
  surroundings.on_stop_signal([&surroundings, &signal](int number) {
    signal = number;
    surroundings.runtime.loop.stop();
  });
  cloud.directory = data_directory(surroundings, cloud.directory);
  const auto connection = connect(surroundings, cloud);
  if (!connection) return fail(surroundings, connection.error());
  const auto answer =
      wait_for<Result>(surroundings.runtime.loop, [&] { return job.first(**connection); });
  if (!answer.response && answer.failure.empty()) {
    // The job's coroutines must not go on while what they work with is taken apart.
    when_stopped.tell_others();
    surroundings.terminal.error(when_stopped.sentence + "\n");
    std::quick_exit(stopped_by(signal));
  }
  if (!answer.response) return fail(surroundings, answer.failure);
  return job.second(*answer.response);
}

}  // namespace matinee::cli
