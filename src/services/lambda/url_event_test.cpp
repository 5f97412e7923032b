#include "services/lambda/url_event.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "protocol/timestamps.h"

namespace matinee::lambda {
namespace {

using testing::HasSubstr;
using testing::Not;

services::LocalRequest request_of(const std::string& method, const std::string& target) {
  services::LocalRequest request{.port = 4566, .peer = "127.0.0.1"};
  request.http.method = method;
  EXPECT_TRUE(request.http.set_target(target));
  return request;
}

UrlCall call_of(const std::string& path) {
  return {.url_id = "abc",
          .region = "eu-west-1",
          .request_id = "id",
          .time = protocol::parse_iso8601("2020-03-12T19:03:58.390Z").value(),
          .path = path};
}

TEST(UrlEvent, joins_parameters_of_one_name_and_decodes_them) {
  const std::string event =
      event_of(call_of("/my/path"), request_of("GET", "/my/path?q=query&m=foo&m=%2Fbar"));
  EXPECT_THAT(event,
              HasSubstr(R"("rawPath":"/my/path","rawQueryString":"q=query&m=foo&m=%2Fbar")"));
  EXPECT_THAT(event, HasSubstr(R"("queryStringParameters":{"m":"foo,/bar","q":"query"})"));
  EXPECT_THAT(event, HasSubstr(R"("time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1584039838390)"));
  EXPECT_THAT(event, Not(HasSubstr("\"body\"")));
}

TEST(UrlEvent, tells_headers_in_lower_case_and_cookies_by_themselves) {
  services::LocalRequest request = request_of("GET", "/");
  request.http.headers.add("X-Mine", "With WeiRd CapS");
  request.http.headers.add("Connection", "keep-alive");
  request.http.headers.add("Cookie", "a=1; b=2");
  const std::string event = event_of(call_of("/"), request);
  EXPECT_THAT(event, HasSubstr(R"("x-mine":"With WeiRd CapS")"));
  EXPECT_THAT(event, HasSubstr(R"("cookies":["a=1","b=2"])"));
  EXPECT_THAT(event, HasSubstr(R"("host":"abc.lambda-url.eu-west-1.on.aws")"));
  EXPECT_THAT(event, Not(HasSubstr("keep-alive")));
}

TEST(UrlEvent, encodes_bodies_that_are_no_text) {
  services::LocalRequest request = request_of("POST", "/");
  request.http.headers.add("Content-Type", "application/octet-stream");
  request.http.body = "ab";
  EXPECT_THAT(event_of(call_of("/"), request),
              HasSubstr(R"("body":"YWI=","isBase64Encoded":true)"));
}

TEST(UrlResponse, takes_a_status_that_is_a_number_in_quotes) {
  const protocol::HttpResponse response =
      response_of(R"({"statusCode":"418","headers":{"A":"b"},"body":{"x":1}})");
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.headers.find("a"), "b");
  EXPECT_EQ(response.body.bytes, R"({"x":1})");
}

TEST(UrlResponse, is_the_result_itself_where_that_has_no_status) {
  EXPECT_EQ(response_of(R"({"a":1})").body.bytes, R"({"a":1})");
  EXPECT_EQ(response_of("\"hi\"").body.bytes, "hi");
  EXPECT_EQ(response_of("null").body.bytes, "null");
}

TEST(UrlResponse, decodes_a_body_in_base64) {
  EXPECT_EQ(response_of(R"({"statusCode":200,"isBase64Encoded":true,"body":"YWI="})").body.bytes,
            "ab");
}

TEST(UrlResponse, to_what_is_no_json_is_an_error_of_the_server) {
  EXPECT_EQ(response_of("{").status, 502);
}

TEST(UrlResponse, to_a_status_that_ends_no_exchange_is_an_error_of_the_server) {
  for (const char* status : {"100", "199", "0", "-5", "600", "4294967496", "\"4294967496\""}) {
    const std::string result = fmt::format(R"({{"statusCode":{}}})", status);
    EXPECT_EQ(response_of(result).status, 502) << status;
    EXPECT_FALSE(head_of(result)) << status;
  }
  EXPECT_EQ(response_of(R"({"statusCode":599})").status, 599);
  EXPECT_EQ(head_of(R"({"statusCode":200})")->status, 200);
}

TEST(UrlResponse, has_no_headers_that_frame_it_or_could_be_two) {
  const std::string result =
      R"({"statusCode":200,"headers":{"Content-length":"1","Transfer-Encoding":"chunked",)"
      R"("CONNECTION":"close","a\r\nb":"c","":"d","X-Mine":"e"}})";
  for (const protocol::HttpResponse& response : {response_of(result), *head_of(result)}) {
    EXPECT_EQ(std::ranges::distance(response.headers), 2);
    EXPECT_EQ(response.headers.find("x-mine"), "e");
    EXPECT_TRUE(response.headers.contains("Content-Type"));
  }
}

}  // namespace
}  // namespace matinee::lambda
