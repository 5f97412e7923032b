#include "gateway/tls/names.h"

#include <gtest/gtest.h>

namespace matinee::gateway::tls {
namespace {

TEST(TlsNames, stand_for_aws_and_for_this_machine) {
  for (const std::string_view name :
       {"localhost", "films.localhost", "s3.amazonaws.com", "Films.S3.EU-west-1.amazonaws.COM",
        "sqs.cn-north-1.amazonaws.com.cn", "lambda.us-east-1.api.aws",
        "my_bucket.s3.amazonaws.com"})
    EXPECT_TRUE(may_stand_for(name)) << name;
}

TEST(TlsNames, stand_for_nobody_else) {
  for (const std::string_view name :
       {"", "example.com", "xamazonaws.com", "amazonaws.com.example.com", ".amazonaws.com",
        "a..amazonaws.com", "a b.amazonaws.com", "x,DNS:example.com.amazonaws.com", "127.0.0.1"})
    EXPECT_FALSE(may_stand_for(name)) << name;
  EXPECT_FALSE(may_stand_for(std::string(300, 'a') + ".amazonaws.com"));
}

TEST(TlsNames, lead_to_https_or_to_ourselves) {
  EXPECT_TRUE(is_tunnel_target("sqs.us-east-1.amazonaws.com:443", "4566"));
  EXPECT_TRUE(is_tunnel_target("localhost:4566", "4566"));
  EXPECT_TRUE(is_tunnel_target("127.0.0.1:443", "4566"));
  EXPECT_TRUE(is_tunnel_target("[::1]:4566", "4566"));
  EXPECT_FALSE(is_tunnel_target("sqs.us-east-1.amazonaws.com", "4566"));
  EXPECT_FALSE(is_tunnel_target("sqs.us-east-1.amazonaws.com:80", "4566"));
  EXPECT_FALSE(is_tunnel_target("sqs.us-east-1.amazonaws.com:4566", "4566"));
  EXPECT_FALSE(is_tunnel_target("localhost:22", "4566"));
  EXPECT_FALSE(is_tunnel_target("example.com:443", "4566"));
  EXPECT_FALSE(is_tunnel_target("", "4566"));
}

}  // namespace
}  // namespace matinee::gateway::tls
