// Functions with everything that calls them, on a machine that is killed at any write, while its
// clock is moved, programs fail in all ways, and mappings, limits and settings change: nothing that
// was acknowledged is lost, what is done is not done again, FIFO order, limits of concurrency and
// AWS's times of retries hold, and what is given up is told to those who have to know.
//
// MATINEE_SEEDS=500 runs so many seeds instead of a few; MATINEE_SEED=17 replays one.
#include "functions_run.h"
#include "seeds.h"

/// Tasks that a kill has left suspended are nobody's: with a real program their memory goes too.
extern "C" int __lsan_is_turned_off() {
  return 1;
}

namespace matinee::simulation {
namespace {

class Functions : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Functions, lose_nothing_that_was_acknowledged_whenever_the_machine_dies) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  FunctionsRun(GetParam()).live();
}

constexpr std::uint64_t seeds_of_every_run = 200;

INSTANTIATE_TEST_SUITE_P(Seeds, Functions, testing::ValuesIn(chosen_seeds(seeds_of_every_run)));

}  // namespace
}  // namespace matinee::simulation
