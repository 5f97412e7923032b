// Everything that is not deterministic, as one parameter. Built in main.cpp or in a Simulation.
#pragma once

#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/environment.h"
#include "runtime/loop.h"
#include "runtime/random.h"
#include "runtime/workers.h"

namespace matinee::runtime {

struct Runtime {
  Loop& loop;
  Clock& clock;
  Random& random;
  Disk& disk;
  Workers& workers;
  Environment& environment;
};

}  // namespace matinee::runtime
