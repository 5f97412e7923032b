// What a web page can make a browser send, as a matrix of Host, origin and protocol: what comes
// from a page that has no business here is refused before any service hears of it.
#include "gateway/aws_handler_fixture.h"

namespace matinee::gateway {
namespace {

struct Attempt {
  std::string_view name;
  std::string_view head;  // without Host and Content-Length
  std::string_view body;
  std::string_view error;  // what a refusal is called in this protocol
};

constexpr std::string_view form =
    "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";

constexpr Attempt attempts[] = {
    {"JSON",
     "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
     "X-Amz-Target: AmazonSQS.GetQueueUrl",
     "{\"QueueName\":\"a\"}", "#AccessDeniedException\""},
    {"a form", form, "Action=GetQueueUrl&Version=2012-11-05&QueueName=a",
     "<Code>AccessDenied</Code>"},
    {"a form to a queue",
     "POST /000000000000/a HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
     "Action=ReceiveMessage&Version=2012-11-05", "<Code>AccessDenied</Code>"},
    {"an image", "GET /?Action=GetQueueUrl&Version=2012-11-05&QueueName=a HTTP/1.1", "",
     "<Code>AccessDenied</Code>"},
    {"STS", "GET /?Action=GetCallerIdentity&Version=2011-06-15 HTTP/1.1", "",
     "<Code>AccessDenied</Code>"},
    {"STS in JSON",
     "GET /?Action=GetCallerIdentity&Version=2011-06-15 HTTP/1.1\r\nAccept: application/json", "",
     "\"Code\":\"AccessDenied\""},
    {"an object", "PUT /bucket/key HTTP/1.1", "content", "<Code>AccessDenied</Code>"},
};

class BrowserTest : public AwsHandlerTest {
 protected:
  TestReply send(const Attempt& attempt, std::string_view host, std::string_view headers = "") {
    return connect().request(std::string(attempt.head) + "\r\nHost: " + std::string(host) +
                             std::string(headers) +
                             "\r\nContent-Length: " + std::to_string(attempt.body.size()) +
                             "\r\n\r\n" + std::string(attempt.body));
  }
  int calls() const { return queues.calls + buckets.puts; }
};

TEST_F(BrowserTest, this_server_answers_to_names_that_nobody_else_can_own) {
  for (const std::string_view host :
       {"127.0.0.1", "127.0.0.1:4566", "[::1]:4566", "192.168.1.20:4566", "localhost:4566",
        "LocalHost:4566", "localhost.", "bucket.localhost:4566", "bucket.s3.eu-west-1.localhost",
        "sqs.us-east-1.amazonaws.com", "bucket.s3.amazonaws.com:443", "matinee:4566", "matinee",
        "movies.s3", "host.docker.internal:4566", "s3.dualstack.eu-west-1.api.aws"})
    EXPECT_EQ(send(attempts[0], host).status, 200) << host;
}

TEST_F(BrowserTest, a_name_that_was_rebound_is_refused_in_every_protocol) {
  for (const Attempt& attempt : attempts) {
    for (const std::string_view host :
         {"evil.example", "evil.example:4566", "evil.example.", "bucket.s3.evil.example",
          "localhost.evil.example", "amazonaws.com.evil.example", "evilamazonaws.com",
          "127.0.0.1.evil.example", "evil-localhost.example:4566", "127.0.0.1:80.example"}) {
      const TestReply reply = send(attempt, host);
      EXPECT_EQ(reply.status, 403) << attempt.name << " " << host;
      EXPECT_TRUE(reply.body.contains(attempt.error)) << attempt.name << " " << reply.body;
      EXPECT_TRUE(reply.body.contains("--allow-host")) << reply.body;
    }
  }
  EXPECT_EQ(calls(), 0);
}

TEST_F(BrowserTest, the_health_page_is_for_everybody) {
  EXPECT_EQ(connect()
                .request("GET /_matinee/health HTTP/1.1\r\nHost: evil.example\r\n"
                         "Origin: http://evil.example\r\n\r\n")
                .status,
            200);
}

TEST_F(BrowserTest, allowed_names_are_this_servers_own) {
  start({}, {.hosts = {"Cloud.Test"}});
  EXPECT_EQ(send(attempts[0], "cloud.test:4566").status, 200);
  EXPECT_EQ(send(attempts[0], "bucket.cloud.test").status, 200);
  EXPECT_EQ(send(attempts[0], "cloud.test", "\r\nOrigin: http://cloud.test").status, 200);
  EXPECT_EQ(send(attempts[0], "evilcloud.test").status, 403);
  EXPECT_EQ(send(attempts[0], "evil.example").status, 403);
}

constexpr std::string_view foreign[] = {
    "\r\nOrigin: http://evil.example",
    "\r\nOrigin: https://localhost.evil.example:3000",
    "\r\nOrigin: null",
    "\r\nOrigin: http://localhost@evil.example",
    "\r\nOrigin: file://",
    "\r\nReferer: http://evil.example/page?http://localhost/",
    "\r\nReferer: http://evil.example/\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors",
    "\r\nSec-Fetch-Site: cross-site",
    "\r\nSec-Fetch-Site: same-site",
    "\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate",
    "\r\nOrigin: http://evil.example\r\nReferer: http://localhost/"};

TEST_F(BrowserTest, pages_of_other_origins_are_refused_in_every_protocol) {
  for (const Attempt& attempt : attempts) {
    for (const std::string_view headers : foreign) {
      const TestReply reply = send(attempt, "localhost:4566", headers);
      EXPECT_EQ(reply.status, 403) << attempt.name << headers;
      EXPECT_TRUE(reply.body.contains(attempt.error)) << attempt.name << " " << reply.body;
      EXPECT_TRUE(reply.body.contains("--allow-origin")) << reply.body;
      EXPECT_EQ(reply.header("access-control-allow-origin"), "(none)");
    }
  }
  EXPECT_EQ(calls(), 0);
}

constexpr std::string_view friendly[] = {
    "",
    "\r\nOrigin: http://localhost:3000",
    "\r\nOrigin: http://127.0.0.1:8080\r\nSec-Fetch-Site: cross-site",
    "\r\nOrigin: https://app.localhost",
    "\r\nOrigin: http://[::1]:3000",
    "\r\nOrigin: http://matinee:4566\r\nReferer: http://matinee:4566/bucket/page.html",
    "\r\nReferer: http://localhost:3000/page\r\nSec-Fetch-Site: same-site",
    "\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate",
    "\r\nSec-Fetch-Site: same-origin"};

TEST_F(BrowserTest, pages_of_this_machine_and_clients_without_a_page_are_served) {
  for (const Attempt& attempt : attempts) {
    if (attempt.name == "a form to a queue") continue;
    for (const std::string_view headers : friendly)
      EXPECT_EQ(send(attempt, "matinee:4566", headers).status, 200) << attempt.name << headers;
  }
}

TEST_F(BrowserTest, allowed_origins_may_use_everything) {
  start({}, {.origins = {"https://app.example", "http://*.films.example:8080"}});
  for (const std::string_view origin : {"https://app.example", "http://a.films.example:8080"})
    EXPECT_EQ(send(attempts[1], "localhost", "\r\nOrigin: " + std::string(origin)).status, 200);
  for (const std::string_view origin :
       {"http://app.example", "https://app.example:444", "http://films.example:8080",
        "https://app.example.evil.example"})
    EXPECT_EQ(send(attempts[1], "localhost", "\r\nOrigin: " + std::string(origin)).status, 403);
  EXPECT_EQ(send(attempts[1], "localhost", "\r\nReferer: https://app.example/page").status, 200);
}

TEST_F(BrowserTest, a_page_of_a_name_that_only_the_network_knows_is_foreign_until_it_is_allowed) {
  start({}, {.origins = {"http://cloud.corp:4566"}});
  // The Host is of this very name, and so would be after a rebinding.
  EXPECT_EQ(send(attempts[1], "cloud.corp:4566", "\r\nOrigin: http://cloud.corp:4566").status, 403);
}

TEST_F(BrowserTest, the_rules_of_a_bucket_open_it_to_a_page) {
  const Attempt put{"", "PUT /open/key HTTP/1.1", "content", ""};
  const Attempt get{"", "GET /open/key HTTP/1.1", "", ""};
  const TestReply stored = send(put, "localhost", "\r\nOrigin: https://films.example");
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(stored.header("access-control-allow-origin"), "https://films.example");
  EXPECT_EQ(send(get, "localhost", "\r\nOrigin: https://films.example").body, "content");
  const TestReply refused = send(put, "localhost", "\r\nOrigin: http://evil.example");
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.body.contains("Give the bucket a CORS rule")) << refused.body;
  EXPECT_EQ(buckets.puts, 1);
}

TEST_F(BrowserTest, links_to_objects_open_from_anywhere_and_are_not_read_by_pages) {
  const Attempt put{"", "PUT /bucket/key HTTP/1.1", "content", ""};
  const Attempt get{"", "GET /bucket/key HTTP/1.1", "", ""};
  ASSERT_EQ(send(put, "localhost").status, 200);
  const std::string_view page = "\r\nReferer: https://mail.example/\r\nSec-Fetch-Site: cross-site";
  EXPECT_EQ(send(get, "localhost", std::string(page) + "\r\nSec-Fetch-Mode: navigate").body,
            "content");
  EXPECT_EQ(send(get, "localhost", std::string(page) + "\r\nSec-Fetch-Mode: no-cors").status, 403);
  EXPECT_EQ(send(get, "localhost", "\r\nOrigin: https://mail.example").status, 403);
  // No browser that says so little of its page; policies ask for it (aws:Referer).
  EXPECT_EQ(send(get, "localhost", "\r\nReferer: https://mail.example/").body, "content");
}

constexpr std::string_view asking =
    "OPTIONS / HTTP/1.1\r\nAccess-Control-Request-Method: POST\r\n"
    "Access-Control-Request-Headers: authorization,content-type,x-amz-target";

TEST_F(BrowserTest, preflights_for_services_are_answered_where_the_page_may_use_them) {
  const TestReply reply =
      send({"", asking, "", ""}, "localhost:4566", "\r\nOrigin: http://localhost:3000");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_EQ(reply.header("access-control-allow-methods"), "POST");
  EXPECT_EQ(reply.header("access-control-allow-headers"),
            "authorization,content-type,x-amz-target");
  EXPECT_EQ(reply.header("access-control-max-age"), "172800");
  const TestReply refused =
      send({"", asking, "", ""}, "localhost:4566", "\r\nOrigin: http://evil.example");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("access-control-allow-origin"), "(none)");
}

