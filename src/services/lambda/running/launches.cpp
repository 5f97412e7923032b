#include "services/lambda/running/launches.h"

#include <fmt/format.h>

#include <charconv>

#include "protocol/error.h"
#include "services/lambda/running/loaders.h"

namespace matinee::lambda {

namespace {

constexpr int bad_gateway = 502;
constexpr int oldest_python = 8;
constexpr int newest_python = 14;
constexpr int oldest_node = 18;
constexpr int newest_node = 24;
/// Where programs see the loaders.
constexpr const char* loader_place = "/var/runtime";

[[noreturn]] void refuse_launch(std::string reason) {
  throw protocol::ServiceError("Runtime.InvalidEntrypoint", bad_gateway, std::move(reason));
}

/// The number behind a prefix: 12 of "python3.12", 20 of "nodejs20.x".
int number_after(std::string_view name, std::string_view prefix) {
  int number = 0;
  name.remove_prefix(prefix.size());
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

/// The wanted version, then newer ones, then older ones, then whatever is called so.
std::vector<std::string> pythons(int wanted) {
  std::vector<std::string> names;
  for (int version = wanted; version <= newest_python; ++version)
    names.push_back(fmt::format("python3.{}", version));
  for (int version = wanted - 1; version >= oldest_python; --version)
    names.push_back(fmt::format("python3.{}", version));
  names.emplace_back("python3");
  return names;
}

std::vector<std::string> nodes(int wanted) {
  std::vector<std::string> names;
  for (int version = wanted; version <= newest_node; ++version)
    names.push_back(fmt::format("node{}", version));
  for (int version = wanted - 1; version >= oldest_node; --version)
    names.push_back(fmt::format("node{}", version));
  names.emplace_back("node");
  names.emplace_back("nodejs");
  return names;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Launches::Launches(const runtime::Sandboxes& sandboxes, runtime::Disk& disk, std::string directory)
    : sandboxes_(sandboxes), disk_(disk), directory_(std::move(directory)) {}

FoundRuntime Launches::find(const std::string& runtime) const {
  FoundRuntime found{.name = runtime};
  if (runtime.starts_with("provided")) {
    found.runs = true;
    return found;
  }
  const bool is_python = runtime.starts_with("python3.");
  if (!is_python && !runtime.starts_with("nodejs")) {
    found.remark = fmt::format(
        "{} functions do not run here by themselves: pack them with the Runtime Interface Client "
        "of "
        "their language as an executable called bootstrap, for provided.al2023.",
        runtime);
    return found;
  }
  const int wanted =
      is_python ? number_after(runtime, "python3.") : number_after(runtime, "nodejs");
  found.interpreter = sandboxes_.find_program(is_python ? pythons(wanted) : nodes(wanted));
  if (found.interpreter.empty()) {
    found.remark = fmt::format("{} needs {}, which is not installed here.", runtime,
                               is_python ? "Python 3.8 or later" : "Node.js 18 or later");
    return found;
  }
  found.runs = true;
  const std::string name = name_of(found.interpreter);
  const std::string exact = is_python ? runtime : fmt::format("node{}", wanted);
  if (name != exact && name.find_first_of("0123456789") != std::string::npos && name != "python3")
    found.remark = fmt::format("{} is not installed here: {} runs this function.", runtime, name);
  return found;
}

/// Written anew by each run of this program: a newer one may have newer loaders.
void Launches::write_loaders() {
  if (is_written_) return;
  for (const LoaderFile& file : loader_files()) {
    const std::string path = fmt::format("{}/{}", directory_, file.path);
    runtime::DiskResult<> result = disk_.create_directories(path.substr(0, path.rfind('/')));
    if (result) result = disk_.write_atomically(path, file.text);
    if (!result)
      refuse_launch(
          fmt::format("The loaders of runtimes cannot be written: {}.", result.error().message));
  }
  is_written_ = true;
}

Launch Launches::launch_of(const Settings& settings, const std::vector<std::string>& folders) {
  if (settings.runtime.starts_with("provided")) {
    for (std::size_t i = 0; i < folders.size(); ++i) {
      // The code's own, else that of the topmost layer.
      const std::size_t place = i == 0 ? 0 : folders.size() - i;
      if (!disk_.exists(folders[place] + "/bootstrap")) continue;
      return {.command = {place == 0 ? "{task}/bootstrap" : "{opt}/bootstrap"}};
    }
    refuse_launch("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  }
  const FoundRuntime found = find(settings.runtime);
  if (!found.runs) refuse_launch(found.remark);
  write_loaders();
  const bool is_python = settings.runtime.starts_with("python");
  Launch launch{.folders = {{directory_ + (is_python ? "/python" : "/nodejs"), loader_place}},
                .remark = found.remark};
  if (settings.environment) {
    const auto wrapper = settings.environment->find("AWS_LAMBDA_EXEC_WRAPPER");
    if (wrapper != settings.environment->end()) launch.command.push_back(wrapper->second);
  }
  launch.command.push_back(found.interpreter);
  if (settings.runtime == "nodejs20.x" || settings.runtime == "nodejs22.x")
    launch.command.emplace_back("--no-experimental-require-module");
  launch.command.push_back(
      fmt::format("{{{}}}/{}", loader_place, is_python ? "bootstrap.py" : "bootstrap.mjs"));
  return launch;
}

}  // namespace matinee::lambda
