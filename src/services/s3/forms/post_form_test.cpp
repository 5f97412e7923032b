// Uploads by a browser's form: taken apart, and held to their policy.
#include "services/s3/forms/post_form.h"

#include <gmock/gmock.h>

#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class PostForms : public ServiceTest {
 protected:
  static std::string part(const std::string& name, const std::string& value) {
    return "--xx\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  static std::string file(const std::string& content, const std::string& name = "a.txt") {
    return "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
           "\"\r\nContent-Type: text/plain\r\n\r\n" + content + "\r\n";
  }
  static constexpr char end[] = "--xx--\r\n";

  static protocol::HttpRequest head() {
    protocol::HttpRequest request;
    request.method = "POST";
    request.path = "/bucket";
    request.headers.add("Content-Type", "multipart/form-data; boundary=xx");
    return request;
  }
  /// Sent in pieces of so many bytes.
  std::shared_ptr<ReceivedForm> receive(const std::string& body, std::size_t piece = 1 << 20) {
    PostFormSink sink(store->blobs(), head(), simulation.loop.clock().now());
    for (std::size_t at = 0; at < body.size(); at += piece) {
      const std::string bytes = body.substr(at, piece);
      sink.write(bytes);
    }
    return std::dynamic_pointer_cast<ReceivedForm>(sink.finish().received);
  }
  static std::string content_of_form(const ReceivedForm& form) {
    return dynamic_cast<const ReceivedContent&>(*form.content).bytes;
  }
  std::string error_of(const std::string& body) {
    try {
      receive(body);
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    }
    return "";
  }
  /// The fields of a form with this policy, signed by nobody in particular.
  std::string with_policy(const std::string& conditions, runtime::Duration good_for) {
    std::string expiration;
    protocol::append_iso8601_milliseconds(expiration, simulation.loop.clock().now() + good_for);
    const std::string policy = R"({"expiration":")" + expiration + R"(","conditions":[)" +
                               R"({"bucket":"bucket"},)" + conditions + "]}";
    return part("policy", protocol::base64_encode(policy)) + part("AWSAccessKeyId", "KEY") +
           part("signature", "x");
  }
  std::string with_policy(const std::string& conditions) {
    return with_policy(conditions, std::chrono::minutes(1));
  }
};

TEST_F(PostForms, are_taken_apart_however_they_arrive) {
  const std::string content = "line\r\n--x\r\n--xy more";
  const std::string body = "preamble\r\n" + part("key", "films/${filename}") +
                           part("Content-Type", "text/plain") + file(content, "C:\\a b.txt") +
                           part("submit", "Upload") + end;
  for (const std::size_t piece : {1UL, 2UL, 7UL, 64UL, 4096UL}) {
    const auto form = receive(body, piece);
    EXPECT_THAT(form->fields,
                ElementsAre(Pair("key", "films/a b.txt"), Pair("content-type", "text/plain")));
    EXPECT_EQ(content_of_form(*form), content);
  }
}

TEST_F(PostForms, become_requests_to_put_an_object) {
  const auto form =
      receive(part("key", "a b/c") + part("acl", "private") + part("x-amz-meta-a", "1") +
              part("tagging",
                   "<Tagging><TagSet><Tag><Key>k</Key><Value>v w</Value></Tag></TagSet>"
                   "</Tagging>") +
              file("") + end);
  const protocol::HttpRequest request = to_put_request(head(), *form);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/bucket/a%20b/c");
  EXPECT_EQ(request.headers.find("x-amz-acl"), "private");
  EXPECT_EQ(request.headers.find("x-amz-meta-a"), "1");
  EXPECT_EQ(request.headers.find("x-amz-tagging"), "k=v%20w");
}

TEST_F(PostForms, that_are_none_are_refused) {
  EXPECT_THAT(error_of("nothing"), HasSubstr("MalformedPOSTRequest"));
  EXPECT_THAT(error_of(part("key", "k") + file("cut off")), HasSubstr("MalformedPOSTRequest"));
  EXPECT_THAT(error_of(part("key", "k") + end), HasSubstr("POST requires exactly one file"));
  EXPECT_THAT(error_of(file("x") + end), HasSubstr("must contain a field named 'key'"));
  EXPECT_THAT(error_of(part("key", "k") + part("junk", std::string(21'000, 'x')) + file("x") + end),
              HasSubstr("MaxPostPreDataLengthExceededError"));
}

TEST_F(PostForms, are_held_to_their_policy) {
  const auto refusal = [&](const std::string& conditions, const std::string& fields) {
    return error_of(with_policy(conditions) + fields + file("12345") + end);
  };
  EXPECT_EQ(refusal(R"({"key":"k"})", part("key", "k")), "");
  EXPECT_EQ(refusal(R"(["starts-with","$key","films/"])", part("key", "films/new")), "");
  EXPECT_EQ(refusal(R"({"key":"k"})", part("key", "other")),
            R"(AccessDenied: Invalid according to Policy: Policy Condition failed: )"
            R"(["eq", "$key", "k"])");
  EXPECT_EQ(refusal(R"({"key":"k"})", part("key", "k") + part("Expires", "never")),
            "AccessDenied: Invalid according to Policy: Extra input fields: expires");
  EXPECT_EQ(refusal(R"({"key":"k"})", part("key", "k") + part("x-ignore-me", "1")), "");
  EXPECT_EQ(refusal(R"({"key":"k"},["content-length-range",1,5])", part("key", "k")), "");
  EXPECT_THAT(refusal(R"({"key":"k"},["content-length-range",1,4])", part("key", "k")),
              HasSubstr("EntityTooLarge"));
  EXPECT_THAT(refusal(R"({"key":"k"},["content-length-range",6,9])", part("key", "k")),
              HasSubstr("EntityTooSmall"));
  EXPECT_EQ(refusal(R"(["like","$key","k"])", part("key", "k")),
            R"(AccessDenied: Invalid according to Policy: Policy Condition failed: )"
            R"(["like", "$key", "k"])");
  EXPECT_EQ(refusal(R"(["eq","key","k"])", part("key", "k")),
            R"(AccessDenied: Invalid according to Policy: Policy Condition failed: )"
            R"(["eq", "key", "k"])");
  EXPECT_EQ(refusal(R"({"key":"k","acl":"private"})", part("key", "k")),
            "InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions "
            "must have exactly one property specified.");
}

TEST_F(PostForms, are_too_late_after_their_policys_end) {
  EXPECT_EQ(error_of(with_policy(R"({"key":"k"})", -std::chrono::seconds(1)) + part("key", "k") +
                     file("x") + end),
            "AccessDenied: Invalid according to Policy: Policy expired.");
}

TEST_F(PostForms, with_a_policy_need_all_that_tells_its_signer_or_nothing) {
  const std::string policy = part("policy", protocol::base64_encode("{}"));
  EXPECT_THAT(error_of(part("key", "k") + policy + part("X-Amz-Date", "x") + file("x") + end),
              HasSubstr("must contain a field named 'X-Amz-Signature'"));
  EXPECT_EQ(error_of(part("key", "k") + policy + file("x") + end), "");
}

}  // namespace matinee::s3
