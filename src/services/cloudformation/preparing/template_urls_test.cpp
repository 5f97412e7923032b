#include "services/cloudformation/preparing/template_urls.h"

#include <gtest/gtest.h>

#include "protocol/error.h"

namespace matinee::cloudformation {
namespace {

std::string read(std::string_view url) {
  const services::ObjectToRead object = object_of_url(url, "matinee.test:4566");
  return object.bucket + " " + object.key + (object.version.empty() ? "" : " " + object.version);
}

std::string refusal(std::string_view url) {
  try {
    return read(url);
  } catch (const protocol::ServiceError& error) {
    return error.code() + ": " + error.message();
  }
}

TEST(TemplateUrls, names_of_aws_lead_to_buckets_by_path_and_by_host) {
  for (const std::string_view host :
       {"s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", "s3-eu-west-1.amazonaws.com",
        "s3.dualstack.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn",
        "S3.Amazonaws.com"}) {
    EXPECT_EQ(read("https://" + std::string(host) + "/bucket/a/b.yaml"), "bucket a/b.yaml");
    EXPECT_EQ(read("https://my.bucket." + std::string(host) + "/a/b.yaml"), "my.bucket a/b.yaml");
  }
  EXPECT_EQ(read("https://s3-x.s3.amazonaws.com/k"), "s3-x k");
}

TEST(TemplateUrls, names_of_this_cloud_lead_to_its_buckets) {
  for (const std::string_view host : {"matinee.test:4566", "localhost:4566", "127.0.0.1:4566",
                                      "127.0.0.1", "[::1]:4566", "s3.localhost:4566"})
    EXPECT_EQ(read("http://" + std::string(host) + "/bucket/k"), "bucket k");
  EXPECT_EQ(read("http://bucket.localhost:4566/k"), "bucket k");
  EXPECT_EQ(read("http://bucket.s3.localhost:4566/k"), "bucket k");
}

TEST(TemplateUrls, keys_are_decoded_and_versions_read) {
  EXPECT_EQ(read("https://s3.amazonaws.com/b/a%20b/c+d.json?x=y&versionId=v%2F1#part"),
            "b a b/c+d.json v/1");
}

TEST(TemplateUrls, other_places_are_refused_in_the_words_of_aws) {
  EXPECT_EQ(refusal("s3://bucket/key"),
            "ValidationError: S3 error: Domain name specified in bucket is not a valid S3 domain");
  for (const std::string_view url :
       {"https://example.com/bucket/key", "ftp://s3.amazonaws.com/b/k", "bucket/key",
        "https://sqs.amazonaws.com/b/k", "https://notlocalhost/b/k"})
    EXPECT_EQ(refusal(url), "ValidationError: TemplateURL must be a supported URL.") << url;
  EXPECT_EQ(refusal("https://s3.amazonaws.com/bucket"),
            "ValidationError: TemplateURL must reference a valid S3 object to which you have "
            "access.");
}

TEST(TemplateUrls, locations_of_includes_are_buckets_and_keys) {
  EXPECT_EQ(object_of_s3_location("s3://b/k/l.yaml").bucket, "b");
  EXPECT_EQ(object_of_s3_location("s3://b/k/l.yaml").key, "k/l.yaml");
  EXPECT_EQ(object_of_s3_location("https://b/k").bucket, "");
  EXPECT_EQ(object_of_s3_location("s3://b").bucket, "");
}

}  // namespace
}  // namespace matinee::cloudformation
