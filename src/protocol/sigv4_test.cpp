// Signatures against the values that AWS publishes: the examples of the signing documentation, of
// S3's, and what a server must notice.
#include "protocol/sigv4.h"

#include <gtest/gtest.h>

namespace matinee::protocol::sigv4 {
namespace {

using std::chrono::seconds;

constexpr std::string_view suite_scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
const Credentials suite_keys{.access_key = "AKIDEXAMPLE",
                             .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const Credentials s3_keys{.access_key = "AKIAIOSFODNN7EXAMPLE",
                          .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const Target s3_target{.region = "us-east-1", .service = "s3"};

runtime::Time at(std::string_view timestamp) {
  return *parse_timestamp(timestamp);
}

HttpRequest request_to(std::string method, std::string_view host, std::string_view target) {
  HttpRequest request;
  request.method = std::move(method);
  EXPECT_TRUE(request.set_target(target));
  request.headers.add("Host", std::string(host));
  return request;
}

/// Signs as the examples of the general documentation do, and gives the signature.
std::string suite_signature(HttpRequest request) {
  sign(request, suite_keys,
       {{.region = "us-east-1", .service = "service"}, at("20150830T123600Z")});
  return std::string(read_claim(request).signature);
}

std::string s3_signature(HttpRequest& request, std::string payload_hash = "") {
  sign(request, s3_keys, {s3_target, at("20130524T000000Z")}, std::move(payload_hash));
  return std::string(read_claim(request).signature);
}

bool verifies(const HttpRequest& request, const Credentials& credentials) {
  const Claim claim = read_claim(request);
  KeyCache keys;
  return verify(request, claim, payload_hash(request, claim),
                keys.find_or_derive(credentials.secret_key, claim));
}

TEST(SigningKey, is_derived_as_in_the_published_example) {
  EXPECT_EQ(to_hex(derive_key(suite_keys.secret_key, "20150830",
                              {.region = "us-east-1", .service = "iam"})),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(SigningKey, from_the_cache_is_the_derived_one) {
  const HttpRequest request = [] {
    HttpRequest made = request_to("GET", "localhost", "/");
    sign(made, suite_keys, {s3_target, at("20150830T123600Z")});
    return made;
  }();
  const Claim claim = read_claim(request);
  KeyCache cache;
  const Digest derived = derive_key(suite_keys.secret_key, "20150830", s3_target);
  EXPECT_EQ(cache.find_or_derive(suite_keys.secret_key, claim), derived);
  EXPECT_EQ(cache.find_or_derive(suite_keys.secret_key, claim), derived);
  EXPECT_NE(cache.find_or_derive("another secret", claim), derived);
}

TEST(Hashing, an_hmac_key_longer_than_a_block_is_hashed_first) {
  // RFC 4231, test case 6.
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Signature, of_the_simplest_request_is_the_published_one) {
  EXPECT_EQ(suite_signature(request_to("GET", "example.amazonaws.com", "/")),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(suite_signature(request_to("POST", "example.amazonaws.com", "/")),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(Signature, sorts_the_query) {
  EXPECT_EQ(
      suite_signature(request_to("GET", "example.amazonaws.com", "/?Param2=value2&Param1=value1")),
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(Signature, normalizes_the_path_of_services_other_than_s3) {
  const std::string plain = suite_signature(request_to("GET", "example.amazonaws.com", "/"));
  for (const std::string_view path : {"//", "/./", "/example/..", "/example1/example2/../.."})
    EXPECT_EQ(suite_signature(request_to("GET", "example.amazonaws.com", path)), plain) << path;
  EXPECT_NE(suite_signature(request_to("GET", "example.amazonaws.com", "/example/")), plain);
}

TEST(Signature, of_a_form_is_the_published_one) {
  HttpRequest request = request_to("POST", "example.amazonaws.com", "/");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body.bytes = "Param1=value1";
  EXPECT_EQ(suite_signature(std::move(request)),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST(Signature, of_the_iam_example_is_the_published_one) {
  HttpRequest request =
      request_to("GET", "iam.amazonaws.com", "/?Action=ListUsers&Version=2010-05-08");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  sign(request, suite_keys, {{.region = "us-east-1", .service = "iam"}, at("20150830T123600Z")});
  EXPECT_EQ(request.headers.find("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(S3Signature, of_the_documented_requests_are_the_published_ones) {
  HttpRequest get = request_to("GET", "examplebucket.s3.amazonaws.com", "/test.txt");
  get.headers.add("Range", "bytes=0-9");
  EXPECT_EQ(s3_signature(get), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

  HttpRequest put = request_to("PUT", "examplebucket.s3.amazonaws.com", "/test$file.text");
  put.headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
  put.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  put.body.bytes = "Welcome to Amazon S3.";
  EXPECT_EQ(s3_signature(put), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

  HttpRequest lifecycle = request_to("GET", "examplebucket.s3.amazonaws.com", "/?lifecycle");
  EXPECT_EQ(s3_signature(lifecycle),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");

  HttpRequest list = request_to("GET", "examplebucket.s3.amazonaws.com", "/?max-keys=2&prefix=J");
  EXPECT_EQ(s3_signature(list), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Signature, of_the_documented_presigned_url_is_the_published_one) {
  HttpRequest request = request_to("GET", "examplebucket.s3.amazonaws.com", "/test.txt");
  presign(request, s3_keys, {s3_target, at("20130524T000000Z")}, seconds(86400));
  EXPECT_EQ(request.target,
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
            "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires="
            "86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(S3Signature, of_the_documented_chunked_upload_are_the_published_ones) {
  HttpRequest request = request_to("PUT", "s3.amazonaws.com", "/examplebucket/chunkObject.txt");
  request.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  request.headers.add("Content-Encoding", "aws-chunked");
  request.headers.add("x-amz-decoded-content-length", "66560");
  request.headers.add("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  request.headers.set("Host", "s3.amazonaws.com");
  // The published example also signs content-length, which `sign` leaves out.
  request.headers.add("Content-Length", "66824");
  request.headers.add("x-amz-date", "20130524T000000Z");
  const std::string names =
      "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
      "x-amz-decoded-content-length;x-amz-storage-class";
  request.headers.add("Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                      "aws4_request,SignedHeaders=" +
                          names +
                          ",Signature="
                          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  EXPECT_TRUE(verifies(request, s3_keys));

  const Claim claim = read_claim(request);
  ChunkSigner chunks(derive_key(s3_keys.secret_key, "20130524", s3_target),
                     std::string(claim.timestamp), scope_text(claim), std::string(claim.signature));
  EXPECT_EQ(chunks.next(sha256(std::string(65536, 'a'))),
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  EXPECT_EQ(chunks.next(sha256(std::string(1024, 'a'))),
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(chunks.next(sha256("")),
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST(S3Signature, of_the_documented_trailer_is_the_published_one) {
  ChunkSigner chunks(derive_key(s3_keys.secret_key, "20130524", s3_target), "20130524T000000Z",
                     "20130524/us-east-1/s3/aws4_request",
                     "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  EXPECT_EQ(chunks.next(sha256(std::string(65536, 'a'))),
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
  EXPECT_EQ(chunks.next(sha256(std::string(1024, 'a'))),
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
  EXPECT_EQ(chunks.next(sha256("")),
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
  EXPECT_EQ(chunks.trailer("x-amz-checksum-crc32c:sOO8/Q==\n"),
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

TEST(Verification, accepts_what_was_signed_and_nothing_else) {
  HttpRequest request = request_to("PUT", "localhost:4566", "/bucket/a%20b%2Bc(1)");
  request.headers.add("x-amz-meta-note", "several   spaces  inside");
  request.body.bytes = "content";
  s3_signature(request);
  EXPECT_TRUE(verifies(request, s3_keys));
  EXPECT_FALSE(verifies(request, suite_keys));

  HttpRequest changed = request;
  changed.headers.set("x-amz-meta-note", "other");
  EXPECT_FALSE(verifies(changed, s3_keys));
  changed = request;
  ASSERT_TRUE(changed.set_target("/bucket/other"));
  EXPECT_FALSE(verifies(changed, s3_keys));
  changed = request;
  changed.method = "DELETE";
  EXPECT_FALSE(verifies(changed, s3_keys));
}

TEST(Verification, encodes_the_path_twice_for_services_other_than_s3) {
  HttpRequest request = request_to("POST", "localhost", "/000000000000/a%20queue");
  sign(request, suite_keys, {{.region = "us-east-1", .service = "sqs"}, at("20150830T123600Z")});
  const Claim claim = read_claim(request);
  const Computed computed = compute(request, claim, payload_hash(request, claim), Digest{});
  EXPECT_TRUE(computed.canonical_request.starts_with("POST\n/000000000000/a%2520queue\n"))
      << computed.canonical_request;
  EXPECT_TRUE(verifies(request, suite_keys));
}

TEST(Verification, accepts_presigned_urls_with_a_token) {
  HttpRequest request = request_to("GET", "localhost", "/bucket/key?versionId=null");
  Credentials credentials = s3_keys;
  credentials.session_token = "token/with+signs==";
  presign(request, credentials, {s3_target, at("20130524T000000Z")}, seconds(60));
  HttpRequest received = request_to("GET", "localhost", request.target);
  EXPECT_TRUE(verifies(received, s3_keys));
  EXPECT_EQ(read_claim(received).expires, "60");
  received.headers.set("Host", "elsewhere");
  EXPECT_FALSE(verifies(received, s3_keys));
}

TEST(Claim, names_key_scope_and_headers) {
  HttpRequest request = request_to("GET", "localhost", "/");
  request.headers.add("X-Amz-Date", "20150830T123600Z");
  request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(suite_scope) +
                                           ", SignedHeaders=host;x-amz-date, Signature=abc");
  const Claim claim = read_claim(request);
  EXPECT_EQ(claim.scheme, Scheme::v4_header);
  EXPECT_EQ(claim.access_key, "AKIDEXAMPLE");
  EXPECT_EQ(claim.date, "20150830");
  EXPECT_EQ(claim.region, "us-east-1");
  EXPECT_EQ(claim.service, "service");
  EXPECT_EQ(claim.signed_headers, "host;x-amz-date");
  EXPECT_EQ(claim.signature, "abc");
  EXPECT_EQ(claim.fault, "");
}

TEST(Claim, that_is_malformed_says_which_part) {
  const auto fault_of = [](std::string authorization) {
    HttpRequest request = request_to("GET", "localhost", "/");
    request.headers.add("X-Amz-Date", "20150830T123600Z");
    request.headers.add("Authorization", std::move(authorization));
    return std::string(read_claim(request).fault);
  };
  EXPECT_EQ(fault_of("AWS4-HMAC-SHA256"), "Credential");
  EXPECT_EQ(fault_of("AWS4-HMAC-SHA256 Credential=x,SignedHeaders=host,Signature=1"), "Credential");
  EXPECT_EQ(fault_of("AWS4-HMAC-SHA256 Credential=" + std::string(suite_scope)), "Signature");
  EXPECT_EQ(fault_of("AWS4-HMAC-SHA256 Signature=1,Credential=" + std::string(suite_scope)),
            "SignedHeaders");
}

TEST(Claim, without_a_time_is_malformed) {
  HttpRequest request = request_to("GET", "localhost", "/");
  request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(suite_scope) +
                                           ",SignedHeaders=host,Signature=1");
  EXPECT_EQ(read_claim(request).fault, "Date");
}

TEST(Claim, of_the_older_version_still_names_the_key) {
  HttpRequest header = request_to("GET", "localhost", "/bucket");
  header.headers.add("Authorization", "AWS 123456789012:bWq2s1WEIj+Ydj0vQ697zp+IXMU=");
  EXPECT_EQ(read_claim(header).scheme, Scheme::v2_header);
  EXPECT_EQ(read_claim(header).access_key, "123456789012");
  const HttpRequest query = request_to(
      "GET", "localhost", "/bucket/key?AWSAccessKeyId=abc&Expires=1700000000&Signature=x%3D");
  EXPECT_EQ(read_claim(query).scheme, Scheme::v2_query);
  EXPECT_EQ(read_claim(query).access_key, "abc");
  EXPECT_EQ(read_claim(query).timestamp, "1700000000");
}

TEST(Claim, is_anonymous_where_nothing_is_said) {
  EXPECT_EQ(read_claim(request_to("GET", "localhost", "/a?b")).scheme, Scheme::anonymous);
}

TEST(Timestamp, that_is_no_time_is_refused) {
  EXPECT_EQ(format_timestamp(at("20240229T235959Z")), "20240229T235959Z");
  EXPECT_EQ(parse_timestamp("20230229T000000Z"), std::nullopt);
  EXPECT_EQ(parse_timestamp("20230228T240000Z"), std::nullopt);
  EXPECT_EQ(parse_timestamp("2023-02-28T00:00"), std::nullopt);
  EXPECT_EQ(parse_timestamp(""), std::nullopt);
}

}  // namespace
}  // namespace matinee::protocol::sigv4
