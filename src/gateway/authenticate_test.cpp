// Who is let in, as whom, and by which error others are refused.
#include "gateway/authenticate_fixture.h"

namespace matinee::gateway {
namespace {

services::Context identify(const Authenticator& authenticator, std::string_view key,
                           std::string_view region) {
  services::Context context;
  authenticator.identify({.scheme = sigv4::Scheme::v4_header, .access_key = key, .region = region},
                         get_object, context);
  return context;
}

TEST_F(AuthenticateTest, twelve_digits_are_an_account) {
  const services::Context context = identify(open, "123456789012", "eu-west-1");
  EXPECT_EQ(context.account, "123456789012");
  EXPECT_EQ(context.access_key, "123456789012");
  EXPECT_EQ(context.region, "eu-west-1");
  EXPECT_EQ(context.caller_arn, "arn:aws:iam::123456789012:root");
}

TEST_F(AuthenticateTest, other_keys_belong_to_the_account_of_zeros) {
  for (const std::string_view key : {"", "test", "12345678901", "1234567890123", "12345678901x"})
    EXPECT_EQ(identify(open, key, "").account, "000000000000") << key;
}

TEST_F(AuthenticateTest, the_region_without_a_scope_is_the_default) {
  EXPECT_EQ(identify(open, "", "").region, "us-east-1");
  const Authenticator elsewhere({.default_region = "ap-south-1"}, simulation.loop.clock());
  EXPECT_EQ(identify(elsewhere, "", "").region, "ap-south-1");
}

TEST_F(AuthenticateTest, anybody_is_let_in_by_default) {
  EXPECT_EQ(check(open, make_request("GET", "/bucket/key"), get_object), "");
  HttpRequest wrong = signed_request(get_item, "body");
  wrong.body.bytes = "other";
  EXPECT_EQ(check(open, wrong, get_item), "");
  HttpRequest malformed = make_request("GET", "/");
  malformed.headers.add("Authorization", "AWS4-HMAC-SHA256 nonsense");
  EXPECT_EQ(check(open, malformed, get_item), "");
}

TEST_F(AuthenticateTest, right_signatures_are_accepted) {
  EXPECT_EQ(check(strict, signed_request(get_item, "{}"), get_item), "");
  EXPECT_EQ(check(strict, signed_request(send_message, "{}"), send_message), "");
  EXPECT_EQ(check(strict, signed_request(caller_identity, "Action=x"), caller_identity), "");
  EXPECT_EQ(check(strict, signed_request(delete_objects, "<Delete/>"), delete_objects), "");
  EXPECT_EQ(check(strict, presigned_request(seconds(0), seconds(60)), get_object), "");
}

TEST_F(AuthenticateTest, presigned_requests_to_other_services_are_good_for_as_long_as_they_say) {
  const auto presigned = [this](runtime::Duration age, seconds lifetime) {
    HttpRequest request = make_request("GET", "/?Action=GetCallerIdentity");
    sigv4::presign(request, keys, {{.region = "eu-west-1", .service = "sts"}, now() - age},
                   lifetime);
    return check(strict, make_request("GET", request.target), caller_identity);
  };
  EXPECT_EQ(presigned(seconds(0), seconds(60)), "");
  EXPECT_EQ(presigned(seconds(3000), seconds(3600)), "");
  EXPECT_EQ(presigned(seconds(61), seconds(60)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(presigned(seconds(-400), seconds(3600)), "403 SignatureDoesNotMatch");
}

TEST_F(AuthenticateTest, wrong_signatures_are_refused) {
  const auto changed = [this](const Target& target) {
    HttpRequest request = signed_request(target, "body");
    request.headers.set("Host", "elsewhere");
    return check(strict, request, target);
  };
  EXPECT_EQ(changed(get_item), "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(changed(send_message), "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(changed(caller_identity), "403 SignatureDoesNotMatch");
  EXPECT_EQ(changed(get_object), "403 SignatureDoesNotMatch");
}

TEST_F(AuthenticateTest, s3_says_what_it_computed) {
  HttpRequest request = signed_request(get_object);
  request.method = "GET";
  try {
    strict.check_head(request, sigv4::read_claim(request), get_object);
    FAIL() << "a changed method is not noticed";
  } catch (const protocol::ServiceError& error) {
    ASSERT_EQ(error.details.size(), 6U);
    EXPECT_EQ(error.details[0].second, "AKIDEXAMPLE");
    EXPECT_TRUE(error.details[4].second.starts_with("GET\n/bucket/key\n"));
    EXPECT_TRUE(error.details[5].second.starts_with("47 45 54 0a 2f"));
  }
}

TEST_F(AuthenticateTest, requests_without_a_signature_are_refused) {
  const HttpRequest request = make_request("POST", "/");
  EXPECT_EQ(check(strict, request, get_item),
            "400 MissingAuthenticationTokenException/MissingAuthenticationToken");
  EXPECT_EQ(check(strict, request, caller_identity), "403 MissingAuthenticationToken");
}

TEST_F(AuthenticateTest, whoever_does_not_sign_a_request_to_s3_is_anonymous) {
  EXPECT_EQ(check(strict, make_request("GET", "/bucket/key"), get_object), "");
  services::Context context;
  strict.identify({}, get_object, context);
  EXPECT_TRUE(context.anonymous);
  EXPECT_EQ(context.caller_arn, "");
  services::Context other;
  open.identify({}, send_message, other);
  EXPECT_FALSE(other.anonymous);
}

TEST_F(AuthenticateTest, unknown_keys_are_refused) {
  const auto as_stranger = [this](const Target& target) {
    HttpRequest request = make_request("POST", "/");
    sigv4::sign(request, {.access_key = "STRANGER", .secret_key = "x"},
                {{.region = "eu-west-1", .service = std::string(target.service->name)}, now()});
    return check(strict, request, target);
  };
  EXPECT_EQ(as_stranger(get_item), "400 UnrecognizedClientException/InvalidClientTokenId");
  EXPECT_EQ(as_stranger(caller_identity), "403 InvalidClientTokenId");
  EXPECT_EQ(as_stranger(get_object), "403 InvalidAccessKeyId");
}

TEST_F(AuthenticateTest, malformed_signatures_are_refused) {
  HttpRequest request = make_request("POST", "/");
  request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=x");
  EXPECT_EQ(check(strict, request, get_item),
            "400 IncompleteSignatureException/IncompleteSignature");
  EXPECT_EQ(check(strict, request, caller_identity), "400 IncompleteSignature");
  EXPECT_EQ(check(strict, request, get_object), "400 AuthorizationHeaderMalformed");
}

TEST_F(AuthenticateTest, requests_of_another_time_are_refused) {
  EXPECT_EQ(check(strict, signed_request(get_item, "", minutes(6)), get_item),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(check(strict, signed_request(get_item, "", -minutes(6)), get_item),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(check(strict, signed_request(get_object, "", minutes(16)), get_object),
            "403 RequestTimeTooSkewed");
  EXPECT_EQ(check(strict, signed_request(get_object, "", minutes(14)), get_object), "");
}

TEST_F(AuthenticateTest, a_signature_for_another_service_is_refused) {
  EXPECT_EQ(check(strict, signed_request(send_message), get_item),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
}

TEST_F(AuthenticateTest, expired_urls_are_refused_even_where_anybody_is_let_in) {
  const HttpRequest request = presigned_request(minutes(2), seconds(60));
  EXPECT_EQ(check(open, request, get_object), "403 AccessDenied");
  EXPECT_EQ(check(strict, request, get_object), "403 AccessDenied");
  EXPECT_EQ(check(open, presigned_request(minutes(2), seconds(600)), get_object), "");
}

TEST_F(AuthenticateTest, a_url_expires_while_it_is_held) {
  const HttpRequest request = presigned_request(seconds(0), seconds(60));
  EXPECT_EQ(check(strict, request, get_object), "");
  simulation.loop.advance(seconds(59));
  EXPECT_EQ(check(strict, request, get_object), "");
  simulation.loop.advance(seconds(2));
  EXPECT_EQ(check(strict, request, get_object), "403 AccessDenied");
}

TEST_F(AuthenticateTest, urls_are_good_for_a_week_at_most) {
  EXPECT_EQ(check(open, presigned_request(seconds(0), seconds(604800)), get_object), "");
  EXPECT_EQ(check(open, presigned_request(seconds(0), seconds(604801)), get_object),
            "400 AuthorizationQueryParametersError");
  EXPECT_EQ(check(open, presigned_request(seconds(0), seconds(-1)), get_object),
            "400 AuthorizationQueryParametersError");
}

TEST_F(AuthenticateTest, urls_of_the_older_version_expire_too) {
  const auto url = [](std::string_view expires) {
    return make_request("GET",
                        "/b/k?AWSAccessKeyId=abc&Signature=x&Expires=" + std::string(expires));
  };
  EXPECT_EQ(check(open, url("1000"), get_object), "403 AccessDenied");
  EXPECT_EQ(check(open, url("99999999999"), get_object), "");
  EXPECT_EQ(check(open, url("99999999999999999"), get_object), "403 AccessDenied");
  EXPECT_EQ(check(open, url("tomorrow"), get_object), "403 AccessDenied");
  EXPECT_EQ(check(strict, url("99999999999"), get_object), "403 InvalidAccessKeyId");
}

TEST_F(AuthenticateTest, a_body_that_is_not_the_signed_one_is_refused) {
  HttpRequest request = signed_request(delete_objects, "<Delete/>");
  request.body.bytes = "<Delete>all</Delete>";
  EXPECT_EQ(check(strict, request, delete_objects), "400 XAmzContentSHA256Mismatch");
  HttpRequest item = signed_request(get_item, "{}");
  item.body.bytes = "{\"a\":1}";
  EXPECT_EQ(check(strict, item, get_item), "400 InvalidSignatureException/SignatureDoesNotMatch");
}

TEST_F(AuthenticateTest, s3_must_be_told_the_hash_of_the_body) {
  HttpRequest request = signed_request(get_object);
  request.headers.erase("x-amz-content-sha256");
  EXPECT_EQ(check(strict, request, get_object), "400 InvalidRequest");
}

TEST_F(AuthenticateTest, signed_chunks_get_their_signer) {
  HttpRequest request = make_request("PUT", "/bucket/key");
  sigv4::sign(request, keys, {{.region = "eu-west-1", .service = "s3"}, now()},
              "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  const sigv4::Claim claim = sigv4::read_claim(request);
  open.check_head(request, claim, put_object);
  EXPECT_EQ(request.chunk_signer, nullptr);
  strict.check_head(request, claim, put_object);
  ASSERT_NE(request.chunk_signer, nullptr);
  sigv4::ChunkSigner expected(
      sigv4::derive_key("secret", claim.date, {.region = "eu-west-1", .service = "s3"}),
      std::string(claim.timestamp), sigv4::scope_text(claim), std::string(claim.signature));
  EXPECT_EQ(request.chunk_signer->next(sigv4::sha256("x")), expected.next(sigv4::sha256("x")));
}

}  // namespace
}  // namespace matinee::gateway
