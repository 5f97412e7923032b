// Random operations on tables, with crashes between them, answered by DynamoDB and by a naive model
// of its rules, which shares no code with it: all answers are equal, and so is all that is there
// afterwards - items, entries of indexes, and what streams tell.
//
// MATINEE_SEEDS=500 runs so many seeds instead of a few; MATINEE_SEED=17 replays one, and with
// MATINEE_HISTORY=1 all is compared after each step, and the whole history told.
#include "seeds.h"
#include "tables_run.h"

namespace matinee::simulation::tables {
namespace {

class Tables : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Tables, are_what_the_model_says_whenever_the_machine_dies) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  TablesRun(GetParam()).live();
}

constexpr std::uint64_t seeds_of_every_run = 30;

INSTANTIATE_TEST_SUITE_P(Seeds, Tables, testing::ValuesIn(chosen_seeds(seeds_of_every_run)));

}  // namespace
}  // namespace matinee::simulation::tables
