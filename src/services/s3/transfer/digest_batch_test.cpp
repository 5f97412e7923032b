#include "services/s3/transfer/digest_batch.h"

#include <gtest/gtest.h>

#include "services/s3/transfer/content.h"

namespace matinee::s3 {
namespace {

protocol::Body body_of(std::size_t length, char seed) {
  auto content = std::make_shared<ReceivedContent>();
  for (std::size_t i = 0; i < length; ++i)
    content->bytes.push_back(static_cast<char>(seed + 7 * static_cast<int>(i)));
  content->size = length;
  protocol::Body body;
  body.received = std::move(content);
  return body;
}

const ReceivedContent& content_of(const protocol::Body& body) {
  return dynamic_cast<const ReceivedContent&>(*body.received);
}

/// Of contents with these lengths, in one round.
void expect_right_digests(const std::vector<std::size_t>& lengths) {
  std::vector<protocol::Body> bodies;
  DigestBatch batch;
  for (const std::size_t length : lengths) {
    bodies.push_back(body_of(length, static_cast<char>(bodies.size())));
    batch.add(bodies.back());
  }
  batch.finish();
  for (const protocol::Body& body : bodies)
    ASSERT_EQ(to_hex(content_of(body).md5), to_hex(digest(Algorithm::md5, content_of(body).bytes)))
        << "of " << content_of(body).size << " bytes among " << lengths.size();
}

TEST(DigestBatch, has_the_digest_of_each_content_however_many_there_are) {
  for (std::size_t count = 1; count <= 40; ++count)
    expect_right_digests(std::vector<std::size_t>(count, 4096));
}

TEST(DigestBatch, has_the_digest_of_each_length) {
  for (std::size_t length = 0; length <= 320; length += 8) {
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < 8; ++i) lengths.push_back(length + i);
    expect_right_digests(lengths);
  }
}

TEST(DigestBatch, has_the_digests_of_contents_of_very_different_lengths) {
  expect_right_digests({0, 16384, 1, 63, 64, 65, 9000, 55, 56, 57, 119, 120, 4096, 4097, 8192, 10});
  expect_right_digests({16384, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST(DigestBatch, computes_nothing_twice_and_lets_other_bodies_be) {
  protocol::Body known = body_of(10, 'a');
  dynamic_cast<ReceivedContent&>(*known.received).md5 = "known";
  DigestBatch batch;
  batch.add(known);
  batch.add(protocol::Body("plain"));
  batch.finish();
  EXPECT_EQ(content_of(known).md5, "known");
}

}  // namespace
}  // namespace matinee::s3
