// Listings and deletions of many objects let others go first, and are right all the same.
#include <fmt/format.h>

#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class S3GivingWay : public ServiceTest {
 protected:
  S3GivingWay() {
    make_bucket();
    for (int i = 0; i < count; ++i) put(key(i), "x");
    simulation.loop.let_looking_take(runtime::Turns::length / 4);
  }

  static constexpr int count = 40;
  static std::string key(int number) { return fmt::format("key-{:03}", number); }

  /// Calls an operation, and, once it has given way for the first time, `meanwhile`.
  template <class Response, class Request>
  Response call_while(runtime::Task<Response> (Service::*method)(const Context&, const Request&),
                      const Request& request, const std::function<void()>& meanwhile) {
    std::optional<Response> response;
    runtime::start((service.get()->*method)(context, request),
                   [&](std::optional<Response> result, std::exception_ptr error) {
                     EXPECT_FALSE(error);
                     response = std::move(result);
                   });
    EXPECT_FALSE(response.has_value()) << "it has not given way";
    meanwhile();
    simulation.loop.run_until_idle();
    return std::move(response.value());
  }
  void remove(int number) {
    call(&Service::delete_object, DeleteObjectRequest{.bucket = "bucket", .key = key(number)});
  }
  void change_the_bucket() {
    for (int i = 0; i < count; i += 2) remove(i);
    for (int i = count; i < 2 * count; ++i) put(key(i), "x");
  }
};

TEST_F(S3GivingWay, a_listing_is_of_the_moment_when_it_began) {
  const auto listing =
      call_while(&Service::list_objects_v2, ListObjectsV2Request{.bucket = "bucket"},
                 [this] { change_the_bucket(); });
  ASSERT_EQ(listing.contents->size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ((*listing.contents)[i].key, key(i));
  EXPECT_EQ(listing.is_truncated, false);
}

TEST_F(S3GivingWay, a_listing_of_versions_is_of_the_moment_when_it_began) {
  const auto listing =
      call_while(&Service::list_object_versions, ListObjectVersionsRequest{.bucket = "bucket"},
                 [this] { change_the_bucket(); });
  EXPECT_EQ(listing.versions->size(), static_cast<std::size_t>(count));
}

TEST_F(S3GivingWay, a_listing_of_buckets_shows_those_that_went_while_it_was_made) {
  for (int i = 0; i < count; ++i) make_bucket("bucket-" + key(i));
  const auto listing = call_while(&Service::list_buckets, ListBucketsRequest{}, [this] {
    for (int i = 0; i < count; ++i)
      call(&Service::delete_bucket, DeleteBucketRequest{.bucket = "bucket-" + key(i)});
  });
  EXPECT_EQ(listing.buckets->size(), static_cast<std::size_t>(count) + 1);
}

TEST_F(S3GivingWay, many_objects_are_deleted_in_pieces_and_each_of_them) {
  DeleteObjectsRequest request{.bucket = "bucket"};
  for (int i = 0; i < count; ++i) request.delete_.objects.push_back({.key = key(i)});
  const std::uint64_t before = simulation.loop.round();
  const auto reply = call_while(&Service::delete_objects, request, [this] {
    // What is put meanwhile under a key that is not deleted yet is deleted as well.
    put(key(count - 1), "newer");
    put("another", "x");
  });
  EXPECT_GE(simulation.loop.round() - before, static_cast<std::uint64_t>(count / 5));
  EXPECT_EQ(reply.deleted->size(), static_cast<std::size_t>(count));
  const auto left = call(&Service::list_objects_v2, ListObjectsV2Request{.bucket = "bucket"});
  ASSERT_EQ(left.contents->size(), 1U);
  EXPECT_EQ(left.contents->front().key, "another");
}

}  // namespace
}  // namespace matinee::s3
