#include "client/config_files.h"

#include <gtest/gtest.h>

#include "client/fake_http.h"
#include "client/surroundings.h"
#include "runtime/simulated/simulation.h"

namespace matinee::client {
namespace {

TEST(ConfigFiles, sections_settings_and_comments_are_read) {
  const auto sections = parse_config(
      "# comment\n"
      "[default]\n"
      "region = eu-west-1  # here\n"
      "output=json\r\n"
      "\n"
      "[profile work]\n"
      "aws_secret_access_key = a#b;c=d\n"
      "; another\n"
      "nothing\n");
  EXPECT_EQ(sections.at("default").at("region"), "eu-west-1");
  EXPECT_EQ(sections.at("default").at("output"), "json");
  EXPECT_EQ(sections.at("profile work").at("aws_secret_access_key"), "a#b;c=d");
  EXPECT_EQ(sections.at("profile work").size(), 1U);
}

TEST(ConfigFiles, an_indented_setting_belongs_to_the_one_before_it) {
  const auto sections = parse_config(
      "[services dev]\ns3 =\n  endpoint_url = http://a\nsqs =\n  endpoint_url = http://b\n");
  EXPECT_EQ(sections.at("services dev").at("s3.endpoint_url"), "http://a");
  EXPECT_EQ(sections.at("services dev").at("sqs.endpoint_url"), "http://b");
}

TEST(ConfigFiles, the_credentials_file_counts_more_than_the_config_file) {
  ConfigFiles files;
  files.add_config("[profile a]\nregion=r\naws_access_key_id=old\n");
  files.add_credentials("[a]\naws_access_key_id=new\n");
  ASSERT_NE(files.find_profile("a"), nullptr);
  EXPECT_EQ(files.find_profile("a")->at("aws_access_key_id"), "new");
  EXPECT_EQ(files.find_profile("a")->at("region"), "r");
  EXPECT_EQ(files.find_profile("b"), nullptr);
}

class SurroundingsTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  FakeHttp http{machine.loop};
  ConfigFiles files;

  Surroundings around() {
    return {machine.loop, machine.random, machine.disk, machine.environment, http, files};
  }
};

TEST_F(SurroundingsTest, files_are_found_at_home_or_where_the_environment_says) {
  ASSERT_TRUE(machine.disk.create_directories("/home/user/.aws"));
  ASSERT_TRUE(machine.disk.write_atomically("/home/user/.aws/config", "[default]\nregion=home\n"));
  EXPECT_EQ(
      ConfigFiles::load(machine.environment, machine.disk).find_profile("default")->at("region"),
      "home");
  ASSERT_TRUE(machine.disk.write_atomically("/home/user/other", "[default]\nregion=other\n"));
  machine.environment.set("AWS_CONFIG_FILE", "~/other");
  EXPECT_EQ(
      ConfigFiles::load(machine.environment, machine.disk).find_profile("default")->at("region"),
      "other");
}

TEST_F(SurroundingsTest, the_region_is_looked_for_in_its_order) {
  EXPECT_THROW(require_region(around(), {}), ClientError);
  EXPECT_EQ(require_region(around(), {.url = "http://x"}), "us-east-1");
  files.add_config("[default]\nregion=from-profile\n[profile p]\nregion=from-p\n");
  EXPECT_EQ(require_region(around(), {}), "from-profile");
  EXPECT_EQ(require_region(around(), {.profile = "p"}), "from-p");
  machine.environment.set("AWS_DEFAULT_REGION", "from-default");
  EXPECT_EQ(require_region(around(), {}), "from-default");
  machine.environment.set("AWS_REGION", "from-environment");
  EXPECT_EQ(require_region(around(), {}), "from-environment");
  EXPECT_EQ(require_region(around(), {.region = "chosen"}), "chosen");
}

TEST_F(SurroundingsTest, endpoints_come_from_the_environment_and_the_profile) {
  const CloudChoice choice{.region = "eu-west-1"};
  EXPECT_TRUE(find_endpoints(around(), choice).is_aws("sqs"));
  files.add_config(
      "[default]\nendpoint_url=http://all\nservices=dev\n"
      "[services dev]\nsqs =\n  endpoint_url=http://sqs\n");
  EXPECT_EQ(find_endpoints(around(), choice).url("sqs"), "http://sqs");
  EXPECT_EQ(find_endpoints(around(), choice).url("s3"), "http://all");
  machine.environment.set("AWS_ENDPOINT_URL", "http://environment");
  EXPECT_EQ(find_endpoints(around(), choice).url("sqs"), "http://environment");
  machine.environment.set("AWS_ENDPOINT_URL_SQS", "http://environment-sqs");
  EXPECT_EQ(find_endpoints(around(), choice).url("sqs"), "http://environment-sqs");
  EXPECT_EQ(find_endpoints(around(), choice).url("dynamodb"), "http://environment");
  machine.environment.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
  EXPECT_TRUE(find_endpoints(around(), choice).is_aws("sqs"));
  EXPECT_EQ(find_endpoints(around(), {.url = "http://chosen"}).url("sqs"), "http://chosen");
}

TEST_F(SurroundingsTest, the_profile_is_the_chosen_one_or_the_environments_or_default) {
  EXPECT_EQ(profile_name(machine.environment, {}), "default");
  machine.environment.set("AWS_DEFAULT_PROFILE", "b");
  EXPECT_EQ(profile_name(machine.environment, {}), "b");
  machine.environment.set("AWS_PROFILE", "a");
  EXPECT_EQ(profile_name(machine.environment, {}), "a");
  EXPECT_EQ(profile_name(machine.environment, {.profile = "c"}), "c");
}

}  // namespace
}  // namespace matinee::client
