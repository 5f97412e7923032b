// The first process of a cell: it makes the cell around itself, then runs programs in it as it is
// told, cleans up after them, and reports. While it lives the cell with its /tmp lives; with it all
// that runs in the cell ends.
#pragma once

#include "runtime/real/sandbox/cell_plan.h"

namespace matinee::runtime {

/// Never returns. In the process that the launcher has made for it.
[[noreturn]] void run_first_process(const CellPlan& plan, CellMethod method,
                                    OwnedDescriptor control);

}  // namespace matinee::runtime
