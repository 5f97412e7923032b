#include "cli/runtime_packages.h"

#include <gmock/gmock.h>

namespace matinee::cli {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::MatchesRegex;

TEST(RuntimePackages, python_gets_boto3_by_the_pip_of_its_own_interpreter) {
  const PackageChoice choice = choose_packages(
      {.name = "python3.12", .interpreter = "/usr/bin/python3.12", .runs = true}, "/new");
  EXPECT_THAT(choice.what, MatchesRegex("boto3 1\\.[0-9]+\\.[0-9]+"));
  EXPECT_EQ(choice.command[0], "/usr/bin/python3.12");
  const std::string version = choice.what.substr(6);
  EXPECT_THAT(choice.command, IsSupersetOf({std::string("/new/site-packages"), "boto3==" + version,
                                            "botocore==" + version}));
}

TEST(RuntimePackages, python_3_8_gets_the_last_boto3_that_it_can_run) {
  const auto version = [](const std::string& interpreter) {
    return choose_packages({.name = "python3.8", .interpreter = interpreter, .runs = true}, "/new")
        .what;
  };
  EXPECT_EQ(version("/usr/bin/python3.8"), "boto3 1.37.38");
  EXPECT_NE(version("/usr/bin/python3.12"), "boto3 1.37.38");
}

TEST(RuntimePackages, node_gets_the_clients_of_what_is_served_by_npm) {
  const PackageChoice choice =
      choose_packages({.name = "nodejs20.x", .interpreter = "/usr/bin/node", .runs = true}, "/new");
  EXPECT_EQ(choice.command[0], "npm");
  EXPECT_THAT(choice.command, Contains(MatchesRegex("@aws-sdk/client-s3@<=3\\.[0-9]+\\.[0-9]+")));
  EXPECT_THAT(choice.command,
              Contains(MatchesRegex("@aws-sdk/lib-dynamodb@<=3\\.[0-9]+\\.[0-9]+")));
}

}  // namespace
}  // namespace matinee::cli
