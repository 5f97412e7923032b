#include "jobs/movies/items.h"

#include <gtest/gtest.h>

namespace matinee::jobs::movies {
namespace {

TEST(Items, keys_tell_header_parts_and_chunks_apart) {
  const ItemKeys keys("J", KeyStyle::job_and_part);
  EXPECT_EQ(keys.header().at("part"), AttributeValue("000000"));
  EXPECT_EQ(keys.part(0).at("part"), AttributeValue("000001"));
  EXPECT_EQ(keys.chunk(217).at("part"), AttributeValue("000002/017"));
  const ItemKeys alone("J", KeyStyle::job_only);
  EXPECT_EQ(alone.header().at("job_id"), AttributeValue("J"));
  EXPECT_EQ(alone.part(0).at("job_id"), AttributeValue("J#000001"));
  EXPECT_EQ(alone.chunk(217).at("job_id"), AttributeValue("J#000002/017"));
}

TEST(Items, the_number_of_a_part_or_chunk_is_read_back_from_its_key) {
  for (const KeyStyle style : {KeyStyle::job_only, KeyStyle::job_and_part}) {
    const ItemKeys keys("J#000009", style);
    for (const std::uint64_t number : {0, 1, 199, 200, 12345}) {
      EXPECT_EQ(keys.require_part(keys.part(number)), number);
      EXPECT_EQ(keys.require_chunk(keys.chunk(number)), number);
    }
    EXPECT_ANY_THROW(keys.require_part(keys.header()));
  }
}

TEST(Items, a_header_is_read_back) {
  const Header header{"2026-11-20T10:15:00Z", 5000, 3, 18'446'744'073'709'551'615ULL, false};
  Item item;
  add_header(header, item);
  EXPECT_EQ(read_header(item), header);
  item.erase("seed");
  EXPECT_EQ(read_header(item), std::nullopt);
}

TEST(Items, a_movie_is_read_back) {
  const Movie movie{"T", 1999, "D", "A"};
  EXPECT_EQ(read_attribute(to_attribute(movie)), movie);
  EXPECT_EQ(read_attribute(AttributeValue("text")), std::nullopt);
}

}  // namespace
}  // namespace matinee::jobs::movies
