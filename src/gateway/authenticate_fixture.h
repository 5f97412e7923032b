// For tests: requests that are signed in all the ways that there are, and who is let in with them.
#pragma once

#include <gtest/gtest.h>

#include "dynamodb/operations.h"
#include "gateway/authenticate.h"
#include "runtime/simulated/simulation.h"
#include "s3/operations.h"
#include "sqs/operations.h"
#include "sts/operations.h"

namespace matinee::gateway {

namespace sigv4 = protocol::sigv4;
using protocol::HttpRequest;
using protocol::Protocol;
using std::chrono::minutes;
using std::chrono::seconds;

inline const Target get_object{&s3::model, Protocol::rest_xml, &s3::operations::GetObject};
inline const Target put_object{&s3::model, Protocol::rest_xml, &s3::operations::PutObject};
inline const Target delete_objects{&s3::model, Protocol::rest_xml, &s3::operations::DeleteObjects};
inline const Target get_item{&dynamodb::model, Protocol::json, &dynamodb::operations::GetItem};
inline const Target send_message{&sqs::model, Protocol::json, &sqs::operations::SendMessage};
inline const Target caller_identity{&sts::model, Protocol::query,
                                    &sts::operations::GetCallerIdentity};

inline const sigv4::Credentials keys{.access_key = "AKIDEXAMPLE", .secret_key = "secret"};

class AuthenticateTest : public testing::Test {
 protected:
  runtime::Simulation simulation;
  Authenticator open{{}, simulation.loop.clock()};
  Authenticator strict{{.check_signatures = true, .secrets = {{"AKIDEXAMPLE", "secret"}}},
                       simulation.loop.clock()};

  runtime::Time now() { return simulation.loop.clock().now(); }

  static HttpRequest make_request(std::string method, std::string_view target) {
    HttpRequest request;
    request.method = std::move(method);
    EXPECT_TRUE(request.set_target(target));
    request.headers.add("Host", "localhost:4566");
    return request;
  }

  HttpRequest signed_request(const Target& target, std::string body = "",
                             runtime::Duration age = seconds(0)) {
    HttpRequest request = make_request("POST", "/bucket/key");
    request.body.bytes = std::move(body);
    sigv4::sign(
        request, keys,
        {{.region = "eu-west-1", .service = std::string(target.service->name)}, now() - age});
    return request;
  }

  HttpRequest presigned_request(runtime::Duration age, seconds lifetime) {
    HttpRequest request = make_request("GET", "/bucket/key");
    sigv4::presign(request, keys, {{.region = "eu-west-1", .service = "s3"}, now() - age},
                   lifetime);
    return make_request("GET", request.target);
  }

  /// The message of the refusal, with details as "Name=value" behind it; "" where it is let in.
  static std::string explain(const Authenticator& authenticator, HttpRequest request,
                             const Target& target) {
    const sigv4::Claim claim = sigv4::read_claim(request);
    try {
      authenticator.check_head(request, claim, target);
      authenticator.check_body(request, claim, target);
    } catch (const protocol::ServiceError& error) {
      std::string text = error.message();
      for (const auto& [name, value] : error.details)
        if (name == "HeadersNotSigned") text += " " + name + "=" + value;
      return text;
    }
    return "";
  }

  /// "" where it is let in, else "403 AccessDenied", with the query protocol's code if it differs.
  static std::string check(const Authenticator& authenticator, HttpRequest request,
                           const Target& target) {
    const sigv4::Claim claim = sigv4::read_claim(request);
    try {
      authenticator.check_head(request, claim, target);
      authenticator.check_body(request, claim, target);
    } catch (const protocol::ServiceError& error) {
      std::string text = std::to_string(error.status()) + " " + error.code();
      if (error.query_code() != error.code()) text += "/" + error.query_code();
      return text;
    }
    return "";
  }
};

}  // namespace matinee::gateway
