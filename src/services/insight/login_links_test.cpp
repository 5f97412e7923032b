// Links that sign in once.
#include "services/insight/login_links.h"

#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"

namespace matinee::insight {

namespace {

class LoginLinksTest : public testing::Test {
 protected:
  protocol::HttpResponse use(const std::string& code, const std::string& method = "POST") {
    services::LocalRequest request;
    request.http.method = method;
    request.http.path = "/_matinee/logins/" + code;
    EXPECT_TRUE(links.claims(request.http));
    protocol::HttpResponse answer;
    links.handle(std::move(request),
                 [&](protocol::HttpResponse response) { answer = std::move(response); });
    return answer;
  }
  LoginLinks::Link create() {
    return links.create({.access_key = "ASIA", .secret_key = "s\"e", .session_token = "t"});
  }

  runtime::Simulation machine;
  LoginLinks links{machine.loop.clock(), machine.random};
};

}  // namespace

TEST_F(LoginLinksTest, a_link_is_good_once) {
  const LoginLinks::Link link = create();
  EXPECT_NE(create().code, link.code);
  const protocol::HttpResponse answer = use(link.code);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.bytes,
            R"({"accessKeyId":"ASIA","secretAccessKey":"s\"e","sessionToken":"t"})");
  EXPECT_EQ(answer.headers.find("cache-control"), "no-store");
  EXPECT_EQ(use(link.code).status, 404);
}

TEST_F(LoginLinksTest, a_link_ends_by_itself) {
  const LoginLinks::Link link = create();
  machine.loop.advance(LoginLinks::lifetime);
  EXPECT_EQ(use(link.code).status, 404);
}

TEST_F(LoginLinksTest, looking_at_a_link_does_not_use_it_up) {
  const LoginLinks::Link link = create();
  EXPECT_EQ(use(link.code, "GET").status, 405);
  EXPECT_EQ(use("nobody").status, 404);
  EXPECT_EQ(use(link.code).status, 200);
}

TEST_F(LoginLinksTest, of_too_many_the_oldest_goes) {
  const LoginLinks::Link first = create();
  machine.loop.advance(std::chrono::seconds(1));
  std::string last;
  for (std::size_t i = 0; i < LoginLinks::most; ++i) last = create().code;
  EXPECT_EQ(use(first.code).status, 404);
  EXPECT_EQ(use(last).status, 200);
}

}  // namespace matinee::insight
