// Completing an upload takes many parts together, and lets others go first: what they do meanwhile
// must not end up in half an object.
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class Completion : public ServiceTest {
 protected:
  Completion() {
    make_bucket();
    id = *call(&Service::create_multipart_upload,
               CreateMultipartUploadRequest{.bucket = "bucket", .key = "key"})
              .upload_id;
    request.upload_id = id;
    std::vector<CompletedPart>& parts = request.multipart_upload.emplace().parts.emplace();
    for (int number = 1; number <= 2; ++number)
      parts.push_back({.etag = upload(number), .part_number = number});
    // One piece a round.
    simulation.loop.let_looking_take(runtime::Turns::length);
  }

  const std::string content = sample(min_part_bytes);
  std::string id;
  CompleteMultipartUploadRequest request{.bucket = "bucket", .key = "key"};

  std::string upload(int number, const std::string& changed = "") {
    UploadPartRequest part{.bucket = "bucket", .key = "key"};
    part.upload_id = id;
    part.part_number = number;
    part.body = content + changed;
    return *call(&Service::upload_part, part).etag;
  }
  /// The code of the error, or "completed"; `meanwhile` runs once the first part is taken.
  std::string complete_while(const std::function<void()>& meanwhile) {
    std::string outcome;
    runtime::start(service->complete_multipart_upload(context, request),
                   [&](std::optional<CompleteMultipartUploadResponse>, std::exception_ptr error) {
                     outcome = "completed";
                     try {
                       if (error) std::rethrow_exception(error);
                     } catch (const protocol::ServiceError& failure) {
                       outcome = failure.code();
                     }
                   });
    EXPECT_EQ(outcome, "") << "it has not given way";
    meanwhile();
    simulation.loop.run_until_idle();
    return outcome;
  }
};

TEST_F(Completion, takes_the_parts_that_are_there_in_the_end) {
  EXPECT_EQ(complete_while([this] { upload(1); }), "completed");
  EXPECT_EQ(read("key"), content + content);
  EXPECT_EQ(count_blobs(), 2U);
}

TEST_F(Completion, is_refused_where_a_part_becomes_another) {
  EXPECT_EQ(complete_while([this] { upload(1, "and more"); }), "InvalidPart");
  EXPECT_THROW(get("key"), NoSuchKey);
  EXPECT_EQ(count_blobs(), 2U);
}

TEST_F(Completion, is_refused_where_the_upload_is_aborted) {
  EXPECT_EQ(complete_while([this] {
              call(&Service::abort_multipart_upload,
                   AbortMultipartUploadRequest{.bucket = "bucket", .key = "key", .upload_id = id});
            }),
            "NoSuchUpload");
  EXPECT_EQ(count_blobs(), 0U);
}

TEST_F(Completion, that_is_asked_for_twice_happens_once) {
  EXPECT_EQ(complete_while([this] {
              runtime::start(service->complete_multipart_upload(context, request),
                             [](std::optional<CompleteMultipartUploadResponse>,
                                std::exception_ptr error) { EXPECT_FALSE(error); });
            }),
            "completed");
  EXPECT_EQ(read("key"), content + content);
  EXPECT_EQ(count_blobs(), 2U);
}

}  // namespace
}  // namespace matinee::s3
