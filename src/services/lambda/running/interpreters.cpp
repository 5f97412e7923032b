#include "services/lambda/running/interpreters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace matinee::lambda {

namespace {

constexpr int oldest_python = 8;
constexpr int newest_python = 14;
constexpr int oldest_node = 18;
constexpr int newest_node = 24;
/// Where Debian and others keep a Java each, "java-17-openjdk-amd64" for example.
constexpr const char* java_machines = "/usr/lib/jvm";

/// The first number behind a prefix: 12 of "python3.12", 20 of "nodejs20.x".
int number_after(std::string_view name, std::string_view prefix) {
  int number = 0;
  name.remove_prefix(std::min(prefix.size(), name.size()));
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

/// The wanted version, then newer ones, then older ones.
std::vector<int> in_order(int wanted, int oldest, int newest) {
  std::vector<int> versions;
  for (int version = wanted; version <= newest; ++version) versions.push_back(version);
  for (int version = wanted - 1; version >= oldest; --version) versions.push_back(version);
  return versions;
}

/// And then whatever is called so.
std::vector<std::string> python_names(int wanted) {
  std::vector<std::string> names;
  for (const int version : in_order(wanted, oldest_python, newest_python))
    names.push_back(fmt::format("python3.{}", version));
  names.emplace_back("python3");
  return names;
}

std::vector<std::string> node_names(int wanted) {
  std::vector<std::string> names;
  for (const int version : in_order(wanted, oldest_node, newest_node))
    names.push_back(fmt::format("node{}", version));
  names.emplace_back("node");
  names.emplace_back("nodejs");
  return names;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// The version that a folder of a Java machine is named after.
std::optional<int> java_version(std::string_view folder) {
  const std::size_t digit = folder.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  const int number = number_after(folder.substr(digit), "");
  // "java-1.17.0-openjdk-amd64"
  if (number != 1 || !folder.substr(digit).starts_with("1.")) return number;
  return number_after(folder.substr(digit), "1.");
}

struct JavaMachine {
  int version = 0;
  std::string path;
};

/// The nearest that is not older, else the newest.
std::optional<JavaMachine> find_java_machine(const runtime::Disk& disk, int wanted) {
  std::optional<JavaMachine> best;
  const auto is_better = [&](int version) {
    if (!best) return true;
    if (version < wanted || best->version < wanted) return version > best->version;
    return version < best->version;
  };
  for (const std::string& folder : disk.list(java_machines).value_or(std::vector<std::string>())) {
    const std::optional<int> version = java_version(folder);
    const std::string path = fmt::format("{}/{}/bin/java", java_machines, folder);
    if (version && is_better(*version) && disk.exists(path)) best = {*version, path};
  }
  return best;
}

Interpreter find_java(const runtime::Sandboxes& sandboxes, const runtime::Disk& disk,
                      const std::string& runtime) {
  const int wanted = number_after(runtime, "java");
  if (const auto machine = find_java_machine(disk, wanted)) {
    if (machine->version == wanted) return {.path = machine->path, .remark = {}};
    return {.path = machine->path,
            .remark = fmt::format("Java {} is not installed here: Java {} runs this function.",
                                  wanted, machine->version)};
  }
  Interpreter found{.path = sandboxes.find_program({"java"}), .remark = {}};
  if (found.path.empty())
    found.remark = fmt::format("{} needs Java, which is not installed here.", runtime);
  return found;
}

/// `names`, the wanted one first.
Interpreter find_named(const runtime::Sandboxes& sandboxes, const std::string& runtime,
                       const std::vector<std::string>& names, std::string_view needed) {
  Interpreter found{.path = sandboxes.find_program(names), .remark = {}};
  if (found.path.empty()) {
    found.remark = fmt::format("{} needs {}, which is not installed here.", runtime, needed);
    return found;
  }
  const std::string name = name_of(found.path);
  const bool tells_version = name.find_first_of("0123456789") != std::string::npos;
  if (name != names.front() && tells_version && name != "python3")
    found.remark = fmt::format("{} is not installed here: {} runs this function.", runtime, name);
  return found;
}

}  // namespace

Language language_of(std::string_view runtime) {
  if (runtime.starts_with("python")) return Language::python;
  if (runtime.starts_with("nodejs")) return Language::node;
  if (runtime.starts_with("java")) return Language::java;
  if (runtime.starts_with("ruby")) return Language::ruby;
  if (runtime.starts_with("dotnet")) return Language::dotnet;
  return Language::executable;
}

Interpreter find_interpreter(const runtime::Sandboxes& sandboxes, const runtime::Disk& disk,
                             const std::string& runtime) {
  switch (language_of(runtime)) {
    case Language::executable:
      return {};
    case Language::python:
      return find_named(sandboxes, runtime, python_names(number_after(runtime, "python3.")),
                        "Python 3.8 or later");
    case Language::node:
      return find_named(sandboxes, runtime, node_names(number_after(runtime, "nodejs")),
                        "Node.js 18 or later");
    case Language::java:
      return find_java(sandboxes, disk, runtime);
    case Language::ruby:
      return find_named(sandboxes, runtime, {runtime, "ruby"}, "Ruby");
    case Language::dotnet:
      return find_named(sandboxes, runtime, {"dotnet"}, ".NET");
  }
  return {};
}

}  // namespace matinee::lambda
