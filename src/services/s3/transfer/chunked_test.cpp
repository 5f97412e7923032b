#include "services/s3/transfer/chunked.h"

#include <gtest/gtest.h>

namespace matinee::s3 {
namespace {

namespace sigv4 = protocol::sigv4;
using Fault = ChunkedDecoder::Fault;

struct Decoded {
  Fault fault = Fault::none;
  bool complete = false;
  std::string content;
  ChunkedDecoder::Trailers trailers;
};

/// Feeds `body` in pieces of `step` bytes.
Decoded decode(std::string_view body, std::size_t step = 1'000'000,
               std::shared_ptr<sigv4::ChunkSigner> signer = nullptr) {
  ChunkedDecoder decoder(std::move(signer));
  Decoded decoded;
  while (!body.empty()) {
    decoded.fault = decoder.feed(body.substr(0, step),
                                 [&](std::string_view piece) { decoded.content += piece; });
    body.remove_prefix(std::min(step, body.size()));
  }
  decoded.complete = decoder.complete();
  decoded.trailers = decoder.trailers();
  return decoded;
}

TEST(Chunked, content_and_trailers_come_out_however_the_bytes_are_split) {
  const std::string body =
      "5\r\nhello\r\nB;ext=1\r\n, world\r\n!!\r\n0\r\nX-Amz-Checksum-CRC32: abc= \r\n\r\n";
  for (std::size_t step = 1; step <= body.size(); ++step) {
    const Decoded decoded = decode(body, step);
    EXPECT_EQ(decoded.fault, Fault::none) << step;
    EXPECT_TRUE(decoded.complete);
    EXPECT_EQ(decoded.content, "hello, world\r\n!!");
    EXPECT_EQ(decoded.trailers, (ChunkedDecoder::Trailers{{"x-amz-checksum-crc32", "abc="}}));
  }
}

TEST(Chunked, a_body_cut_anywhere_is_not_complete) {
  const std::string body = "5\r\nhello\r\n0\r\na:b\r\n\r\n";
  for (std::size_t length = 0; length < body.size(); ++length)
    EXPECT_FALSE(decode(body.substr(0, length)).complete) << length;
}

TEST(Chunked, an_empty_body_is_one_last_chunk) {
  const Decoded decoded = decode("0\r\n\r\n");
  EXPECT_TRUE(decoded.complete);
  EXPECT_EQ(decoded.content, "");
}

TEST(Chunked, broken_framing_is_found) {
  for (const char* body :
       {"\r\n", "g\r\n", "-1\r\n", "5\r\nhelloX\r\n", "5 5\r\n", "FFFFFFFFFFFFFFFFF\r\n",
        "0\r\n\r\nmore", "1;chunk-signature=x\r\nab\r\n"})
    EXPECT_EQ(decode(body).fault, Fault::malformed) << body;
}

TEST(Chunked, lines_without_end_are_refused_before_they_fill_the_memory) {
  EXPECT_EQ(decode(std::string(100'000, '0'), 7).fault, Fault::malformed);
  EXPECT_EQ(decode("0\r\n" + std::string(100'000, 'a'), 7).fault, Fault::malformed_trailer);
  std::string many = "0\r\n";
  for (int line = 0; line < 1000; ++line) many += "a:b\r\n";
  EXPECT_EQ(decode(many).fault, Fault::malformed_trailer);
}

TEST(Chunked, trailers_without_a_name_are_refused) {
  EXPECT_EQ(decode("0\r\nnonsense\r\n\r\n").fault, Fault::malformed_trailer);
  EXPECT_EQ(decode("0\r\n:value\r\n\r\n").fault, Fault::malformed_trailer);
}

std::shared_ptr<sigv4::ChunkSigner> make_signer() {
  return std::make_shared<sigv4::ChunkSigner>(sigv4::sha256("key"), "20130524T000000Z",
                                              "20130524/us-east-1/s3/aws4_request", "seed");
}

struct Signatures {
  std::string first, second, last, trailer;
};

Signatures right_signatures() {
  const auto signer = make_signer();
  Signatures signatures;
  signatures.first = signer->next(sigv4::sha256("ab"));
  signatures.second = signer->next(sigv4::sha256("cde"));
  signatures.last = signer->next(sigv4::sha256(""));
  signatures.trailer = signer->trailer("x-amz-checksum-crc32c:sOO8/Q==\n");
  return signatures;
}

std::string signed_body(const Signatures& signatures) {
  return "2;chunk-signature=" + signatures.first +
         "\r\nab\r\n3;chunk-signature=" + signatures.second +
         "\r\ncde\r\n0;chunk-signature=" + signatures.last +
         "\r\nx-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:" + signatures.trailer +
         "\r\n\r\n";
}

TEST(Chunked, signatures_are_checked_for_every_chunk_and_for_the_trailers) {
  const std::string body = signed_body(right_signatures());
  for (const std::size_t step : {1, 2, 3, 1000}) {
    const Decoded decoded = decode(body, step, make_signer());
    EXPECT_TRUE(decoded.complete);
    EXPECT_EQ(decoded.content, "abcde");
    EXPECT_EQ(decoded.trailers.size(), 1u);
  }
}

TEST(Chunked, a_wrong_or_missing_signature_is_a_fault) {
  const Signatures right = right_signatures();
  for (std::string Signatures::* signature :
       {&Signatures::first, &Signatures::second, &Signatures::last, &Signatures::trailer})
    for (const std::string& wrong : {std::string(), std::string(64, '0')}) {
      Signatures signatures = right;
      signatures.*signature = wrong;
      EXPECT_EQ(decode(signed_body(signatures), 1, make_signer()).fault, Fault::wrong_signature);
    }
  EXPECT_EQ(decode("2\r\nab\r\n0\r\n\r\n", 1, make_signer()).fault, Fault::wrong_signature);
}

}  // namespace
}  // namespace matinee::s3
