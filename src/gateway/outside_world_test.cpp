#include "gateway/outside_world.h"

#include <gtest/gtest.h>

namespace matinee::gateway {
namespace {

protocol::HttpRequest request(const std::string& target, const std::string& host) {
  protocol::HttpRequest request{.method = "GET"};
  EXPECT_TRUE(request.set_target(target));
  request.headers.add("Host", host);
  return request;
}

TEST(OutsideWorld, a_host_is_that_of_the_whole_url_else_of_the_header) {
  EXPECT_EQ(host_of(request("http://WWW.Example.com:8080/x?y", "other")), "www.example.com");
  EXPECT_EQ(host_of(request("http://user:secret@example.com/", "other")), "example.com");
  EXPECT_EQ(host_of(request("/x", "Example.com:80")), "example.com");
  EXPECT_EQ(host_of(request("http://[::1]:80/", "x")), "[::1]");
}

TEST(OutsideWorld, a_request_goes_to_the_target_of_its_host_with_its_path_and_query) {
  const OutsideHost host{.name = "a.test", .url = "http://127.0.0.1:9000/v1"};
  EXPECT_EQ(url_for(request("http://a.test/x%20y?i=1", "a.test"), &host),
            "http://127.0.0.1:9000/v1/x%20y?i=1");
  EXPECT_EQ(url_for(request("/x?i=1", "a.test"), &host), "http://127.0.0.1:9000/v1/x?i=1");
  EXPECT_EQ(url_for(request("http://a.test", "a.test"), &host), "http://127.0.0.1:9000/v1/");
  EXPECT_EQ(url_for(request("http://a.test?i=1", "a.test"), &host),
            "http://127.0.0.1:9000/v1/?i=1");
}

TEST(OutsideWorld, a_request_to_another_host_goes_where_it_was_going) {
  EXPECT_EQ(url_for(request("http://b.test:81/x", "b.test:81"), nullptr), "http://b.test:81/x");
  EXPECT_EQ(url_for(request("http://h/x", "h"), nullptr), "http://h/x");
}

TEST(OutsideWorld, a_request_that_is_no_whole_url_goes_to_no_other_host) {
  EXPECT_EQ(url_for(request("/x", "b.test"), nullptr), "");
}

}  // namespace
}  // namespace matinee::gateway
