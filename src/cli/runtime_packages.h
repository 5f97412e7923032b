// What AWS's runtimes bring besides the interpreter, the SDK, for interpreters of this machine: a
// folder for each runtime in the user's data directory, for all servers of that user.
#pragma once

#include <string>
#include <vector>

#include "cli/surroundings.h"
#include "cloud/runtimes.h"

namespace matinee::cli {

/// A file beside the packages of a runtime that tells what was installed: "boto3 1.40.4".
inline constexpr const char* added_file = "added.txt";

std::string package_directory(const Surroundings& surroundings);

/// What is installed, and by which command.
struct PackageChoice {
  std::string what;       // "boto3 1.40.4"
  std::string installer;  // "pip"
  std::vector<std::string> command;
};

/// `folder` is the one that the command fills.
PackageChoice choose_packages(const cloud::RuntimeHere& runtime, const std::string& folder);

/// A folder that is made beside the final one, and takes its place once it is whole. The one that
/// was there before stays beside it until the next installation of the same name: functions that
/// are warm have it mounted.
class Installation {
 public:
  /// Both must outlive it.
  Installation(runtime::Disk& disk, runtime::Processes& processes, std::string folder,
               int process_id);
  ~Installation() { remove(unfinished_); }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  const std::string& place() const { return unfinished_; }
  runtime::DiskResult<> begin();
  /// A server that is running takes the new folder for instances that start from now on. After an
  /// error the former one is in its place.
  runtime::DiskResult<> finish(const std::string& what);

 private:
  runtime::Disk& disk_;
  runtime::Processes& processes_;
  std::string folder_;
  std::string unfinished_;
  std::string old_;

  void remove_leftovers();
  void remove(const std::string& folder);
};

/// Installs them by pip or npm, which say on standard error what they do. Returns the exit code.
int install_packages(Surroundings& surroundings, const cloud::RuntimeHere& runtime);

}  // namespace matinee::cli
