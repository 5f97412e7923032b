#include "protocol/weight.h"

#include <gtest/gtest.h>

#include "protocol/sample_shapes.h"

namespace matinee::protocol {
namespace {

using sample::Everything;

TEST(Weight, grows_with_texts_blobs_lists_and_maps) {
  constexpr std::size_t limit = 1'000'000;
  const auto weigh = [](const Everything& object) {
    return weight(Everything::shape, &object, limit);
  };
  const std::size_t empty = weigh({});
  Everything object;
  object.name = std::string(1000, 'x');
  EXPECT_GE(weigh(object), empty + 1000);
  object.parts.resize(100);
  EXPECT_GE(weigh(object), empty + 1000 + 100 * weight_of_a_value);
  object.labels = sample::Texts{{std::string(500, 'k'), std::string(500, 'v')}};
  object.data = Blob{std::string(1000, 'b')};
  EXPECT_GE(weigh(object), empty + 3000 + 100 * weight_of_a_value);
}

TEST(Weight, stops_counting_above_the_limit) {
  Everything object;
  object.parts.resize(1'000'000);
  EXPECT_GT(weight(Everything::shape, &object, 1000), 1000U);
  EXPECT_LT(weight(Everything::shape, &object, 1000), 2000U);
}

}  // namespace
}  // namespace matinee::protocol
