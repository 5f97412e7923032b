// The root that programs in a cell see: folders of this machine, read-only, and little else.
#pragma once

#include <optional>
#include <string>

#include "runtime/real/sandbox/cell_plan.h"

namespace matinee::runtime {

/// Makes it, and moves this process into it, whose mount namespace must be its own. Returns what
/// the machine has refused: "mounting /proc: Operation not permitted".
std::optional<std::string> enter_cell_root(const CellPlan& plan);

/// Whether the root shows the folder of this machine at its own place in any case.
bool is_in_every_root(const std::string& path);

}  // namespace matinee::runtime
