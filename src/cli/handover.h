// What a server leaves to the one that takes its place in the same process, when its cloud becomes
// what one of its snapshots is: whoever connects meanwhile waits, and is served by the next one.
#pragma once

#include <string>
#include <vector>

#include "cli/keys.h"
#include "gateway/listener.h"

namespace matinee::cli {

struct Handover {
  std::vector<gateway::Listener> listeners;
  /// They may have been read from standard input, which is at its end.
  Keys keys;
  /// Of its data.
  std::string directory;
  /// Whether time stood.
  bool is_paused = false;
};

}  // namespace matinee::cli
