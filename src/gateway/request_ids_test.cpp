#include "gateway/request_ids.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"

namespace matinee::gateway {

TEST(RequestIds, of_own_pages_are_counted_and_change_no_other) {
  runtime::SeededRandom random(7);
  runtime::SeededRandom same(7);
  RequestIds quiet(random);
  RequestIds watched(same);
  const std::string first = watched.make("/_matinee/jobs/one");
  EXPECT_EQ(first, "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(watched.make("/_matinee/trace"), "00000000-0000-4000-8000-000000000002");
  const std::string id = quiet.make("/");
  EXPECT_EQ(watched.make("/"), id);
  EXPECT_NE(watched.make("/"), id);
}

}  // namespace matinee::gateway
