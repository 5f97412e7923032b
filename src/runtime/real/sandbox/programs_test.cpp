// Interpreters on this machine: which one is taken, and what it needs.
#include "runtime/real/sandbox/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/real/sandbox/sandbox_fixture.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Interpreters : public testing::Test {
 protected:
  std::string add_program(const std::string& name) {
    const std::string path = home.add(name, std::string("\x7f"
                                                        "ELF and so on"));
    fs::permissions(path, fs::perms(0755));
    return path;
  }
  std::string add_script(const std::string& name) {
    const std::string path = home.add(name, "#!/bin/sh\nexec pyenv exec\n");
    fs::permissions(path, fs::perms(0755));
    return path;
  }
  std::string find(const std::vector<std::string>& names, const std::string& path = "") {
    return find_interpreter(names, {.path = path, .home_directory = home.path()});
  }

  TestFolder home;
};

TEST_F(Interpreters, the_shim_of_a_version_manager_is_passed_over_for_what_it_stands_for) {
  add_script(".pyenv/shims/python7.12");
  const std::string real = add_program(".pyenv/versions/7.12.3/bin/python7.12");
  add_program(".pyenv/versions/7.9.9/bin/python7.9");
  EXPECT_EQ(find({"python7.12"}, home.path() + "/.pyenv/shims"), real);
}

TEST_F(Interpreters, the_newest_version_of_the_first_name_that_is_there_is_taken) {
  add_program(".nvm/versions/node/v9.11.0/bin/nodefound");
  const std::string newest = add_program(".nvm/versions/node/v22.2.0/bin/nodefound");
  add_program(".nvm/versions/node/v22.1.9/bin/nodefound");
  EXPECT_EQ(find({"nodemissing", "nodefound"}), newest);
  EXPECT_EQ(find({"nodemissing"}), "");
}

TEST_F(Interpreters, a_stand_in_that_is_a_link_to_the_managers_own_program_is_none) {
  add_program(".volta/bin/volta-shim");
  fs::create_symlink("volta-shim", home.path() + "/.volta/bin/nodestand");
  EXPECT_EQ(find({"nodestand"}, home.path() + "/.volta/bin"), "");
}

TEST_F(Interpreters, a_link_is_followed_to_the_interpreter) {
  const std::string real = add_program("lib/python7.12");
  fs::create_directory(home.path() + "/bin");
  fs::create_symlink("../lib/python7.12", home.path() + "/bin/python7");
  EXPECT_EQ(find({"python7"}, "relative:" + home.path() + "/bin"), real);
}

TEST_F(Interpreters, a_program_needs_the_tree_that_it_belongs_to) {
  const std::string program = add_program(".pyenv/versions/7.12.3/bin/python7.12");
  EXPECT_THAT(folders_of_program(program, {home.path()}),
              ElementsAre(home.path() + "/.pyenv/versions/7.12.3"));
  EXPECT_THAT(folders_of_program("/usr/bin/python3", {}), IsEmpty());
  EXPECT_THAT(folders_of_program("/bin/sh", {}), IsEmpty());
}

TEST_F(Interpreters, a_virtual_environment_needs_what_it_was_made_from_too) {
  add_program("base/bin/python7.12");
  fs::create_directories(home.path() + "/venv/bin");
  fs::create_symlink(home.path() + "/base/bin/python7.12", home.path() + "/venv/bin/python");
  EXPECT_THAT(folders_of_program(home.path() + "/venv/bin/python", {home.path()}),
              ElementsAre(home.path() + "/venv", home.path() + "/base"));
  add_program("copied/bin/python");
  home.add("copied/pyvenv.cfg", "home = " + home.path() + "/base/bin\nversion = 7\n");
  EXPECT_THAT(folders_of_program(home.path() + "/copied/bin/python", {home.path()}),
              ElementsAre(home.path() + "/copied", home.path() + "/base"));
}

TEST_F(Interpreters, a_program_in_the_home_directory_does_not_show_all_of_that) {
  const std::string program = add_program("bin/node");
  EXPECT_THAT(folders_of_program(program, {home.path()}), ElementsAre(home.path() + "/bin"));
  const std::string other = add_program("node");
  EXPECT_THAT(folders_of_program(other, {home.path()}), ElementsAre(other));
}

class FoundInterpreters : public SandboxTest {};
INSTANTIATE_TEST_SUITE_P(Machine, FoundInterpreters, testing::Values(Mode::sandbox, Mode::process),
                         name_of_mode);

TEST_P(FoundInterpreters, run_in_a_sandbox_wherever_they_are) {
  const std::string python = machine.sandboxes->find_program(
      {"python3.14", "python3.13", "python3.12", "python3.11", "python3"});
  ASSERT_NE(python, "") << "the project's tools need Python";
  SandboxSpec spec = shell("");
  spec.command = {python, "-c", "import ssl, json, os; print(json.dumps(os.getcwd()))"};
  const std::string cwd = is_locked_in ? "/var/task" : code.path();
  EXPECT_EQ(run(std::move(spec))->text, "\"" + cwd + "\"\n");
}

TEST_P(FoundInterpreters, below_opt_have_room_beside_the_layers) {
  if (!is_locked_in) return;  // then nothing is laid over the machine's /opt
  TestFolder layer;
  layer.add("python/module.py", "text");
  SandboxSpec spec = shell("cat /opt/python/module.py; ls -d /opt/planted-by-a-test/bin");
  spec.layers = {machine.sandboxes->folder(layer.path())};
  std::error_code error;
  fs::create_directories("/opt/planted-by-a-test/bin", error);
  if (error) {
    std::cout << "This user may not write to /opt: there can be no interpreter of the test's.\n";
    return;
  }
  std::ofstream("/opt/planted-by-a-test/bin/tool") << "x";
  spec.programs = {"/opt/planted-by-a-test/bin/tool"};
  const std::string text = run(std::move(spec))->text;
  fs::remove_all("/opt/planted-by-a-test");
  EXPECT_EQ(text, "text/opt/planted-by-a-test/bin\n");
}

}  // namespace
}  // namespace matinee::runtime
