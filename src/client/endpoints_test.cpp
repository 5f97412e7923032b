#include "client/endpoints.h"

#include <gtest/gtest.h>

namespace matinee::client {
namespace {

struct Directed {
  std::string url;
  std::string host;
};

Directed direct(const Endpoints& endpoints, std::string_view service, const std::string& target) {
  protocol::HttpRequest request{.method = "GET"};
  EXPECT_TRUE(request.set_target(target));
  std::string url = direct_request(endpoints, service, request);
  return {std::move(url), std::string(request.headers.find("Host").value_or(""))};
}

TEST(Endpoints, each_partition_has_its_own_domain) {
  EXPECT_EQ(aws_url("sqs", "eu-central-1"), "https://sqs.eu-central-1.amazonaws.com");
  EXPECT_EQ(aws_url("dynamodb", "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_url("s3", "us-gov-west-1"), "https://s3.us-gov-west-1.amazonaws.com");
  EXPECT_THROW(aws_url("s3", "evil.example/"), ClientError);
}

TEST(Endpoints, at_aws_a_bucket_stands_in_the_host_name) {
  const Endpoints aws("eu-west-1");
  const Directed object = direct(aws, "s3", "/movies/a/b%20c?x=1");
  EXPECT_EQ(object.url, "https://movies.s3.eu-west-1.amazonaws.com/a/b%20c?x=1");
  EXPECT_EQ(object.host, "movies.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(direct(aws, "s3", "/movies?uploads").url,
            "https://movies.s3.eu-west-1.amazonaws.com/?uploads");
  EXPECT_EQ(direct(aws, "s3", "/").url, "https://s3.eu-west-1.amazonaws.com/");
}

TEST(Endpoints, a_bucket_with_dots_stays_in_the_path_because_of_the_certificate) {
  EXPECT_EQ(direct(Endpoints("eu-west-1"), "s3", "/my.movies/a").url,
            "https://s3.eu-west-1.amazonaws.com/my.movies/a");
}

TEST(Endpoints, elsewhere_a_bucket_stands_in_the_path) {
  Endpoints local("us-east-1");
  local.set_url("http://localhost:4566/");
  const Directed object = direct(local, "s3", "/movies/a");
  EXPECT_EQ(object.url, "http://localhost:4566/movies/a");
  EXPECT_EQ(object.host, "localhost:4566");
}

TEST(Endpoints, a_url_with_a_path_keeps_it_in_front) {
  Endpoints proxied("us-east-1");
  proxied.set_url("https://gateway.example/aws");
  const Directed call = direct(proxied, "sqs", "/");
  EXPECT_EQ(call.url, "https://gateway.example/aws/");
  EXPECT_EQ(call.host, "gateway.example");
}

TEST(Endpoints, one_service_can_have_a_url_of_its_own) {
  Endpoints endpoints("us-east-1");
  endpoints.set_url("sqs", "http://localhost:4576");
  EXPECT_EQ(endpoints.url("sqs"), "http://localhost:4576");
  EXPECT_EQ(endpoints.url("s3"), "https://s3.us-east-1.amazonaws.com");
  EXPECT_FALSE(endpoints.is_aws("sqs"));
  EXPECT_TRUE(endpoints.is_aws("s3"));
}

TEST(Endpoints, what_is_no_url_is_refused_with_a_sentence) {
  Endpoints endpoints("us-east-1");
  for (const char* url : {"localhost:4566", "ftp://x", "http://", "embeded"}) {
    try {
      endpoints.set_url(url);
      ADD_FAILURE() << url << " was accepted";
    } catch (const ClientError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("An endpoint must be a URL such as"));
    }
  }
}

TEST(Endpoints, the_schemes_own_port_is_not_part_of_the_host) {
  EXPECT_EQ(host_of_url("https://a.example:443/x"), "a.example");
  EXPECT_EQ(host_of_url("http://a.example:443/x"), "a.example:443");
  EXPECT_EQ(host_of_url("http://a.example:80"), "a.example");
}

TEST(Endpoints, this_machine_is_known_by_its_names) {
  EXPECT_TRUE(is_loopback_url("http://localhost:4566"));
  EXPECT_TRUE(is_loopback_url("http://127.0.0.1"));
  EXPECT_TRUE(is_loopback_url("http://[::1]:4566"));
  EXPECT_TRUE(is_loopback_url("http://s3.localhost:4566"));
  EXPECT_FALSE(is_loopback_url("http://localhost.example"));
  EXPECT_FALSE(is_loopback_url("http://10.0.0.1"));
}

}  // namespace
}  // namespace matinee::client