TEST_F(BrowserTest, replies_and_errors_of_services_can_be_read_by_such_a_page) {
  const TestReply reply = send(attempts[0], "localhost", "\r\nOrigin: http://localhost:3000");
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_TRUE(reply.header("access-control-expose-headers").contains("x-amzn-RequestId"));
  const Attempt missing{"", attempts[0].head, "{\"QueueName\":\"missing\"}", ""};
  EXPECT_EQ(send(missing, "localhost", "\r\nOrigin: http://localhost:3000")
                .header("access-control-allow-origin"),
            "*");
  EXPECT_EQ(send(attempts[0], "localhost").header("access-control-allow-origin"), "(none)");
}

TEST_F(BrowserTest, a_preflight_is_never_authenticated) {
  start({.check_signatures = true, .secrets = {{"AKIDEXAMPLE", "secret"}}});
  const Attempt ask{"",
                    "OPTIONS /open/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&"
                    "X-Amz-Date=20240101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&"
                    "X-Amz-Signature=00 HTTP/1.1",
                    "", ""};
  EXPECT_EQ(send(ask, "localhost",
                 "\r\nOrigin: https://films.example\r\nAccess-Control-Request-Method: PUT")
                .status,
            200);
  EXPECT_EQ(send(ask, "localhost").status, 400);
  EXPECT_EQ(send({"", asking, "", ""}, "localhost", "\r\nOrigin: http://localhost:3000").status,
            200);
}

}  // namespace
}  // namespace matinee::gateway
