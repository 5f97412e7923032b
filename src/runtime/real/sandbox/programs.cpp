#include "runtime/real/sandbox/programs.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "runtime/real/sandbox/cell_root.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;

/// Where version managers keep what they have installed, below the home directory: the folder of
/// versions, and where programs lie in each.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> managed = {{
    {".pyenv/versions", "bin"},
    {".local/share/uv/python", "bin"},
    {".local/share/mise/installs/python", "bin"},
    {".local/share/mise/installs/node", "bin"},
    {".asdf/installs/python", "bin"},
    {".asdf/installs/nodejs", "bin"},
    {".nvm/versions/node", "bin"},
    {".volta/tools/image/node", "bin"},
}};

/// Digits compare as numbers: 3.9 before 3.12.
bool is_older(std::string_view left, std::string_view right) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  while (!left.empty() && !right.empty()) {
    if (digit(left.front()) && digit(right.front())) {
      const auto take = [&](std::string_view& text) {
        std::uint64_t number = 0;
        for (; !text.empty() && digit(text.front()); text.remove_prefix(1))
          number = number * 10 + static_cast<std::uint64_t>(text.front() - '0');
        return number;
      };
      const std::uint64_t a = take(left);
      const std::uint64_t b = take(right);
      if (a != b) return a < b;
      continue;
    }
    if (left.front() != right.front()) return left.front() < right.front();
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.size() < right.size();
}

std::vector<fs::path> versions_in(const fs::path& folder) {
  std::vector<fs::path> versions;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    versions.push_back(entry.path());
  std::ranges::sort(versions, [](const fs::path& left, const fs::path& right) {
    return is_older(right.filename().native(), left.filename().native());
  });
  return versions;
}

std::vector<fs::path> folders_to_search(const ProgramPlaces& places) {
  std::vector<fs::path> folders;
  std::string_view rest = places.path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0 && rest.front() == '/') folders.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const char* folder : {"/usr/local/bin", "/usr/bin", "/bin"}) folders.emplace_back(folder);
  if (!places.home_directory.empty())
    for (const auto& [folder, programs] : managed)
      for (const fs::path& version : versions_in(fs::path(places.home_directory) / folder))
        folders.push_back(version / programs);
  for (const fs::path& version : versions_in("/opt")) folders.push_back(version / "bin");
  return folders;
}

/// Stand-ins of version managers are scripts, or links to a program of another name.
bool is_interpreter(const fs::path& real, std::string_view name) {
  std::ifstream file(real, std::ios::binary);
  std::array<char, 4> start{};
  if (!file.read(start.data(), start.size()) || std::string_view(start.data(), start.size()) !=
                                                    "\x7f"
                                                    "ELF")
    return false;
  constexpr std::size_t telling_letters = 4;  // "pyth", "node"
  const std::string_view stem = name.substr(0, std::min(name.size(), telling_letters));
  return real.filename().native().starts_with(stem) && ::access(real.c_str(), X_OK) == 0;
}

bool contains(const std::string& folder, const std::string& path) {
  return path == folder || folder == "/" || path.starts_with(folder + "/");
}

class Trees {
 public:
  explicit Trees(const std::vector<std::string>& kept) : kept_(kept) {}

  void add_program(fs::path path) {
    constexpr int most_links = 16;
    std::error_code error;
    for (int link = 0; link < most_links; ++link) {
      add_tree_of(path);
      // The folders on the way may be links as well.
      const fs::path folder = fs::canonical(path.parent_path(), error);
      if (!error) add_tree_of(folder / path.filename());
      const fs::path target = fs::read_symlink(path, error);
      if (error) return;
      path = (path.parent_path() / target).lexically_normal();
    }
  }

  std::vector<std::string> take() { return std::move(trees_); }

 private:
  const std::vector<std::string>& kept_;
  std::vector<std::string> trees_;

  bool is_too_much(const fs::path& folder) const {
    return folder == "/" || std::ranges::any_of(kept_, [&](const std::string& kept) {
             return !kept.empty() && contains(folder.native(), kept);
           });
  }

  void add_tree_of(const fs::path& program) {
    fs::path tree = program.parent_path();
    const std::string name = tree.filename();
    if (name == "bin" || name == "sbin") tree = tree.parent_path();
    if (is_too_much(tree)) tree = program.parent_path();
    if (is_too_much(tree)) tree = program;
    add(tree.native());
    add_home_of_environment(tree);
  }

  /// A virtual environment of Python names the installation that it was made from.
  void add_home_of_environment(const fs::path& tree) {
    std::ifstream file(tree / "pyvenv.cfg");
    for (std::string line; std::getline(file, line);) {
      const std::size_t equals = line.find('=');
      if (!line.starts_with("home") || equals == std::string::npos) continue;
      const std::size_t start = line.find_first_not_of(' ', equals + 1);
      if (start != std::string::npos) add_tree_of(fs::path(line.substr(start)) / "python3");
    }
  }

  void add(const std::string& tree) {
    std::error_code error;
    if (is_in_every_root(tree) || !fs::exists(tree, error)) return;
    if (std::ranges::any_of(trees_, [&](const auto& known) { return contains(known, tree); }))
      return;
    trees_.push_back(tree);
  }
};

}  // namespace

std::string find_interpreter(const std::vector<std::string>& names, const ProgramPlaces& places) {
  const std::vector<fs::path> folders = folders_to_search(places);
  std::error_code error;
  for (const std::string& name : names)
    for (const fs::path& folder : folders) {
      const fs::path real = fs::canonical(folder / name, error);
      if (!error && is_interpreter(real, name)) return real.native();
    }
  return "";
}

std::vector<std::string> folders_of_program(const std::string& path,
                                            const std::vector<std::string>& kept) {
  Trees trees(kept);
  trees.add_program(fs::path(path).lexically_normal());
  return trees.take();
}

}  // namespace matinee::runtime
