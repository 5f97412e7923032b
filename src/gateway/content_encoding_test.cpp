// Compressed bodies, from the socket to the service that reads them.
#include "gateway/content_encoding.h"

#include <zlib.h>

#include "gateway/aws_handler_fixture.h"

namespace matinee::gateway {
namespace {

std::string zip(std::string content) {
  constexpr int largest_window_of_gzip = 15 + 16;
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, largest_window_of_gzip, 9, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string zipped(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  zipped.resize(stream.total_out);
  deflateEnd(&stream);
  return zipped;
}

constexpr std::uint64_t plenty = 1 << 20;

/// Text that does not repeat itself soon.
std::string varied(std::size_t size) {
  std::string text;
  for (std::size_t number = 0; text.size() < size; ++number) text += std::to_string(number * 7919);
  text.resize(size);
  return text;
}

TEST(Unzip, gives_back_what_was_zipped) {
  for (const std::size_t size : {0UL, 1UL, 65'535UL, 65'536UL, 65'537UL, 1'000'000UL})
    EXPECT_EQ(unzip(zip(varied(size)), plenty), varied(size)) << size;
}

TEST(Unzip, puts_members_together) {
  EXPECT_EQ(unzip(zip("one, ") + zip("") + zip(varied(70'000)) + zip("."), plenty),
            "one, " + varied(70'000) + ".");
}

TEST(Unzip, takes_no_more_than_the_limit) {
  EXPECT_EQ(unzip(zip(varied(1000)), 1000), varied(1000));
  EXPECT_EQ(unzip(zip(varied(1001)), 1000), std::unexpected(UnzipFault::too_large));
  EXPECT_EQ(unzip(zip("ab") + zip("cd"), 3), std::unexpected(UnzipFault::too_large));
  EXPECT_EQ(unzip(zip(std::string(64 << 20, ' ')), plenty), std::unexpected(UnzipFault::too_large));
}

TEST(Unzip, refuses_what_is_no_gzip) {
  const std::unexpected malformed(UnzipFault::malformed);
  const std::string zipped = zip(varied(100'000));
  EXPECT_EQ(unzip("{}", plenty), malformed);
  for (const std::size_t kept : {1UL, 9UL, 10UL, zipped.size() / 2, zipped.size() - 1})
    EXPECT_EQ(unzip(zipped.substr(0, kept), plenty), malformed) << kept;
  EXPECT_EQ(unzip(zipped + "{}", plenty), malformed);
  for (const std::size_t place : {zipped.size() - 1, zipped.size() - 5}) {  // length, checksum
    std::string damaged = zipped;
    damaged[place] ^= 1;
    EXPECT_EQ(unzip(damaged, plenty), malformed) << place;
  }
}

class CompressedRequests : public AwsHandlerTest {
 protected:
  TestReply send_zipped(std::string_view head, std::string content) {
    return request(std::string(head) + "\r\nContent-Encoding: gzip", zip(std::move(content)));
  }
  static constexpr std::string_view form =
      "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
};

TEST_F(CompressedRequests, mean_what_they_mean_uncompressed) {
  const std::string json = R"({"QueueName":"movies"})";
  const TestReply reply = send_zipped(get_url, json);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, request(get_url, json).body);
  EXPECT_EQ(request(std::string(get_url) + "\r\nContent-Encoding: GZIP", zip(json)).status, 200);
  const TestReply queue =
      send_zipped(form, "Action=GetQueueUrl&Version=2012-11-05&QueueName=movies");
  EXPECT_EQ(queue.status, 200);
  EXPECT_TRUE(queue.body.contains("<QueueUrl>http://localhost:4566/")) << queue.body;
  EXPECT_EQ(queues.calls, 4);
}

TEST_F(CompressedRequests, without_a_body_are_as_all_others) {
  const TestReply reply = request(
      "GET /?Action=GetQueueUrl&Version=2012-11-05&QueueName=movies HTTP/1.1\r\n"
      "Content-Encoding: gzip");
  EXPECT_EQ(reply.status, 200);
}

TEST_F(CompressedRequests, that_are_malformed_are_refused_in_the_words_of_the_protocol) {
  const std::string encoding = "\r\nContent-Encoding: gzip";
  const TestReply json = request(std::string(get_url) + encoding, R"({"QueueName":"movies"})");
  EXPECT_EQ(json.status, 400);
  EXPECT_TRUE(json.body.contains("SerializationException")) << json.body;
  EXPECT_TRUE(json.body.contains("not the gzip that Content-Encoding says")) << json.body;
  const TestReply query =
      request(std::string(form) + encoding, "Action=GetQueueUrl&Version=2012-11-05");
  EXPECT_EQ(query.status, 400);
  EXPECT_TRUE(query.body.contains("<Code>MalformedInput</Code>")) << query.body;
  EXPECT_EQ(queues.calls, 0);
}

TEST_F(CompressedRequests, have_the_limit_of_what_they_become) {
  std::string json = R"({"QueueName":"movies")" + std::string(4UZ << 20, ' ');
  json.resize((4UZ << 20) - 1);
  EXPECT_EQ(send_zipped(get_url, json + "}").status, 200);
  const TestReply reply = send_zipped(get_url, json + " }");
  EXPECT_EQ(reply.status, 413);
  EXPECT_TRUE(reply.body.contains("4 MiB")) << reply.body;
}

TEST_F(CompressedRequests, are_signed_as_they_were_sent) {
  start({.check_signatures = true, .secrets = {{"AKIDEXAMPLE", "secret"}}});
  const auto send_signed = [this](std::string signed_body, std::string_view sent_body) {
    protocol::HttpRequest signed_request;
    signed_request.method = "POST";
    EXPECT_TRUE(signed_request.set_target("/"));
    signed_request.headers.add("Host", "localhost:4566");
    signed_request.headers.add("X-Amz-Target", "AmazonSQS.GetQueueUrl");
    signed_request.headers.add("Content-Encoding", "gzip");
    signed_request.body.bytes = std::move(signed_body);
    protocol::sigv4::sign(signed_request, {.access_key = "AKIDEXAMPLE", .secret_key = "secret"},
                          {{.region = "eu-west-1", .service = "sqs"}, loop.clock().now()});
    std::string head = "POST / HTTP/1.1";
    for (const auto& [name, value] : signed_request.headers)
      if (name != "Host") head.append("\r\n").append(name).append(": ").append(value);
    return request(head, sent_body);
  };
  const std::string json = R"({"QueueName":"movies"})";
  EXPECT_EQ(send_signed(zip(json), zip(json)).status, 200);
  EXPECT_TRUE(send_signed(json, zip(json)).body.contains("InvalidSignatureException"));
  // Who may not ask is told so before anything is unzipped.
  EXPECT_TRUE(send_signed(zip(json), "no gzip").body.contains("InvalidSignatureException"));
}

TEST_F(CompressedRequests, to_s3_are_stored_as_they_came) {
  const std::string zipped = zip("the content");
  EXPECT_EQ(request("PUT /bucket/key HTTP/1.1\r\nContent-Encoding: gzip", zipped).status, 200);
  EXPECT_EQ(request("GET /bucket/key HTTP/1.1").body, zipped);
}

}  // namespace
}  // namespace matinee::gateway
