#include "jobs/publish/key_space.h"

#include <gtest/gtest.h>

#include <set>

#include "runtime/simulated/seeded_random.h"

namespace matinee::jobs::publish {
namespace {

using Keys = std::set<std::string>;

/// Lists keys with some lanes, whose pages come in a random order.
class Listing {
 public:
  Listing(const Keys& keys, std::size_t lanes, std::uint64_t seed)
      : keys_(keys), lanes_(lanes), random_(seed) {}

  std::size_t page_size = 10;
  std::string prefix;
  std::vector<std::string> cuts;

  void run() {
    KeySpace space(prefix, cuts);
    std::vector<Lane> lanes(lanes_);
    while (!space.is_finished()) {
      for (Lane& lane : lanes)
        if (!lane.range && (lane.range = space.take())) begin_page(lane);
      Lane& lane = lanes[random_.below(lanes.size())];
      if (lane.range) end_page(space, lane);
      busiest = std::max(busiest, static_cast<std::size_t>(std::ranges::count_if(
                                      lanes, [](const Lane& each) { return each.range; })));
    }
    EXPECT_NEAR(space.finished_share(), 1, 1e-9);
  }

  std::vector<std::string> seen;  // in the order in which they came
  std::size_t pages = 0;
  std::size_t busiest = 0;

 private:
  struct Lane {
    KeyRange* range = nullptr;
    std::vector<std::string> page;  // being listed
    bool has_more = false;
  };

  const Keys& keys_;
  std::size_t lanes_;
  runtime::SeededRandom random_;

  void begin_page(Lane& lane) {
    ++pages;
    lane.page.clear();
    auto key = keys_.upper_bound(std::max(lane.range->span.after, prefix));
    if (lane.range->span.after < prefix) key = keys_.lower_bound(prefix);
    for (; key != keys_.end() && key->starts_with(prefix) && lane.page.size() < page_size; ++key)
      lane.page.push_back(*key);
    lane.has_more = key != keys_.end() && key->starts_with(prefix);
  }

  void end_page(KeySpace& space, Lane& lane) {
    KeyRange& range = *lane.range;
    const Span span = range.span;
    range.has_more = lane.has_more;
    const bool is_empty = lane.page.empty();
    space.listed(range, is_empty ? "" : lane.page.front(), is_empty ? "" : lane.page.back());
    for (const std::string& key : lane.page)
      if (span.covers(key)) seen.push_back(key);
    if (range.has_more) {
      begin_page(lane);
    } else {
      space.finish(range);
      lane.range = nullptr;
    }
  }
};

/// Every key came, and came once.
void expect_each_once(const Keys& keys, std::vector<std::string> seen) {
  std::ranges::sort(seen);
  EXPECT_TRUE(std::ranges::equal(keys, seen)) << keys.size() << " keys, " << seen.size() << " seen";
}

Keys digests(std::size_t count, const std::string& before = "") {
  runtime::SeededRandom random(7);
  Keys keys;
  while (keys.size() < count) keys.insert(before + random.text(64, "0123456789abcdef"));
  return keys;
}

TEST(KeySpace, an_empty_bucket_costs_one_page) {
  const Keys keys;
  Listing listing(keys, 16, 1);
  listing.run();
  EXPECT_TRUE(listing.seen.empty());
  EXPECT_EQ(listing.pages, 1U);
}

TEST(KeySpace, a_bucket_of_one_page_costs_one_page) {
  const Keys keys = digests(10);
  Listing listing(keys, 16, 1);
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.pages, 1U);
}

TEST(KeySpace, digests_keep_all_lanes_busy_for_few_pages_more) {
  const Keys keys = digests(20'000);
  Listing listing(keys, 16, 1);
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.busiest, 16U);
  EXPECT_LT(listing.pages, 2'000U * 5 / 4);
}

TEST(KeySpace, a_long_prefix_of_all_keys_is_found_out) {
  const Keys keys = digests(20'000, "the/same/long/prefix/of/every/key/in/this/bucket/");
  Listing listing(keys, 16, 1);
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.busiest, 16U);
  EXPECT_LT(listing.pages, 2'000U * 5 / 4);
}

TEST(KeySpace, dates_are_divided_although_they_differ_only_late) {
  Keys keys;
  for (int day = 1; day <= 365; ++day)
    for (int i = 0; i < 50; ++i)
      keys.insert("logs/2024/" + std::to_string(1000 + day / 30).substr(2) + "/" +
                  std::to_string(100 + day % 30).substr(1) + "/" + std::to_string(1000 + i));
  Listing listing(keys, 16, 1);
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.busiest, 16U);
  EXPECT_LT(listing.pages, keys.size() / 10 * 2);
}

TEST(KeySpace, lanes_that_are_done_help_where_most_keys_are) {
  Keys keys = digests(10'000, "z/");
  keys.merge(digests(50));
  Listing listing(keys, 8, 1);
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.busiest, 8U);
}

TEST(KeySpace, a_prefix_bounds_what_is_listed) {
  Keys keys = digests(1000, "a/");
  keys.merge(digests(1000, "b/"));
  keys.merge(digests(1000, "c/"));
  Listing listing(keys, 4, 1);
  listing.prefix = "b/";
  listing.run();
  expect_each_once(digests(1000, "b/"), listing.seen);
}

TEST(KeySpace, cuts_from_an_earlier_run_are_where_lanes_begin) {
  const Keys keys = digests(5'000);
  Listing listing(keys, 4, 1);
  listing.cuts = {"4", "8", *std::next(keys.begin(), 4'000)};
  listing.run();
  expect_each_once(keys, listing.seen);
  EXPECT_EQ(listing.busiest, 4U);
}

/// Keys of any shape: short and long, close together and far apart, of several alphabets.
Keys random_keys(runtime::Random& random) {
  static const std::vector<std::string> alphabets = {"01", "0123456789abcdef", "abcxyz/-_. ~",
                                                     "\x01\x7f!z"};
  static const std::vector<std::string> letters = {
      "ä", "é", "\xe4\xb8\xad", "\xef\xbf\xbf", "\xf0\x9f\x8e\xac", "\xf4\x8f\xbf\xbf", "a", "/"};
  Keys keys;
  const std::string& alphabet = alphabets[random.below(alphabets.size())];
  const std::string prefix = random.text(random.below(30), alphabet);
  const std::uint64_t longest = random.below(40) + 1;
  for (std::uint64_t i = random.below(400); i > 0; --i) {
    std::string key = random.below(3) == 0 ? "" : prefix;
    key += random.text(random.below(longest) + 1, alphabet);
    while (random.below(3) == 0) key += letters[random.below(letters.size())];
    keys.insert(key);
  }
  return keys;
}

TEST(KeySpace, random_keys_are_each_listed_once_by_any_number_of_lanes) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    runtime::SeededRandom random(seed);
    const Keys keys = random_keys(random);
    Listing listing(keys, random.below(20) + 1, seed);
    listing.page_size = random.below(9) + 1;
    for (std::uint64_t i = random.below(4); i > 0 && !keys.empty(); --i)
      listing.cuts.push_back(
          *std::next(keys.begin(), static_cast<std::ptrdiff_t>(random.below(keys.size()))));
    std::ranges::sort(listing.cuts);
    const auto [first, last] = std::ranges::unique(listing.cuts);
    listing.cuts.erase(first, last);
    listing.run();
    expect_each_once(keys, listing.seen);
    // Each lane may try in vain while a page is being listed, and a little beyond.
    EXPECT_LT(listing.pages, 4 * (keys.size() / listing.page_size) + 120) << "seed " << seed;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace matinee::jobs::publish
