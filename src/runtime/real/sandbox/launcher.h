// The launcher of cells: this program once more, as a small process with one thread, which a server
// can start processes from without copying all of itself. It ends with the server, and with it all
// cells do.
#pragma once

#include <expected>
#include <string>

#include "runtime/real/sandbox/packets.h"

namespace matinee::runtime {

/// Whether this process was started as a launcher. Asked at the very beginning of `main`, before
/// anything else costs time or memory; `run_launcher` gives the exit status then.
bool is_launcher(int argument_count, const char* const* arguments);
int run_launcher();

struct StartedLauncher {
  int process_id = 0;
  OwnedDescriptor socket;
};

/// Starts one from this program. The error is a sentence.
std::expected<StartedLauncher, std::string> start_launcher();

}  // namespace matinee::runtime
