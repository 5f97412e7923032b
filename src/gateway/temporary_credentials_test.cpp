// Callers with temporary credentials: who they are, with which secret they sign, and until when.
#include <gtest/gtest.h>

#include "dynamodb/operations.h"
#include "gateway/authenticate.h"
#include "runtime/simulated/simulation.h"
#include "s3/operations.h"
#include "sqs/operations.h"
#include "sts/operations.h"

namespace matinee::gateway {
namespace {

namespace sigv4 = protocol::sigv4;
using protocol::HttpRequest;
using protocol::Protocol;
using std::chrono::minutes;
using std::chrono::seconds;

const Target get_object{&s3::model, Protocol::rest_xml, &s3::operations::GetObject};
const Target get_item{&dynamodb::model, Protocol::json, &dynamodb::operations::GetItem};
const Target send_message{&sqs::model, Protocol::json, &sqs::operations::SendMessage};
const Target caller_identity{&sts::model, Protocol::query, &sts::operations::GetCallerIdentity};

class TemporaryCredentials : public testing::Test {
 protected:
  runtime::Simulation simulation;
  std::shared_ptr<const sts::SessionKey> key =
      std::make_shared<const sts::SessionKey>(sts::SessionKey::Bytes{1, 2, 3});
  Authenticator open{{.session_key = key}, simulation.loop.clock()};
  Authenticator strict{
      {.check_signatures = true, .secrets = {{"AKIDEXAMPLE", "secret"}}, .session_key = key},
      simulation.loop.clock()};
  sts::Issued issued = issue("evening");
  sigv4::Credentials credentials{.access_key = issued.session.access_key,
                                 .secret_key = issued.secret_key,
                                 .session_token = issued.token};

  runtime::Time now() { return simulation.loop.clock().now(); }

  sts::Issued issue(const std::string& name) {
    const std::string account = "222222222222";
    return key->issue({.access_key = sts::make_access_key(account, simulation.random),
                       .account = account,
                       .arn = "arn:aws:sts::222222222222:assumed-role/projector/" + name,
                       .user_id = "AROAEXAMPLE:" + name,
                       .role_arn = "arn:aws:iam::222222222222:role/team/projector",
                       .expires_at = now() + minutes(15)});
  }

  HttpRequest signed_request(const Target& target) {
    HttpRequest request;
    request.method = "POST";
    EXPECT_TRUE(request.set_target("/bucket/key"));
    request.headers.add("Host", "localhost:4566");
    sigv4::sign(request, credentials,
                {{.region = "eu-west-1", .service = std::string(target.service->name)}, now()});
    return request;
  }

  /// "" where it is let in, else "403 AccessDenied", with the query protocol's code if it differs.
  std::string check(const Authenticator& authenticator, HttpRequest request, const Target& target) {
    const sigv4::Claim claim = sigv4::read_claim(request);
    try {
      authenticator.check_head(request, claim, target);
      context = {};
      authenticator.identify(claim, target, context);
      authenticator.check_body(request, claim, target);
    } catch (const protocol::ServiceError& error) {
      std::string text = std::to_string(error.status()) + " " + error.code();
      if (error.query_code() != error.code()) text += "/" + error.query_code();
      return text;
    }
    return "";
  }
  services::Context context;  // of the last check
};

TEST_F(TemporaryCredentials, act_as_their_session_whether_or_not_signatures_are_checked) {
  for (const Authenticator* authenticator : {&open, &strict}) {
    for (const Target& target : {get_object, get_item, send_message, caller_identity}) {
      EXPECT_EQ(check(*authenticator, signed_request(target), target), "");
      EXPECT_EQ(context.account, "222222222222");
      EXPECT_EQ(context.caller_arn, "arn:aws:sts::222222222222:assumed-role/projector/evening");
      EXPECT_EQ(context.caller_id, "AROAEXAMPLE:evening");
      EXPECT_EQ(context.role_arn, "arn:aws:iam::222222222222:role/team/projector");
    }
  }
}

TEST_F(TemporaryCredentials, sign_with_their_own_secret) {
  credentials.secret_key = "guess";
  EXPECT_EQ(check(strict, signed_request(get_item), get_item),
            "400 InvalidSignatureException/SignatureDoesNotMatch");
  EXPECT_EQ(check(strict, signed_request(get_object), get_object), "403 SignatureDoesNotMatch");
}

TEST_F(TemporaryCredentials, end_by_the_clock_for_everybody) {
  simulation.loop.advance(minutes(15) - seconds(1));
  EXPECT_EQ(check(strict, signed_request(get_item), get_item), "");
  simulation.loop.advance(seconds(1));
  for (const Authenticator* authenticator : {&open, &strict}) {
    EXPECT_EQ(check(*authenticator, signed_request(get_item), get_item),
              "400 ExpiredTokenException/ExpiredToken");
    EXPECT_EQ(check(*authenticator, signed_request(caller_identity), caller_identity),
              "403 ExpiredToken");
    EXPECT_EQ(check(*authenticator, signed_request(get_object), get_object), "400 ExpiredToken");
  }
}

TEST_F(TemporaryCredentials, are_worth_nothing_without_their_token_or_with_that_of_others) {
  const std::string own_token = std::exchange(credentials.session_token, "");
  EXPECT_EQ(check(strict, signed_request(get_item), get_item),
            "400 UnrecognizedClientException/InvalidClientTokenId");
  EXPECT_EQ(check(strict, signed_request(get_object), get_object), "403 InvalidAccessKeyId");
  for (const std::string& token :
       {issue("other").token, std::string("elsewhere"), own_token + "A"}) {
    credentials.session_token = token;
    EXPECT_EQ(check(strict, signed_request(get_item), get_item),
              "400 UnrecognizedClientException/InvalidClientTokenId");
    EXPECT_EQ(check(strict, signed_request(caller_identity), caller_identity),
              "403 InvalidClientTokenId");
    EXPECT_EQ(check(strict, signed_request(get_object), get_object), "400 InvalidToken");
    EXPECT_EQ(check(open, signed_request(get_item), get_item), "");
    EXPECT_EQ(context.account, "000000000000");
  }
}

TEST_F(TemporaryCredentials, do_not_lend_their_session_to_a_long_term_key) {
  credentials.access_key = "AKIDEXAMPLE";
  credentials.secret_key = "secret";
  EXPECT_EQ(check(strict, signed_request(get_item), get_item), "");
  EXPECT_EQ(context.account, "000000000000");
  EXPECT_EQ(context.caller_arn, "arn:aws:iam::000000000000:root");
}

TEST_F(TemporaryCredentials, presign_urls_that_end_with_them) {
  HttpRequest request;
  request.method = "GET";
  EXPECT_TRUE(request.set_target("/bucket/key"));
  request.headers.add("Host", "localhost:4566");
  sigv4::presign(request, credentials, {{.region = "eu-west-1", .service = "s3"}, now()},
                 seconds(3600));
  HttpRequest fetch;
  fetch.method = "GET";
  EXPECT_TRUE(fetch.set_target(request.target));
  fetch.headers.add("Host", "localhost:4566");
  EXPECT_EQ(check(strict, fetch, get_object), "");
  EXPECT_EQ(context.account, "222222222222");
  simulation.loop.advance(minutes(15));
  EXPECT_EQ(check(strict, fetch, get_object), "400 ExpiredToken");
}

}  // namespace
}  // namespace matinee::gateway
