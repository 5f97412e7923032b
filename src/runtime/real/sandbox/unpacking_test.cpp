// Archives become folders, whatever they say.
#include "runtime/real/sandbox/unpacking.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>

#include "runtime/real/sandbox/sandbox_fixture.h"
#include "runtime/real/sandbox/zip_fixture.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;

class Unpacking : public testing::Test {
 protected:
  Unpacking() { fs::create_directory(target); }

  std::string read(const std::string& name) const {
    std::ifstream file(target + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  unsigned mode(const std::string& name) const {
    struct stat status{};
    ::lstat((target + "/" + name).c_str(), &status);
    return status.st_mode & 0777;
  }
  bool exists(const std::string& name) const {
    return fs::exists(fs::symlink_status(target + "/" + name));
  }
  std::string failure_of(const std::vector<TestEntry>& entries) {
    const auto result = unpack_archive(make_zip(entries), target);
    return result ? "" : result.error();
  }

  TestFolder folder;
  std::string target = folder.path() + "/target";
};

constexpr std::uint32_t link_mode = 0120777;

TEST_F(Unpacking, files_keep_what_they_are_for) {
  const mode_t before = ::umask(077);
  EXPECT_EQ(failure_of({{"bootstrap", "#!/bin/sh", 0100755},
                        {"lib/", "", 040755},
                        {"lib/module.py", "import os", 0100600},
                        {"deep/er/file", "x"},
                        {"windows.exe", "y", 0}}),
            "");
  ::umask(before);
  EXPECT_EQ(read("lib/module.py"), "import os");
  EXPECT_EQ(mode("bootstrap"), 0755u);
  EXPECT_EQ(mode("lib/module.py"), 0644u) << "another user has to read it";
  EXPECT_EQ(mode("lib"), 0755u);
  EXPECT_EQ(mode("deep/er"), 0755u);
  EXPECT_EQ(mode("windows.exe"), 0755u);
}

TEST_F(Unpacking, names_that_lead_out_are_refused) {
  for (const std::string name : {"../evil", "a/../../evil", "/etc/evil", "..", "a/..", ""}) {
    EXPECT_NE(failure_of({{name, "x"}}), "") << name;
    EXPECT_FALSE(fs::exists(folder.path() + "/evil"));
  }
}

TEST_F(Unpacking, nothing_is_written_through_links) {
  TestFolder outside;
  failure_of({{"link", outside.path(), link_mode}, {"link/file", "x"}});
  EXPECT_TRUE(fs::is_empty(outside.path()));
  failure_of({{"dir/file", "x"}, {"inner", "dir", link_mode}, {"inner/file", "y"}});
  EXPECT_EQ(read("dir/file"), "x");
}

TEST_F(Unpacking, a_file_after_a_link_of_its_name_takes_its_place) {
  const std::string victim = folder.add("victim", "old");
  failure_of({{"link", "../victim", link_mode}, {"link", "new"}});
  std::ifstream file(victim);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "old");
}

TEST_F(Unpacking, links_are_kept_where_they_stay_inside) {
  EXPECT_EQ(failure_of({{"lib/libx.so.1", "x"},
                        {"lib/libx.so", "libx.so.1", link_mode},
                        {"up", "lib/../lib", link_mode},
                        {"out", "../outside", link_mode},
                        {"root", "/etc/passwd", link_mode},
                        {"opt", "/opt/tool", link_mode},
                        {"lib/back", "..", link_mode},
                        {"sly", "lib/back/../../outside", link_mode}}),
            "");
  EXPECT_EQ(read("lib/libx.so"), "x");
  EXPECT_TRUE(exists("up"));
  EXPECT_TRUE(exists("opt")) << "that is where layers are";
  EXPECT_TRUE(exists("lib/back"));
  EXPECT_FALSE(exists("out"));
  EXPECT_FALSE(exists("root"));
  EXPECT_FALSE(exists("sly"));
}

TEST_F(Unpacking, of_entries_of_the_same_name_the_last_counts) {
  EXPECT_EQ(failure_of({{"file", "longer than the next"}, {"file", "second"}}), "");
  EXPECT_EQ(read("file"), "second");
  EXPECT_NE(failure_of({{"thing", "a file"}, {"thing/file", "x"}}), "");
}

TEST_F(Unpacking, sizes_that_are_lies_are_refused) {
  EXPECT_NE(failure_of({{"small", "much more than it says", 0100644, 4}}), "");
  EXPECT_NE(failure_of({{"large", "x", 0100644, 0xf0000000}}), "");
  EXPECT_NE(
      failure_of(
          {{"a", "x", 0100644, 1u << 29}, {"b", "x", 0100644, 1u << 29}, {"c", "x", 0100644, 1}}),
      "");
  EXPECT_FALSE(unpack_archive("no archive", target));
  EXPECT_FALSE(unpack_archive(make_zip({{"f", "x"}}).substr(10), target));
}

TEST_F(Unpacking, thirty_files_take_milliseconds) {
  std::vector<TestEntry> entries;
  for (int i = 0; i < 30; ++i)
    entries.push_back(
        {"folder" + std::to_string(i % 5) + "/file" + std::to_string(i), std::string(10'000, 'x')});
  const std::string archive = make_zip(entries);
  double best = 1e9;
  for (int round = 0; round < 10; ++round) {
    const std::string place = folder.path() + "/" + std::to_string(round);
    fs::create_directory(place);
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(unpack_archive(archive, place));
    best = std::min(
        best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                  .count());
  }
  std::printf("Thirty files are unpacked in %.2f ms at best.\n", best);
  EXPECT_LT(best, 100);
}

TEST_F(Unpacking, layers_cover_each_other_file_by_file) {
  TestFolder first;
  TestFolder second;
  first.add("python/a.py", "1a");
  first.add("python/b.py", "1b");
  first.add("thing", "a file");
  second.add("python/b.py", "2b");
  second.add("thing/file", "in a folder");
  fs::create_symlink("a.py", second.path() + "/python/link");
  fs::create_directory_symlink("/etc", first.path() + "/bin");
  second.add("bin/tool", "2t");
  EXPECT_TRUE(lay_over_each_other({first.path(), second.path()}, target));
  EXPECT_EQ(read("python/a.py"), "1a");
  EXPECT_EQ(read("python/b.py"), "2b");
  EXPECT_EQ(read("python/link"), "1a");
  EXPECT_EQ(read("thing/file"), "in a folder");
  EXPECT_EQ(read("bin/tool"), "2t");
  EXPECT_FALSE(fs::exists("/etc/tool"));
}

class UnpackedOnce : public SandboxTest {};
INSTANTIATE_TEST_SUITE_P(Machine, UnpackedOnce, testing::Values(Mode::sandbox), name_of_mode);

TEST_P(UnpackedOnce, for_all_who_ask_and_for_as_long_as_somebody_holds_it) {
  const auto archive = [bytes = make_zip({{"file", "content"}})] { return bytes; };
  std::vector<std::shared_ptr<CodeFolder>> folders;
  for (int i = 0; i < 3; ++i)
    machine.sandboxes->unpack("id", archive, [&](auto result) {
      ASSERT_TRUE(result);
      folders.push_back(*result);
      if (holds_) holds_();
    });
  EXPECT_FALSE(machine.sandboxes->find_unpacked("id"));
  ASSERT_TRUE(wait_until([&] { return folders.size() == 3; }));
  const std::string path = folders[0]->path();
  EXPECT_EQ(folders[1]->path(), path);
  EXPECT_EQ(machine.sandboxes->find_unpacked("id")->path(), path);
  EXPECT_TRUE(fs::exists(path + "/file"));
  folders.clear();
  EXPECT_FALSE(machine.sandboxes->find_unpacked("id"));
  // The workers remove it; when they have, another one is unpacked to another place.
  machine.sandboxes->unpack("id", archive, [&](auto result) {
    ASSERT_TRUE(result);
    folders.push_back(*result);
    if (holds_) holds_();
  });
  ASSERT_TRUE(wait_until([&] { return folders.size() == 1; }));
  EXPECT_NE(folders[0]->path(), path);
  std::optional<std::string> failure;
  const auto take_failure = [&](auto result) {
    failure = result ? "" : result.error();
    if (holds_) holds_();
  };
  machine.sandboxes->unpack("broken", [] { return std::string("no archive"); }, take_failure);
  ASSERT_TRUE(wait_until([&] { return failure.has_value(); }));
  EXPECT_EQ(*failure, "The archive is damaged.");
  failure.reset();
  machine.sandboxes->unpack(
      "gone", [] { return std::unexpected(std::string("No disk.")); }, take_failure);
  ASSERT_TRUE(wait_until([&] { return failure.has_value(); }));
  EXPECT_EQ(*failure, "No disk.");
}

}  // namespace
}  // namespace matinee::runtime
