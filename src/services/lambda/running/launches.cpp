#include "services/lambda/running/launches.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/running/interface_clients.h"
#include "services/lambda/running/interpreters.h"
#include "services/lambda/running/loaders.h"

namespace matinee::lambda {

namespace {

/// Where programs see the loaders.
constexpr const char* loader_place = "/var/runtime";

/// Where programs see what AWS's runtime brings; for Python that is AWS's own place.
std::string package_place(const std::string& runtime) {
  if (language_of(runtime) == Language::node) return "/var/lang/node_modules";
  return fmt::format("/var/lang/lib/{}/site-packages", runtime);
}

}  // namespace

std::string packages_of(const std::string& packages, const std::string& runtime) {
  return fmt::format("{}/{}/{}", packages, runtime,
                     language_of(runtime) == Language::node ? "node_modules" : "site-packages");
}

Launches::Launches(runtime::Sandboxes& sandboxes, runtime::Disk& disk, LaunchPlaces places)
    : sandboxes_(sandboxes), disk_(disk), places_(std::move(places)) {}

FoundRuntime Launches::find(const std::string& runtime) const {
  FoundRuntime found{.name = runtime};
  const Language language = language_of(runtime);
  Interpreter interpreter = find_interpreter(sandboxes_, disk_, runtime);
  found.interpreter = std::move(interpreter.path);
  found.remark = std::move(interpreter.remark);
  found.runs = language == Language::executable || !found.interpreter.empty();
  if (!has_loader(language) || places_.packages.empty()) return found;
  const std::string packages = packages_of(places_.packages, runtime);
  if (disk_.exists(packages)) found.packages = packages;
  return found;
}

/// Written only where they differ, as those of another version do: what was compiled of them is
/// good as long as they are the same.
void Launches::write_loaders() {
  if (are_written_) return;
  for (const LoaderFile& file : loader_files()) {
    const std::string path = fmt::format("{}/{}", places_.loaders, file.path);
    if (disk_.read(path).value_or(std::string()) == file.text) continue;
    are_new_ = true;
    runtime::DiskResult<> result = disk_.create_directories(path.substr(0, path.rfind('/')));
    if (result) result = disk_.write_atomically(path, file.text);
    if (!result)
      refuse_launch(
          fmt::format("The loaders of runtimes cannot be written: {}.", result.error().message));
  }
  are_written_ = true;
}

/// Functions see the loaders' folder read-only, so that Python cannot keep there what it has
/// compiled. The first start goes on meanwhile, without.
void Launches::compile_loaders(const std::string& python) {
  if (!places_.run_aside || !compilers_.insert(python).second) return;
  const std::string folder = places_.loaders + "/python";
  const std::string version = python.substr(python.rfind("python") + 6);  // "3.12"
  const std::size_t dot = version.find('.');
  if (!are_new_ && dot != std::string::npos &&
      disk_.exists(fmt::format("{}/__pycache__/_matinee_runtime.cpython-{}{}.pyc", folder,
                               version.substr(0, dot), version.substr(dot + 1))))
    return;
  places_.run_aside({python, "-m", "compileall", "-q", folder});
}

std::optional<Launch> Launches::find_bootstrap(const std::vector<std::string>& folders) const {
  for (std::size_t i = 0; i < folders.size(); ++i) {
    // The code's own, else that of the topmost layer.
    const std::size_t place = i == 0 ? 0 : folders.size() - i;
    if (!disk_.exists(folders[place] + "/bootstrap")) continue;
    return Launch{.command = {place == 0 ? "{task}/bootstrap" : "{opt}/bootstrap"}};
  }
  return std::nullopt;
}

Launch Launches::launch_by_loader(const Settings& settings, const FoundRuntime& found) {
  write_loaders();
  const bool is_python = language_of(settings.runtime) == Language::python;
  if (is_python) compile_loaders(found.interpreter);
  Launch launch{.folders = {{places_.loaders + (is_python ? "/python" : "/nodejs"), loader_place}},
                .environment = places_.loader_environment};
  if (!found.packages.empty()) {
    const std::string place = package_place(settings.runtime);
    launch.folders.emplace_back(found.packages, place);
    if (is_python) {
      launch.environment["_MATINEE_PACKAGES"] = "{" + place + "}";
    } else {
      launch.environment["NODE_PATH"] = fmt::format(
          "{{opt}}/nodejs/node_modules:{{{}}}:{{{}}}/node_modules:{{task}}", place, loader_place);
    }
  }
  launch.command.push_back(found.interpreter);
  if (settings.runtime == "nodejs20.x" || settings.runtime == "nodejs22.x")
    launch.command.emplace_back("--no-experimental-require-module");
  launch.command.push_back(
      fmt::format("{{{}}}/{}", loader_place, is_python ? "bootstrap.py" : "bootstrap.mjs"));
  return launch;
}

/// What lies in the layers' folders of that name; what is a folder there is none.
std::vector<std::string> Launches::extensions_of(const std::vector<std::string>& folders) const {
  std::set<std::string> names;
  for (std::size_t layer = 1; layer < folders.size(); ++layer) {
    const std::string place = folders[layer] + "/extensions";
    const auto found = disk_.list(place);
    if (!found) continue;
    for (const std::string& name : *found)
      if (!disk_.list(place + "/" + name)) names.insert(name);
  }
  return {names.begin(), names.end()};
}

/// Once in each function's log.
std::vector<std::string> Launches::tell_missing(const std::string& group) {
  if (missing_.empty() || !told_groups_.insert(group).second) return {};
  return missing_;
}

Launch Launches::launch_of(const Settings& settings, const std::vector<std::string>& folders) {
  const Language language = language_of(settings.runtime);
  Launch launch;
  if (has_loader(language)) {
    const FoundRuntime found = find(settings.runtime);
    if (!found.runs) refuse_launch(found.remark);
    launch = launch_by_loader(settings, found);
    launch.remark = found.remark;
  } else if (auto bootstrap = find_bootstrap(folders)) {
    launch = *std::move(bootstrap);
  } else if (language == Language::executable) {
    refuse_launch("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  } else {
    const FoundRuntime found = find(settings.runtime);
    if (!found.runs) refuse_launch(found.remark);
    launch = launch_by_client(settings, found.interpreter, folders, disk_);
    launch.remark = found.remark;
  }
  if (settings.environment && language != Language::executable) {
    const auto wrapper = settings.environment->find("AWS_LAMBDA_EXEC_WRAPPER");
    if (wrapper != settings.environment->end())
      launch.command.insert(launch.command.begin(), wrapper->second);
  }
  launch.environment.insert(places_.environment.begin(), places_.environment.end());
  launch.folders.insert(launch.folders.end(), places_.folders.begin(), places_.folders.end());
  launch.hosts = places_.hosts;
  launch.extensions = extensions_of(folders);
  if (!std::exchange(are_abilities_asked_, true))
    sandboxes_.ask_abilities([this, lives = lives_](const runtime::SandboxAbilities& abilities) {
      if (!*lives) return;
      missing_ = abilities.missing;
    });
  launch.late_remarks = [this, group = settings.logging.group] { return tell_missing(group); };
  return launch;
}

}  // namespace matinee::lambda
