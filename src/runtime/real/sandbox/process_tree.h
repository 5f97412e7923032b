// The processes that a process has started, and those have started in turn, as /proc tells.
#pragma once

#include <vector>

namespace matinee::runtime {

/// Those that live at the moment, parents before their children.
std::vector<int> descendants_of(int process);

/// How many threads all processes of this user have together.
std::size_t count_threads_of_user();

/// Stops all descendants of this process, then kills them. Some may be left that were just being
/// made: to be repeated until none is.
void kill_descendants();

}  // namespace matinee::runtime
