#include "delivery/api_calls.h"

#include <gtest/gtest.h>

namespace matinee::delivery {
namespace {

TEST(HostOfService, is_awss_name_of_the_service_where_another_was_asked_by_awss_name) {
  EXPECT_EQ(host_of_service("sqs", "cloudformation.us-east-1.amazonaws.com"),
            "sqs.us-east-1.amazonaws.com");
  EXPECT_EQ(host_of_service("sns", "cloudcontrolapi.eu-west-1.amazonaws.com:443"),
            "sns.eu-west-1.amazonaws.com:443");
  EXPECT_EQ(host_of_service("sqs", "cloudformation.us-east-1.api.aws"), "sqs.us-east-1.api.aws");
}

TEST(HostOfService, is_the_one_that_was_asked_where_that_is_all_services) {
  for (const char* host : {"127.0.0.1:4566", "localhost:4566", "cloudformation.example.com", "",
                           "cloudformation", "[::1]:4566", "sqs.us-east-1.amazonaws.com"})
    EXPECT_EQ(host_of_service("sqs", host), host);
}

}  // namespace
}  // namespace matinee::delivery
