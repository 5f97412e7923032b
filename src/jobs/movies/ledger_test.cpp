#include "jobs/movies/ledger.h"

#include <gtest/gtest.h>

namespace matinee::jobs::movies {
namespace {

TEST(Layout, chunks_and_parts_cover_every_movie_once) {
  for (const std::uint64_t count : {1, 9, 10, 11, 1999, 2000, 2001, 4005}) {
    const Layout layout(count, 16);
    std::uint64_t next = 0;
    for (std::uint64_t part = 0; part < layout.parts(); ++part) {
      const Range chunks = layout.chunks_of(part);
      EXPECT_EQ(layout.part(part).begin, next);
      for (std::uint64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
        EXPECT_EQ(layout.chunk(chunk).begin, next);
        next = layout.chunk(chunk).end;
      }
      EXPECT_EQ(layout.part(part).end, next);
    }
    EXPECT_EQ(next, count);
    EXPECT_EQ(layout.chunks_of(layout.parts() - 1).end, layout.chunks());
  }
}

TEST(Layout, neighbouring_chunks_are_in_different_groups_and_all_groups_are_used) {
  const Layout layout(10'000, 16);
  std::set<std::uint64_t> groups;
  for (std::uint64_t chunk = 0; chunk < layout.chunks(); ++chunk) {
    groups.insert(layout.group_of_chunk(chunk));
    if (chunk > 0) EXPECT_NE(layout.group_of_chunk(chunk), layout.group_of_chunk(chunk - 1));
  }
  EXPECT_EQ(groups.size(), 16U);
}

TEST(Ledger, a_movie_counts_once) {
  Ledger ledger(Layout(2001, 16));
  EXPECT_TRUE(ledger.add(5));
  EXPECT_FALSE(ledger.add(5));
  EXPECT_TRUE(ledger.contains(5));
  EXPECT_FALSE(ledger.contains(6));
  EXPECT_EQ(ledger.stored(), 1U);
}

TEST(Ledger, a_part_is_full_with_its_last_movie_and_assembled_when_told) {
  Ledger ledger(Layout(2001, 16));
  for (std::uint64_t i = 0; i < 1999; ++i) ledger.add(i);
  EXPECT_FALSE(ledger.is_full(0));
  ledger.add(1999);
  EXPECT_TRUE(ledger.is_full(0));
  EXPECT_FALSE(ledger.is_assembled(0));
  ledger.add_assembled(0);
  ledger.add_assembled(1);
  EXPECT_TRUE(ledger.all_stored());
  EXPECT_TRUE(ledger.all_assembled());
}

TEST(Ledger, a_forgotten_part_can_be_stored_again) {
  Ledger ledger(Layout(4000, 16));
  ledger.add_assembled(0);
  ledger.add(2000);
  ledger.forget(0);
  EXPECT_EQ(ledger.stored(), 1U);
  EXPECT_EQ(ledger.assembled(), 0U);
  EXPECT_TRUE(ledger.add(0));
  EXPECT_EQ(ledger.stored(), 2U);
}

}  // namespace
}  // namespace matinee::jobs::movies
