#include "services/lambda/running/launches.h"

#include <gmock/gmock.h>

#include "protocol/error.h"
#include "runtime/simulated/seeded_random.h"
#include "runtime/simulated/simulated_disk.h"
#include "runtime/simulated/simulated_loop.h"
#include "runtime/simulated/simulated_sandboxes.h"
#include "services/lambda/running/interpreters.h"

namespace matinee::lambda {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class LaunchesTest : public testing::Test {
 protected:
  runtime::SimulatedLoop loop;
  runtime::SimulatedDisk disk;
  runtime::SimulatedSandboxes sandboxes{loop};
  std::vector<std::vector<std::string>> run_aside;

  Launches make(std::map<std::string, std::string> environment = {}) {
    return Launches(sandboxes, disk,
                    {.loaders = "/loaders",
                     .packages = "/packages",
                     .environment = std::move(environment),
                     .run_aside = [this](std::vector<std::string> command) {
                       run_aside.push_back(std::move(command));
                     }});
  }
  static Settings settings(const std::string& runtime, const std::string& handler = "app.handler") {
    Settings settings;
    settings.runtime = runtime;
    settings.handler = handler;
    settings.memory_mb = 512;
    return settings;
  }
  void put(const std::string& path, std::string_view text = "x") {
    ASSERT_TRUE(disk.create_directories(path.substr(0, path.rfind('/'))));
    ASSERT_TRUE(disk.write_atomically(path, text));
  }
  std::string refusal(const Settings& settings, const std::vector<std::string>& folders) {
    Launches launches = make();
    try {
      launches.launch_of(settings, folders);
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
    return "";
  }
};

TEST_F(LaunchesTest, the_loaders_of_python_are_compiled_once_beside_the_first_start) {
  Launches launches = make();
  for (int start = 0; start < 3; ++start)
    EXPECT_THAT(launches.launch_of(settings("python3.12"), {"/code"}).command,
                ElementsAre("/usr/bin/python3.12", "{/var/runtime}/bootstrap.py"));
  EXPECT_THAT(run_aside, ElementsAre(ElementsAre("/usr/bin/python3.12", "-m", "compileall", "-q",
                                                 "/loaders/python")));
  launches.launch_of(settings("python3.11"), {"/code"});
  EXPECT_THAT(run_aside, SizeIs(2));
}

TEST_F(LaunchesTest, loaders_that_are_compiled_already_stay_so_as_long_as_they_are_the_same) {
  make().launch_of(settings("python3.12"), {"/code"});
  put("/loaders/python/__pycache__/_matinee_runtime.cpython-312.pyc");
  run_aside.clear();
  make().launch_of(settings("python3.12"), {"/code"});
  EXPECT_THAT(run_aside, IsEmpty());
  put("/loaders/python/bootstrap.py", "of an older version");
  make().launch_of(settings("python3.12"), {"/code"});
  EXPECT_THAT(run_aside, SizeIs(1));
}

TEST_F(LaunchesTest, python_functions_see_what_was_added_to_their_runtime_alone) {
  put("/packages/python3.12/site-packages/boto3/__init__.py");
  Launches launches = make();
  const Launch launch = launches.launch_of(settings("python3.12"), {"/code"});
  const std::string place = "/var/lang/lib/python3.12/site-packages";
  EXPECT_THAT(launch.folders, ElementsAre(Pair("/loaders/python", "/var/runtime"),
                                          Pair("/packages/python3.12/site-packages", place)));
  EXPECT_THAT(launch.environment, Contains(Pair("_MATINEE_PACKAGES", "{" + place + "}")));
  EXPECT_THAT(launches.launch_of(settings("python3.11"), {"/code"}).folders, SizeIs(1));
}

TEST_F(LaunchesTest, node_functions_find_what_was_added_behind_the_layers) {
  put("/packages/nodejs20.x/node_modules/@aws-sdk/core/package.json");
  const Launch launch = make().launch_of(settings("nodejs20.x"), {"/code"});
  EXPECT_THAT(launch.environment,
              Contains(Pair("NODE_PATH",
                            "{opt}/nodejs/node_modules:{/var/lang/node_modules}:"
                            "{/var/runtime}/node_modules:{task}")));
}

TEST_F(LaunchesTest, variables_for_all_do_not_take_the_place_of_the_launchs_own) {
  put("/packages/nodejs20.x/node_modules/x/package.json");
  const Launch launch = make({{"http_proxy", "http://127.0.0.1:1"}, {"NODE_PATH", "/other"}})
                            .launch_of(settings("nodejs20.x"), {"/code"});
  EXPECT_THAT(launch.environment, Contains(Pair("http_proxy", "http://127.0.0.1:1")));
  EXPECT_THAT(launch.environment, Contains(Pair("NODE_PATH", HasSubstr("{/var/lang"))));
}

TEST_F(LaunchesTest, java_is_the_version_asked_for_or_the_next_newer_one) {
  put("/usr/lib/jvm/java-1.17.0-openjdk-amd64/bin/java");
  put("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");
  const auto found = [&](const std::string& runtime) {
    return find_interpreter(sandboxes, disk, runtime);
  };
  EXPECT_EQ(found("java17").path, "/usr/lib/jvm/java-1.17.0-openjdk-amd64/bin/java");
  EXPECT_EQ(found("java17").remark, "");
  EXPECT_EQ(found("java21").path, "/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");
  EXPECT_EQ(found("java21").remark, "Java 21 is not installed here: Java 25 runs this function.");
  EXPECT_EQ(found("java11").path, "/usr/lib/jvm/java-1.17.0-openjdk-amd64/bin/java");
  EXPECT_EQ(found("java8.al2").path, "/usr/lib/jvm/java-1.17.0-openjdk-amd64/bin/java");
}

TEST_F(LaunchesTest, a_java_that_is_older_than_all_that_are_asked_for_is_better_than_none) {
  put("/usr/lib/jvm/java-11-openjdk-amd64/bin/java");
  put("/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
  EXPECT_EQ(find_interpreter(sandboxes, disk, "java25").path,
            "/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
}

TEST_F(LaunchesTest, java_functions_are_run_by_the_client_in_their_package_or_a_layer) {
  EXPECT_THAT(
      refusal(settings("java21"), {"/code"}),
      HasSubstr("put aws-lambda-java-runtime-interface-client and what it needs into lib/"));
  put("/layer/java/lib/aws-lambda-java-runtime-interface-client-2.6.0.jar");
  const Launch launch =
      make().launch_of(settings("java21", "example.Handler::handle"), {"/code", "/layer"});
  EXPECT_THAT(
      launch.command,
      AllOf(Contains("-XX:MaxHeapSize=445644k"), Contains("{task}:{task}/lib/*:{opt}/java/lib/*"),
            Contains("com.amazonaws.services.lambda.runtime.api.client.AWSLambda")));
  EXPECT_EQ(launch.command.back(), "example.Handler::handle");
  put("/jar/com/amazonaws/services/lambda/runtime/api/client/AWSLambda.class");
  EXPECT_EQ(refusal(settings("java21"), {"/jar"}), "");
}

TEST_F(LaunchesTest, ruby_functions_are_run_by_the_gem_in_their_package) {
  EXPECT_THAT(refusal(settings("ruby3.3"), {"/code"}),
              HasSubstr("put the gem aws_lambda_ric into"));
  put("/code/vendor/bundle/ruby/3.3.0/gems/aws_lambda_ric-3.1.0/bin/aws_lambda_ric");
  const Launch launch = make().launch_of(settings("ruby3.3"), {"/code"});
  EXPECT_THAT(launch.command,
              ElementsAre("/usr/bin/ruby3.3",
                          "{task}/vendor/bundle/ruby/3.3.0/gems/aws_lambda_ric-3.1.0/bin/"
                          "aws_lambda_ric",
                          "app.handler"));
  EXPECT_THAT(launch.environment,
              Contains(Pair("GEM_PATH", "{task}/vendor/bundle/ruby/3.3.0:{opt}/ruby/gems/3.3.0")));
}

TEST_F(LaunchesTest, dotnet_functions_are_programs_or_run_by_awss_support_library) {
  EXPECT_THAT(refusal(settings("dotnet8", "App"), {"/code"}),
              HasSubstr("reference Amazon.Lambda.RuntimeSupport"));
  put("/code/Amazon.Lambda.RuntimeSupport.dll");
  EXPECT_THAT(make().launch_of(settings("dotnet8", "App"), {"/code"}).command,
              ElementsAre("/usr/bin/dotnet", "{task}/App.dll"));
  EXPECT_THAT(make().launch_of(settings("dotnet8", "App::App.Function::Handle"), {"/code"}).command,
              ElementsAre("/usr/bin/dotnet", "exec", "--depsfile", "{task}/App.deps.json",
                          "--runtimeconfig", "{task}/App.runtimeconfig.json",
                          "{task}/Amazon.Lambda.RuntimeSupport.dll", "App::App.Function::Handle"));
}

TEST_F(LaunchesTest, an_executable_bootstrap_runs_whatever_the_language) {
  put("/code/bootstrap");
  for (const char* runtime : {"provided.al2023", "java21", "ruby3.3", "dotnet8"})
    EXPECT_THAT(make().launch_of(settings(runtime), {"/code"}).command,
                ElementsAre("{task}/bootstrap"));
  EXPECT_EQ(refusal(settings("provided.al2023"), {"/empty"}),
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
}

}  // namespace
}  // namespace matinee::lambda
