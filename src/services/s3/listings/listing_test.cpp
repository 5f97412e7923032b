#include "services/s3/listings/listing.h"

#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class Listings : public ServiceTest {
 protected:
  Listings() { make_bucket(); }

  void put_all(std::initializer_list<const char*> keys) {
    for (const char* key : keys) put(key, "x");
  }
  /// Keys, and common prefixes with a '*' behind them, of all pages.
  std::vector<std::string> walk(ListObjectsV2Request request) {
    std::vector<std::string> found;
    for (;;) {
      const ListObjectsV2Response page = call(&Service::list_objects_v2, request);
      for (const Object& object : *page.contents) found.push_back(*object.key);
      for (const CommonPrefix& prefix : *page.common_prefixes)
        found.push_back(*prefix.prefix + "*");
      EXPECT_EQ(*page.is_truncated, page.next_continuation_token.has_value());
      if (!*page.is_truncated) return found;
      request.continuation_token = page.next_continuation_token;
    }
  }
  using Keys = std::vector<std::string>;
};

TEST_F(Listings, have_the_keys_in_the_order_of_their_bytes) {
  put_all({"b", "a/b", "\xc3\xa4", "a", "B", "a b", "a-b"});
  EXPECT_EQ(walk({.bucket = "bucket"}), (Keys{"B", "a", "a b", "a-b", "a/b", "b", "\xc3\xa4"}));
}

TEST_F(Listings, are_the_same_whatever_the_page_size) {
  put_all({"a", "b/1", "b/2", "c", "d/1", "d/2/3", "e", "\xf4\x8f\xbf\xbf"});
  for (const char* delimiter : {"", "/"})
    for (int size = 1; size < 10; ++size) {
      Keys paged = walk({.bucket = "bucket", .delimiter = delimiter, .max_keys = size});
      Keys whole = walk({.bucket = "bucket", .delimiter = delimiter});
      std::ranges::sort(paged);
      std::ranges::sort(whole);
      EXPECT_EQ(paged, whole) << size;
    }
}

TEST_F(Listings, fold_what_comes_after_a_delimiter) {
  put_all({"a/1", "a/2", "b", "c/1/2", "c/3", "d"});
  EXPECT_EQ(walk({.bucket = "bucket", .delimiter = "/"}), (Keys{"b", "d", "a/*", "c/*"}));
  EXPECT_EQ(walk({.bucket = "bucket", .delimiter = "/", .prefix = "c/"}), (Keys{"c/3", "c/1/*"}));
  EXPECT_EQ(walk({.bucket = "bucket", .delimiter = "/1"}),
            (Keys{"a/2", "b", "c/3", "d", "a/1*", "c/1*"}));
}

TEST_F(Listings, begin_after_a_key_or_after_a_common_prefix) {
  put_all({"a", "b/1", "b/2", "c"});
  EXPECT_EQ(walk({.bucket = "bucket", .start_after = "a"}), (Keys{"b/1", "b/2", "c"}));
  EXPECT_EQ(walk({.bucket = "bucket", .start_after = "aa"}), (Keys{"b/1", "b/2", "c"}));
  EXPECT_EQ(walk({.bucket = "bucket", .delimiter = "/", .start_after = "b/"}), (Keys{"c"}));
  EXPECT_EQ(walk({.bucket = "bucket", .start_after = "b/"}), (Keys{"b/1", "b/2", "c"}));
  EXPECT_EQ(walk({.bucket = "bucket", .prefix = "b/", .start_after = "a"}), (Keys{"b/1", "b/2"}));
  EXPECT_EQ(walk({.bucket = "bucket", .prefix = "b/", .start_after = "c"}), (Keys{}));
}

