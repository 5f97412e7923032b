#include "services/s3/transfer/content.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

using protocol::base64_encode;

class Uploads : public ServiceTest {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  std::unique_ptr<services::BodySink> open(const Fields& fields) {
    protocol::HttpRequest head;
    for (const auto& [name, value] : fields) head.headers.add(name, value);
    return service->open_sink(operations::PutObject, head);
  }
  /// Sends `body` in pieces, and gives what arrived.
  std::shared_ptr<ReceivedContent> upload(const Fields& fields, std::string_view body,
                                          std::size_t step = 10'000) {
    const auto sink = open(fields);
    for (; !body.empty(); body.remove_prefix(std::min(step, body.size())))
      sink->write(body.substr(0, step));
    return std::dynamic_pointer_cast<ReceivedContent>(sink->finish().received);
  }
  static Fields with_length(std::size_t length, Fields fields = {}) {
    fields.emplace_back("Content-Length", std::to_string(length));
    return fields;
  }
  static Fields trailing(std::size_t length) {
    return {{"Content-Length", "1"},
            {"x-amz-decoded-content-length", std::to_string(length)},
            {"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
            {"x-amz-sdk-checksum-algorithm", "CRC32"},
            {"x-amz-trailer", "x-amz-checksum-crc32"}};
  }
  static std::string chunked(const std::string& content, const std::string& trailer) {
    return fmt::format("{:x}\r\n{}\r\n0\r\n{}\r\n", content.size(), content, trailer);
  }
};

TEST_F(Uploads, up_to_16_kib_stay_in_memory_and_larger_ones_become_blobs) {
  const std::string small = sample(16 * 1024);
  EXPECT_EQ(upload(with_length(small.size()), small)->bytes, small);
  EXPECT_EQ(count_blobs(), 0u);
  const std::string large = sample(16 * 1024 + 1);
  const auto received = upload(with_length(large.size()), large);
  EXPECT_EQ(received->size, large.size());
  EXPECT_EQ(received->blob.size, large.size());
  EXPECT_EQ(count_blobs(), 1u);
}

TEST_F(Uploads, that_nobody_stores_leave_nothing_behind) {
  const std::string large = sample(1'000'000);
  {
    const auto sink = open(with_length(large.size()));
    sink->write(std::string_view(large).substr(0, 500'000));
    EXPECT_EQ(count_blobs(), 1u);
  }
  EXPECT_EQ(count_blobs(), 0u);
  upload(with_length(large.size()), large).reset();
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Uploads, are_stored_by_the_operation) {
  make_bucket();
  const std::string content = sample(300'000);
  PutObjectRequest request{.bucket = "bucket", .key = "key"};
  request.body.received = upload(with_length(content.size()), content, 1000);
  call(&Service::put_object, request);
  EXPECT_EQ(read("key"), content);
}

TEST_F(Uploads, have_the_digests_of_their_content_however_they_are_split) {
  const std::string content = sample(700'000);
  for (const std::size_t step : {999, 65'536, 300'000, 700'000}) {
    const auto received = upload(with_length(content.size()), content, step);
    EXPECT_EQ(received->md5, digest(Algorithm::md5, content));
    EXPECT_EQ(received->find_checksum(Algorithm::crc64nvme)->digest,
              digest(Algorithm::crc64nvme, content));
  }
}

TEST_F(Uploads, that_are_small_leave_their_md5_to_the_end_of_the_round_unless_it_is_compared) {
  const std::string content = sample(5000);
  EXPECT_EQ(upload(with_length(content.size()), content, 1000)->md5, "");
  const std::string md5 = digest(Algorithm::md5, content);
  EXPECT_EQ(
      upload(with_length(content.size(), {{"Content-MD5", base64_encode(md5)}}), content)->md5,
      md5);
  // What outgrows memory while it comes has it at once.
  for (const std::size_t step : {100, 16'384, 20'000}) {
    const std::string large = sample(20'000);
    EXPECT_EQ(upload(with_length(large.size()), large, step)->md5, digest(Algorithm::md5, large));
  }
}

TEST_F(Uploads, are_checked_against_their_headers) {
  const auto check = [&](const std::string& name, const std::string& value) {
    upload(with_length(7, {{name, value}}), "content");
  };
  EXPECT_NO_THROW(check("Content-MD5", base64_encode(digest(Algorithm::md5, "content"))));
  EXPECT_THROW(check("Content-MD5", base64_encode(digest(Algorithm::md5, "x"))), BadDigest);
  EXPECT_THROW(check("Content-MD5", "x"), InvalidDigest);
  EXPECT_NO_THROW(check("x-amz-content-sha256", to_hex(digest(Algorithm::sha256, "content"))));
  EXPECT_THROW(check("x-amz-content-sha256", to_hex(digest(Algorithm::sha256, "x"))),
               XAmzContentSHA256Mismatch);
  EXPECT_THROW(check("x-amz-content-sha256", "x"), InvalidArgument);
  EXPECT_NO_THROW(check("x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
  for (const Algorithm algorithm : checksum_algorithms) {
    const std::string header(header_of(algorithm));
    EXPECT_NO_THROW(check(header, base64_encode(digest(algorithm, "content"))));
    EXPECT_THROW(check(header, base64_encode(digest(algorithm, "x"))), BadDigest);
    EXPECT_THROW(check(header, "x"), InvalidRequest);
  }
  EXPECT_THROW(check("x-amz-sdk-checksum-algorithm", "CRC32"), InvalidRequest);
}

TEST_F(Uploads, have_at_most_one_checksum) {
  EXPECT_THROW(open(with_length(0, {{"x-amz-checksum-crc32", "AAAAAA=="},
                                    {"x-amz-checksum-crc32c", "AAAAAA=="}})),
               InvalidRequest);
}

TEST_F(Uploads, need_a_length_of_at_most_5_gib) {
  EXPECT_THROW(open({{"Transfer-Encoding", "chunked"}}), NotImplemented);
  EXPECT_THROW(open({}), MissingContentLength);
  EXPECT_THROW(open(with_length(max_upload_bytes + 1)), EntityTooLarge);
  EXPECT_NO_THROW(open(with_length(max_upload_bytes)));
  EXPECT_THROW(upload(with_length(8), "content"), IncompleteBody);
}

TEST_F(Uploads, in_chunks_are_checked_against_their_trailer) {
  const std::string content = sample(50'000);
  const std::string crc = base64_encode(digest(Algorithm::crc32, content));
  const std::string right = chunked(content, "x-amz-checksum-crc32:" + crc + "\r\n");
  const auto received = upload(trailing(content.size()), right, 777);
  EXPECT_EQ(received->checksums.front().base64(), crc);
  EXPECT_TRUE(received->has_client_checksum);
  EXPECT_EQ(received->size, content.size());

  const std::string wrong = chunked(content, "x-amz-checksum-crc32:AAAAAA==\r\n");
  EXPECT_THROW(upload(trailing(content.size()), wrong), BadDigest);
  EXPECT_THROW(upload(trailing(content.size()), chunked(content, "")), MalformedTrailerError);
  EXPECT_THROW(upload(trailing(content.size() + 1), right), IncompleteBody);
  EXPECT_THROW(upload(trailing(content.size()), right.substr(0, right.size() - 2)), IncompleteBody);
  EXPECT_THROW(upload(trailing(content.size()), "nonsense\r\n"), IncompleteBody);
  EXPECT_EQ(count_blobs(), 1u);  // of `received`
}

TEST_F(Uploads, in_chunks_are_recognized_without_a_signature) {
  const auto received =
      upload({{"Content-Encoding", "aws-chunked"},
              {"x-amz-decoded-content-length", "7"},
              {"x-amz-trailer", "x-amz-checksum-crc32"}},
             chunked("content", "x-amz-checksum-crc32:" +
                                    base64_encode(digest(Algorithm::crc32, "content")) + "\r\n"));
  EXPECT_EQ(received->bytes, "content");
}

TEST_F(Uploads, in_chunks_with_signatures_are_checked_where_signatures_are) {
  namespace sigv4 = protocol::sigv4;
  const auto signer = [] {
    return std::make_shared<sigv4::ChunkSigner>(sigv4::sha256("key"), "20130524T000000Z",
                                                "20130524/us-east-1/s3/aws4_request", "seed");
  };
  const auto right = signer();
  const std::string first = right->next(sigv4::sha256("content"));
  const std::string last = right->next(sigv4::sha256(""));
  const auto send = [&](const std::string& signature) {
    protocol::HttpRequest head;
    head.headers.add("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    head.headers.add("x-amz-decoded-content-length", "7");
    head.chunk_signer = signer();
    const auto sink = service->open_sink(operations::PutObject, head);
    sink->write(std::string_view("7;chunk-signature=" + signature + "\r\ncontent\r\n" +
                                 "0;chunk-signature=" + last + "\r\n\r\n"));
    sink->finish();
  };
  EXPECT_NO_THROW(send(first));
  EXPECT_THROW(send(std::string(64, '0')), SignatureDoesNotMatch);
}

}  // namespace
}  // namespace matinee::s3
