// What a signature covers: what was not signed is not obeyed, and both versions of signatures are
// held to what they say.
#include "gateway/authenticate_fixture.h"
#include "protocol/sigv2.h"
#include "protocol/timestamps.h"

namespace matinee::gateway {
namespace {

class SignaturesTest : public AuthenticateTest {
 protected:
  /// A presigned PUT, to which nothing has been added yet.
  HttpRequest presigned_put(protocol::Headers signed_headers = {}) {
    HttpRequest request = make_request("PUT", "/bucket/key");
    for (const auto& [name, value] : signed_headers) request.headers.add(name, value);
    sigv4::presign(request, keys, {{.region = "eu-west-1", .service = "s3"}, now()}, seconds(60));
    HttpRequest received = make_request("PUT", request.target);
    for (const auto& [name, value] : signed_headers) received.headers.add(name, value);
    return received;
  }

  /// A request by header whose claim of what is signed is changed, and signed again.
  HttpRequest signed_over(const Target& target, HttpRequest request, const std::string& names) {
    const std::string service(target.service->name);
    sigv4::sign(request, keys, {{.region = "eu-west-1", .service = service}, now()});
    sigv4::Claim claim = sigv4::read_claim(request);
    claim.signed_headers = names;
    const sigv4::Digest key =
        sigv4::derive_key("secret", claim.date, {.region = "eu-west-1", .service = service});
    const std::string signature =
        sigv4::compute(request, claim, sigv4::payload_hash(request, claim), key).signature;
    request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" +
                                             sigv4::scope_text(claim) + ", SignedHeaders=" + names +
                                             ", Signature=" + signature);
    return request;
  }

  HttpRequest json_request() {
    HttpRequest request = make_request("POST", "/");
    request.headers.add("X-Amz-Target", "AmazonSQS.SendMessage");
    request.body.bytes = "{}";
    return request;
  }

  HttpRequest signed_by_version_2(HttpRequest request, const std::string& secret = "secret") {
    request.headers.set("Authorization", "AWS AKIDEXAMPLE:x");
    const std::string to_sign =
        protocol::sigv2::string_to_sign(request, sigv4::read_claim(request));
    request.headers.set("Authorization",
                        "AWS AKIDEXAMPLE:" + protocol::sigv2::sign(secret, to_sign));
    return request;
  }

  HttpRequest presigned_by_version_2(std::string method, const std::string& target,
                                     const std::string& secret = "secret") {
    HttpRequest request =
        make_request(method, target + "&AWSAccessKeyId=AKIDEXAMPLE&Expires=99999999999");
    sigv4::Claim claim{.scheme = sigv4::Scheme::v2_query, .timestamp = "99999999999"};
    const std::string signature =
        protocol::sigv2::sign(secret, protocol::sigv2::string_to_sign(request, claim));
    return make_request(std::move(method),
                        request.target + "&Signature=" + protocol::percent_encode(signature));
  }