TEST_F(Listings, do_not_show_the_group_again_in_which_their_marker_is) {
  put_all({"a/b/c", "a/b/d", "a/e", "a/f/g"});
  const ListObjectsV2Request request{
      .bucket = "bucket", .delimiter = "/", .prefix = "a/", .start_after = "a/b/c"};
  EXPECT_EQ(walk(request), (Keys{"a/e", "a/f/*"}));
  const auto page = call(&Service::list_objects,
                         {.bucket = "bucket", .delimiter = "/", .marker = "a/b/c", .prefix = "a/"});
  EXPECT_EQ(page.contents->front().key, "a/e");
  EXPECT_EQ(page.common_prefixes->size(), 1u);
  EXPECT_EQ(walk({.bucket = "bucket", .prefix = "a/", .start_after = "a/b/c"}),
            (Keys{"a/b/d", "a/e", "a/f/g"}));
}

TEST_F(Listings, of_other_buckets_are_not_mixed_in) {
  make_bucket("bucket2");
  put_all({"a"});
  EXPECT_EQ(walk({.bucket = "bucket2"}), Keys{});
}

TEST_F(Listings, count_keys_and_prefixes_together) {
  put_all({"a", "b/1", "b/2", "c"});
  const auto page =
      call(&Service::list_objects_v2, {.bucket = "bucket", .delimiter = "/", .max_keys = 2});
  EXPECT_EQ(page.key_count, 2);
  EXPECT_EQ(page.max_keys, 2);
  EXPECT_TRUE(*page.is_truncated);
}

TEST_F(Listings, of_no_keys_are_not_truncated) {
  put_all({"a"});
  const auto page = call(&Service::list_objects_v2, {.bucket = "bucket", .max_keys = 0});
  EXPECT_FALSE(*page.is_truncated);
  EXPECT_EQ(page.key_count, 0);
  EXPECT_THROW(call(&Service::list_objects_v2, {.bucket = "bucket", .max_keys = -1}),
               InvalidArgument);
  EXPECT_EQ(call(&Service::list_objects_v2, {.bucket = "bucket", .max_keys = 5000}).max_keys, 1000);
}

TEST_F(Listings, refuse_tokens_that_they_did_not_give) {
  EXPECT_THROW(walk({.bucket = "bucket", .continuation_token = "nonsense"}), InvalidArgument);
  EXPECT_THROW(walk({.bucket = "bucket", .continuation_token = ""}), InvalidArgument);
}

TEST_F(Listings, encode_keys_for_xml_when_asked) {
  put_all({"a b/\x01+~*(é)"});
  const auto page = call(&Service::list_objects_v2, {.bucket = "bucket", .encoding_type = "url"});
  EXPECT_EQ(page.contents->front().key, "a+b/%01%2B%7E*%28%C3%A9%29");
  EXPECT_THROW(walk({.bucket = "bucket", .encoding_type = "other"}), InvalidArgument);
}

TEST_F(Listings, describe_each_object) {
  put("key", "content");
  const Object object =
      call(&Service::list_objects_v2, {.bucket = "bucket", .fetch_owner = true}).contents->front();
  EXPECT_EQ(object.size, 7);
  EXPECT_EQ(object.etag, get("key").etag);
  EXPECT_EQ(object.storage_class, "STANDARD");
  EXPECT_EQ(object.checksum_algorithm->front(), "CRC64NVME");
  EXPECT_EQ(object.last_modified, simulation.loop.now());
  EXPECT_TRUE(object.owner);
}

TEST_F(Listings, of_version_1_name_the_next_marker_only_with_a_delimiter) {
  put_all({"a", "b/1", "b/2", "c"});
  auto page = call(&Service::list_objects, ListObjectsRequest{.bucket = "bucket", .max_keys = 2});
  EXPECT_TRUE(*page.is_truncated);
  EXPECT_EQ(page.next_marker, std::nullopt);
  EXPECT_EQ(page.contents->back().key, "b/1");
  page = call(&Service::list_objects, {.bucket = "bucket", .delimiter = "/", .max_keys = 2});
  EXPECT_EQ(page.next_marker, "b/");
  page = call(&Service::list_objects, {.bucket = "bucket", .delimiter = "/", .marker = "b/"});
  EXPECT_EQ(page.contents->front().key, "c");
  EXPECT_TRUE(page.common_prefixes->empty());
}

}  // namespace
}  // namespace matinee::s3
