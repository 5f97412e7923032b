#include "cli/runtime_packages.h"

#include <gmock/gmock.h>

#include <set>

namespace matinee::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
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

/// Folders by their paths.
class Folders : public runtime::Disk {
 public:
  std::set<std::string> paths;
  std::string unmovable;

  bool exists(const std::string& path) const override { return paths.contains(path); }
  runtime::DiskResult<> create_directories(const std::string& path) override {
    paths.insert(path);
    return {};
  }
  runtime::DiskResult<> rename(const std::string& from, const std::string& to) override {
    if (from == unmovable || paths.contains(to) || paths.erase(from) == 0)
      return std::unexpected(runtime::DiskError{.message = "no"});
    paths.insert(to);
    return {};
  }
  runtime::DiskResult<std::vector<std::string>> list(const std::string& path) const override {
    std::vector<std::string> names;
    for (const std::string& each : paths)
      if (each.starts_with(path)) names.push_back(each.substr(path.size()));
    return names;
  }

  template <class T>
  using Result = runtime::DiskResult<T>;
  using Files = std::shared_ptr<const runtime::ReadableFile>;
  using NewFile = std::unique_ptr<runtime::WritableFile>;
  using Lock = std::unique_ptr<runtime::FileLock>;
  MOCK_METHOD(bool, is_native, (), (const, override));
  MOCK_METHOD(Result<runtime::DiskSpace>, space, (const std::string&), (const, override));
  MOCK_METHOD(Result<std::uint64_t>, size, (const std::string&), (const, override));
  MOCK_METHOD(Result<std::string>, read, (const std::string&), (const, override));
  MOCK_METHOD(Result<Files>, open, (const std::string&), (const, override));
  MOCK_METHOD(Result<NewFile>, create, (const std::string&), (override));
  MOCK_METHOD(Result<void>, write_atomically, (const std::string&, std::string_view), (override));
  MOCK_METHOD(Result<void>, sync_file, (const std::string&), (override));
  MOCK_METHOD(Result<void>, remove, (const std::string&), (override));
  MOCK_METHOD(Result<void>, sync_directory, (const std::string&), (override));
  MOCK_METHOD(Result<void>, sync_everything, (const std::string&), (override));
  MOCK_METHOD(Result<Lock>, lock, (const std::string&), (override));
  MOCK_METHOD(std::optional<runtime::LockHolder>, find_lock_holder, (const std::string&),
              (const, override));
};

class Programs : public runtime::Processes {
 public:
  MOCK_METHOD(std::string, own_executable, (), (const, override));
  MOCK_METHOD((std::expected<runtime::DetachedProcess, std::string>), start_detached,
              (const runtime::DetachedProgram&), (override));
  MOCK_METHOD((std::expected<void, std::string>), end, (int, runtime::Duration), (override));
  MOCK_METHOD((std::expected<int, std::string>), run,
              (const std::vector<std::string>&, runtime::ProgramOutput), (override));
};

class InstallationTest : public testing::Test {
 protected:
  testing::NiceMock<Folders> disk;
  testing::NiceMock<Programs> programs;

  InstallationTest() {
    ON_CALL(programs, run).WillByDefault([this](const auto& arguments, runtime::ProgramOutput) {
      EXPECT_EQ(arguments.front(), "rm");
      EXPECT_EQ(disk.paths.erase(arguments.back()), 1U);
      return 0;
    });
  }
  bool install(const std::string& folder, int process_id) {
    Installation installation(disk, programs, folder, process_id);
    return installation.begin() && installation.finish("boto3 1.40.4");
  }
};

TEST_F(InstallationTest, leaves_the_former_one_to_warm_functions_until_the_next) {
  disk.paths = {"/r/python3.12", "/r/python3.12.new-9", "/r/python3.1.new-1.old"};
  EXPECT_TRUE(install("/r/python3.12", 7));
  EXPECT_THAT(disk.paths, ElementsAre("/r/python3.1.new-1.old", "/r/python3.12",
                                      "/r/python3.12.new-7.old", "/r/python3.12.new-9"));
  // A container gives each process the same number.
  EXPECT_TRUE(install("/r/python3.12", 7));
  EXPECT_TRUE(install("/r/python3.12", 8));
  EXPECT_THAT(disk.paths, ElementsAre("/r/python3.1.new-1.old", "/r/python3.12",
                                      "/r/python3.12.new-8.old", "/r/python3.12.new-9"));
}

TEST_F(InstallationTest, that_fails_leaves_the_former_one_where_it_was) {
  disk.paths = {"/r/nodejs22.x"};
  disk.unmovable = "/r/nodejs22.x.new-7";
  EXPECT_FALSE(install("/r/nodejs22.x", 7));
  EXPECT_THAT(disk.paths, ElementsAre("/r/nodejs22.x"));
}

}  // namespace
}  // namespace matinee::cli
