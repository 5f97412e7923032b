// How each runtime is started on this machine: executables as they are, Python and Node.js by our
// loaders and the interpreter that is here, other languages by the clients that AWS publishes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/disk.h"
#include "runtime/sandbox.h"
#include "services/lambda/running/machine.h"

namespace matinee::lambda {

/// What this machine has for a runtime.
struct FoundRuntime {
  std::string name;         // "python3.12"
  std::string interpreter;  // its path; empty where it needs none, or nothing is here
  std::string remark;       // where it is another version; or why it does not run
  std::string packages;     // what `matinee runtimes add` has brought: a folder; empty without
  bool runs = false;
};

/// Folders and programs that launches need.
struct LaunchPlaces {
  std::string loaders;   // where the loaders' files are put when the first function needs them
  std::string packages;  // where `matinee runtimes add` puts a folder for each runtime; or empty
  /// For all functions: variables, of which those of a function's own count more.
  std::map<std::string, std::string> environment = {};
  /// Folders of this machine that those may name in braces, and where programs see them.
  std::vector<std::pair<std::string, std::string>> folders = {};
  /// Names of hosts and their addresses, where programs have an /etc/hosts of their own.
  std::vector<std::pair<std::string, std::string>> hosts = {};
  /// For our loaders, which take these variables away.
  std::map<std::string, std::string> loader_environment = {};
  /// Runs a program to its end, and does not wait for it. Empty: it cannot.
  std::function<void(std::vector<std::string> command)> run_aside = nullptr;
};

/// The folder of what `matinee runtimes add` installs for a runtime, below the folder of all of
/// them.
std::string packages_of(const std::string& packages, const std::string& runtime);

class Launches {
 public:
  /// What is launched must not outlive it.
  Launches(runtime::Sandboxes& sandboxes, runtime::Disk& disk, LaunchPlaces places);
  ~Launches() { *lives_ = false; }
  Launches(const Launches&) = delete;
  Launches& operator=(const Launches&) = delete;

  /// `folders` are those of the code and of the layers, on this machine. Throws ServiceError
  /// "Runtime.InvalidEntrypoint" with a sentence.
  Launch launch_of(const Settings& settings, const std::vector<std::string>& folders);
  FoundRuntime find(const std::string& runtime) const;

 private:
  runtime::Sandboxes& sandboxes_;
  runtime::Disk& disk_;
  LaunchPlaces places_;
  bool are_written_ = false;         // the loaders
  bool are_new_ = false;             // by this run of the program
  std::set<std::string> compilers_;  // interpreters that have the loaders compiled
  bool are_abilities_asked_ = false;
  std::vector<std::string> missing_;   // of the sandbox; once it is known
  std::set<std::string> told_groups_;  // logs that tell of it
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  std::optional<Launch> find_bootstrap(const std::vector<std::string>& folders) const;
  Launch launch_by_loader(const Settings& settings, const FoundRuntime& found);
  std::vector<std::string> extensions_of(const std::vector<std::string>& folders) const;
  void write_loaders();
  void compile_loaders(const std::string& python);
  std::vector<std::string> tell_missing(const std::string& group);
};

}  // namespace matinee::lambda