  std::string http_date() {
    std::string text;
    protocol::append_http_date(text,
                               std::chrono::time_point_cast<protocol::Timestamp::duration>(now()));
    return text;
  }
};

constexpr std::string_view not_signed =
    "There were headers present in the request which were not signed HeadersNotSigned=";

TEST_F(SignaturesTest, a_header_that_is_added_to_a_presigned_url_is_refused_by_name) {
  EXPECT_EQ(check(strict, presigned_put(), put_object), "");
  for (const std::string_view name :
       {"x-amz-copy-source", "X-Amz-Acl", "x-amz-server-side-encryption", "x-amz-meta-a",
        "x-amz-bypass-governance-retention", "x-amz-tagging", "x-amz-date"}) {
    HttpRequest request = presigned_put();
    request.headers.add(name, "value");
    EXPECT_EQ(check(strict, request, put_object), "403 AccessDenied") << name;
    EXPECT_TRUE(explain(strict, request, put_object).starts_with(not_signed)) << name;
    EXPECT_EQ(check(open, request, put_object), "") << name;
  }
}

TEST_F(SignaturesTest, all_that_were_not_signed_are_listed) {
  HttpRequest request = presigned_put();
  request.headers.add("x-amz-meta-b", "1");
  request.headers.add("X-Amz-Acl", "private");
  EXPECT_EQ(explain(strict, request, put_object),
            std::string(not_signed) + "x-amz-acl, x-amz-meta-b");
}

TEST_F(SignaturesTest, headers_that_were_signed_are_obeyed) {
  protocol::Headers headers;
  headers.add("x-amz-acl", "private");
  EXPECT_EQ(check(strict, presigned_put(headers), put_object), "");
}

TEST_F(SignaturesTest, other_headers_may_be_added_to_a_presigned_url) {
  HttpRequest request = presigned_put();
  request.headers.add("Content-Type", "text/plain");
  request.headers.add("x-amzn-trace-id", "Root=1");
  EXPECT_EQ(check(strict, request, put_object), "");
}

TEST_F(SignaturesTest, a_header_that_is_added_to_a_signed_request_is_refused) {
  for (const std::string_view name : {"x-amz-copy-source", "x-amz-acl", "x-amz-meta-a"}) {
    HttpRequest request = signed_request(put_object);
    request.headers.add(name, "value");
    EXPECT_EQ(explain(strict, request, put_object), std::string(not_signed) + std::string(name));
  }
}

TEST_F(SignaturesTest, the_host_must_be_signed) {
  const std::string of_s3 = "x-amz-content-sha256;x-amz-date";
  EXPECT_EQ(
      explain(strict, signed_over(put_object, make_request("PUT", "/b/k"), of_s3), put_object),
      std::string(not_signed) + "host");
  EXPECT_EQ(check(strict, signed_over(put_object, make_request("PUT", "/b/k"), "host;" + of_s3),
                  put_object),
            "");
  const HttpRequest queue = signed_over(send_message, json_request(), "x-amz-date;x-amz-target");
  EXPECT_EQ(check(strict, queue, send_message),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(explain(strict, queue, send_message),
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST_F(SignaturesTest, the_operation_must_be_signed) {
  EXPECT_EQ(
      explain(strict, signed_over(send_message, json_request(), "host;x-amz-date"), send_message),
      "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
  EXPECT_EQ(check(strict, signed_over(send_message, json_request(), "host;x-amz-date;x-amz-target"),
                  send_message),
            "");
}

TEST_F(SignaturesTest, a_header_that_is_called_signed_must_have_been_sent) {
  const std::string names = "host;x-amz-acl;x-amz-content-sha256;x-amz-date";
  EXPECT_EQ(check(strict, signed_over(put_object, make_request("PUT", "/b/k"), names), put_object),
            "403 SignatureDoesNotMatch");
  EXPECT_EQ(
      check(strict, signed_over(send_message, json_request(), "content-type;host;x-amz-target"),
            send_message),
      "400 InvalidSignatureException/SignatureDoesNotMatch");
}

TEST_F(SignaturesTest, the_date_may_come_as_http_writes_it) {
  HttpRequest request = make_request("GET", "/bucket/key");
  sigv4::sign(request, keys, {{.region = "eu-west-1", .service = "s3"}, now()});
  const std::string timestamp = sigv4::read_claim(request).timestamp;
  request.headers.erase("x-amz-date");
  request.headers.add("Date", http_date());
  sigv4::Claim claim = sigv4::read_claim(request);
  EXPECT_EQ(claim.timestamp, timestamp);
  EXPECT_EQ(claim.fault, "");
  claim.signed_headers = "date;host;x-amz-content-sha256";
  const sigv4::Digest key =
      sigv4::derive_key("secret", claim.date, {.region = "eu-west-1", .service = "s3"});
  const std::string signature =
      sigv4::compute(request, claim, sigv4::payload_hash(request, claim), key).signature;
  request.headers.set("Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + sigv4::scope_text(claim) +
                          ", SignedHeaders=date;host;x-amz-content-sha256, Signature=" + signature);
  EXPECT_EQ(check(strict, request, get_object), "");
  request.headers.set("Date", "some day");
  EXPECT_EQ(explain(strict, request, get_object),
            "AWS authentication requires a valid Date or x-amz-date header");
}

TEST_F(SignaturesTest, presigned_urls_need_all_their_parameters) {
  const std::string whole = presigned_put().target;
  for (const std::string_view name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature",
                                      "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"}) {
    std::string target = whole;
    const std::size_t start = target.find(name);
    const std::size_t end = std::min(target.find('&', start), target.size() - 1);
    target.erase(start, end - start + 1);
    for (const Authenticator* authenticator : {&open, &strict}) {
      const HttpRequest request = make_request("PUT", target);
      EXPECT_EQ(check(*authenticator, request, put_object), "400 AuthorizationQueryParametersError")
          << name;
      EXPECT_EQ(explain(*authenticator, request, put_object),
                "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                "X-Amz-Expires parameters.")
          << name;
    }
  }
}

TEST_F(SignaturesTest, a_scope_of_another_service_is_named) {
  HttpRequest request = make_request("GET", "/bucket/key");
  sigv4::sign(request, keys, {{.region = "eu-west-1", .service = "ec2"}, now()});
  EXPECT_EQ(
      explain(strict, request, get_object),
      "The authorization header is malformed; incorrect service \"ec2\". This endpoint belongs "
      "to \"s3\".");
}

TEST_F(SignaturesTest, version_2_is_verified_in_the_header) {
  HttpRequest request = make_request("PUT", "/bucket/key?acl");
  request.headers.add("Date", http_date());
  request.headers.add("x-amz-acl", "private");
  EXPECT_EQ(check(strict, signed_by_version_2(request), put_object), "");
  EXPECT_EQ(check(strict, signed_by_version_2(request, "guess"), put_object),
            "403 SignatureDoesNotMatch");
  HttpRequest changed = signed_by_version_2(request);
  changed.headers.set("x-amz-acl", "public-read");
  EXPECT_EQ(check(strict, changed, put_object), "403 SignatureDoesNotMatch");
  request.headers.set("Date", "Tue, 27 Mar 2007 19:36:42 +0000");
  EXPECT_EQ(check(strict, signed_by_version_2(request), put_object), "403 RequestTimeTooSkewed");
  request.headers.erase("Date");
  EXPECT_EQ(check(strict, signed_by_version_2(request), put_object), "403 AccessDenied");
  request.headers.set("Authorization", "AWS AKIDEXAMPLE");
  EXPECT_EQ(check(strict, request, put_object), "400 InvalidArgument");
}

TEST_F(SignaturesTest, version_2_is_verified_in_presigned_urls) {
  EXPECT_EQ(check(strict, presigned_by_version_2("GET", "/bucket/key?versionId=a"), get_object),
            "");
  EXPECT_EQ(check(strict, presigned_by_version_2("GET", "/bucket/key?a=b", "guess"), get_object),
            "403 SignatureDoesNotMatch");
  HttpRequest request = presigned_by_version_2("GET", "/bucket/key?x=y");
  request.method = "DELETE";
  EXPECT_EQ(check(strict, request, get_object), "403 SignatureDoesNotMatch");
  HttpRequest added = presigned_by_version_2("PUT", "/bucket/key?x=y");
  added.headers.add("x-amz-copy-source", "/bucket/secret");
  EXPECT_EQ(check(strict, added, put_object), "403 SignatureDoesNotMatch");
}

TEST_F(SignaturesTest, version_2_needs_all_its_parameters) {
  for (const std::string_view target :
       {"/b/k?AWSAccessKeyId=a&Signature=x", "/b/k?AWSAccessKeyId=a&Expires=99999999999",
        "/b/k?Signature=x&Expires=99999999999"})
    EXPECT_EQ(explain(open, make_request("GET", target), get_object),
              "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
              "parameters")
        << target;
}

TEST_F(SignaturesTest, version_2_is_for_s3_alone) {
  HttpRequest request = json_request();
  request.headers.add("Date", http_date());
  EXPECT_EQ(check(strict, signed_by_version_2(request), send_message),
            "400 MissingAuthenticationTokenException/MissingAuthenticationToken");
}

TEST_F(SignaturesTest, version_2_of_a_form_is_over_its_policy) {
  const sigv4::Claim claim{.scheme = sigv4::Scheme::v2_query,
                           .access_key = "AKIDEXAMPLE",
                           .signature = "jUf6NOckzeYKPcpvPVYfSGDKxTA="};
  EXPECT_THROW(strict.check_form_signature(claim, "policy", put_object), protocol::ServiceError);
  sigv4::Claim right = claim;
  const std::string signature = protocol::sigv2::sign("secret", "policy");
  right.signature = signature;
  EXPECT_NO_THROW(strict.check_form_signature(right, "policy", put_object));
  EXPECT_NO_THROW(open.check_form_signature(claim, "policy", put_object));
}

TEST_F(SignaturesTest, version_2_names_no_region) {
  services::Context context;
  open.identify({.scheme = sigv4::Scheme::v2_query, .access_key = "a"}, get_object, context);
  EXPECT_EQ(context.signed_by, services::SignedBy::version_2);
}

}  // namespace
}  // namespace matinee::gateway
