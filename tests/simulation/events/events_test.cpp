// Topics, buses, schedules and their queues on a machine that is killed at any write, while its
// clock is moved, and targets fail, deny and vanish: nothing that was acknowledged is lost, FIFO
// order and deduplication hold, retries come at AWS's times, and the journal knows what became of
// each.
//
// MATINEE_SEEDS=500 runs so many seeds instead of a few; MATINEE_SEED=17 replays one.
#include "events_run.h"
#include "seeds.h"

namespace matinee::simulation {
namespace {

class Events : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Events, are_kept_and_end_as_they_should_whenever_the_machine_dies) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  EventsRun(GetParam()).live();
}

constexpr std::uint64_t seeds_of_every_run = 8;

INSTANTIATE_TEST_SUITE_P(Seeds, Events, testing::ValuesIn(chosen_seeds(seeds_of_every_run)));

}  // namespace
}  // namespace matinee::simulation
