// Signatures of the older version against the examples of S3's documentation.
#include "protocol/sigv2.h"

#include <gtest/gtest.h>

namespace matinee::protocol::sigv2 {
namespace {

constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A request to a bucket that the host names, as the gateway hands it on.
HttpRequest to_bucket(std::string method, std::string_view target, std::string bucket) {
  HttpRequest request;
  request.method = std::move(method);
  EXPECT_TRUE(request.set_target(target));
  request.path = "/" + bucket + (request.path == "/" ? "" : request.path);
  return request;
}

std::string signature_of(HttpRequest request) {
  const sigv4::Claim claim = sigv4::read_claim(request);
  return sign(secret, string_to_sign(request, claim));
}

HttpRequest with_header_signature(HttpRequest request) {
  request.headers.add("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:signature");
  return request;
}

TEST(SignatureVersion2, of_the_documented_get_is_the_published_one) {
  HttpRequest request = to_bucket("GET", "/photos/puppy.jpg", "awsexamplebucket1");
  request.headers.add("Date", "Tue, 27 Mar 2007 19:36:42 +0000");
  EXPECT_EQ(signature_of(with_header_signature(request)), "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=");
}

TEST(SignatureVersion2, of_the_documented_put_is_the_published_one) {
  HttpRequest request = to_bucket("PUT", "/photos/puppy.jpg", "awsexamplebucket1");
  request.headers.add("Content-Type", "image/jpeg");
  request.headers.add("Content-Length", "94328");
  request.headers.add("Date", "Tue, 27 Mar 2007 21:15:45 +0000");
  EXPECT_EQ(signature_of(with_header_signature(request)), "iqRzw+ileNPu1fhspnRs8nOjjIA=");
}

TEST(SignatureVersion2, of_the_documented_listing_leaves_its_parameters_out) {
  HttpRequest request =
      to_bucket("GET", "/?prefix=photos&max-keys=50&marker=puppy", "awsexamplebucket1");
  request.headers.add("Date", "Tue, 27 Mar 2007 19:42:41 +0000");
  EXPECT_EQ(signature_of(with_header_signature(request)), "m0WP8eCtspQl5Ahe6L1SozdX9YA=");
}

TEST(SignatureVersion2, of_the_documented_subresource_is_the_published_one) {
  HttpRequest request = to_bucket("GET", "/?acl", "awsexamplebucket1");
  request.headers.add("Date", "Tue, 27 Mar 2007 19:44:46 +0000");
  EXPECT_EQ(signature_of(with_header_signature(request)), "82ZHiFIjc+WbcwFKGUVEQspPn+0=");
}

TEST(SignatureVersion2, signs_amazon_headers_in_order_and_joined) {
  HttpRequest request = to_bucket("PUT", "/static.example.net/db-backup.dat.gz", "");
  request.path = "/static.example.net/db-backup.dat.gz";
  request.headers.add("Date", "Tue, 27 Mar 2007 21:06:08 +0000");
  request.headers.add("x-amz-acl", "public-read");
  request.headers.add("content-type", "application/x-download");
  request.headers.add("Content-MD5", "4gJE4saaMU4BqNR0kLY+lw==");
  request.headers.add("X-Amz-Meta-ReviewedBy", "joe@example.com");
  request.headers.add("X-Amz-Meta-ReviewedBy", "jane@example.com");
  request.headers.add("X-Amz-Meta-FileChecksum", "0x02661779");
  request = with_header_signature(std::move(request));
  EXPECT_EQ(string_to_sign(request, sigv4::read_claim(request)),
            "PUT\n4gJE4saaMU4BqNR0kLY+lw==\napplication/x-download\n"
            "Tue, 27 Mar 2007 21:06:08 +0000\nx-amz-acl:public-read\n"
            "x-amz-meta-filechecksum:0x02661779\n"
            "x-amz-meta-reviewedby:joe@example.com,jane@example.com\n"
            "/static.example.net/db-backup.dat.gz");
}

TEST(SignatureVersion2, of_a_presigned_url_is_over_its_expiry) {
  HttpRequest request = to_bucket("GET",
                                  "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature="
                                  "x&Expires=1175139620",
                                  "awsexamplebucket1");
  EXPECT_EQ(string_to_sign(request, sigv4::read_claim(request)),
            "GET\n\n\n1175139620\n/awsexamplebucket1/photos/puppy.jpg");
}

TEST(SignatureVersion2, of_a_presigned_url_covers_the_headers_in_its_query) {
  const HttpRequest request =
      to_bucket("PUT",
                "/k?AWSAccessKeyId=a&Signature=x&Expires=1&content-type=text%2Fplain&"
                "x-amz-acl=public-read&versionId=null&uploads",
                "b");
  EXPECT_EQ(string_to_sign(request, sigv4::read_claim(request)),
            "PUT\n\ntext/plain\n1\nx-amz-acl:public-read\n/b/k?uploads&versionId=null");
}

TEST(SignatureVersion2, has_no_date_line_where_a_header_of_its_own_has_the_date) {
  HttpRequest request = to_bucket("DELETE", "/k", "b");
  request.headers.add("Date", "Tue, 27 Mar 2007 21:20:27 +0000");
  request.headers.add("x-amz-date", "Tue, 27 Mar 2007 21:20:26 +0000");
  request = with_header_signature(std::move(request));
  EXPECT_EQ(string_to_sign(request, sigv4::read_claim(request)),
            "DELETE\n\n\n\nx-amz-date:Tue, 27 Mar 2007 21:20:26 +0000\n/b/k");
}

TEST(SignatureVersion2, of_a_bucket_may_be_over_a_slash_that_is_not_there) {
  HttpRequest request;
  request.method = "PUT";
  ASSERT_TRUE(request.set_target("/bucket?acl"));
  const auto verifies = [&](std::string_view to_sign) {
    request.headers.set("Authorization", "AWS A:" + sign(secret, to_sign));
    return verify(request, sigv4::read_claim(request), secret);
  };
  EXPECT_TRUE(verifies("PUT\n\n\n\n/bucket?acl"));
  EXPECT_TRUE(verifies("PUT\n\n\n\n/bucket/?acl"));
  EXPECT_FALSE(verifies("PUT\n\n\n\n/other/?acl"));
  EXPECT_FALSE(verifies("PUT\n\n\n\n/bucket/"));
}

TEST(SignatureVersion2, is_dated_in_several_forms) {
  const auto time_of = [](std::string text) {
    Headers headers;
    headers.add("Date", std::move(text));
    return signing_time(headers);
  };
  const auto expected = sigv4::parse_timestamp("20070327T193642Z");
  ASSERT_TRUE(expected);
  EXPECT_EQ(time_of("Tue, 27 Mar 2007 19:36:42 +0000"), expected);
  EXPECT_EQ(time_of("Tue, 27 Mar 2007 19:36:42 GMT"), expected);
  EXPECT_EQ(time_of("20070327T193642Z"), expected);
  EXPECT_EQ(time_of("yesterday"), std::nullopt);
  EXPECT_EQ(signing_time({}), std::nullopt);
}

}  // namespace
}  // namespace matinee::protocol::sigv2
