#include "cli/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

Place sample() {
  return {.url = "http://127.0.0.1:4566",
          .legacy_ports = {{4569, "dynamodb"}, {4572, "s3"}},
          .process_id = 77,
          .directory = "/data"};
}

TEST(Place, what_the_lock_says_is_read_back) {
  EXPECT_EQ(lock_text(sample()), "http://127.0.0.1:4566 4569=dynamodb 4572=s3");
  const std::optional<Place> read = read_lock_text(lock_text(sample()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->url, sample().url);
  EXPECT_EQ(read->legacy_ports, sample().legacy_ports);
  EXPECT_THAT(read->ports(), testing::ElementsAre(4566, 4569, 4572));
}

TEST(Place, the_lock_of_an_older_server_has_its_url_alone) {
  const std::optional<Place> read = read_lock_text("http://[::1]:5000");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->url, "http://[::1]:5000");
  EXPECT_THAT(read->ports(), testing::ElementsAre(5000));
}

TEST(Place, a_job_is_no_server) {
  EXPECT_FALSE(read_lock_text(""));
  EXPECT_FALSE(read_lock_text("job"));
}

TEST(Place, the_ready_line_names_every_port) {
  EXPECT_THAT(ready_text(sample(), std::chrono::milliseconds(7)),
              testing::EndsWith(" is ready on http://127.0.0.1:4566, on port 4569 for dynamodb, "
                                "4572 for s3 (data in /data, 7 ms).\n"));
}

TEST(Place, for_programs_it_is_one_line) {
  EXPECT_THAT(ready_json(sample(), std::chrono::milliseconds(7)),
              testing::AllOf(
                  testing::StartsWith(
                      R"({"address":"http://127.0.0.1:4566","port":4566,"ports":[4566,4569,4572],)"
                      R"("legacy_ports":{"dynamodb":4569,"s3":4572},"pid":77,"data":"/data",)"),
                  testing::EndsWith("\"ready_ms\":7.000}\n")));
  Place kept_nowhere = sample();
  kept_nowhere.directory.clear();
  EXPECT_THAT(ready_json(kept_nowhere, {}), testing::HasSubstr("\"data\":null"));
}

TEST(Place, an_ipv6_address_has_brackets_in_a_url) {
  EXPECT_EQ(url_of("::1", 80), "http://[::1]:80");
  EXPECT_EQ(url_of("10.0.0.1", 80), "http://10.0.0.1:80");
}

}  // namespace
}  // namespace matinee::cli
