// How each runtime is started on this machine: executables as they are, Python and Node.js by our
// loaders and the interpreter that is here.
#pragma once

#include <optional>
#include <string>
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
  bool runs = false;
};

class Launches {
 public:
  /// `directory` is where the loaders' files are put when the first function needs them.
  Launches(const runtime::Sandboxes& sandboxes, runtime::Disk& disk, std::string directory);

  /// `folders` are those of the code and of the layers, on this machine. Throws ServiceError
  /// "Runtime.InvalidEntrypoint" with a sentence.
  Launch launch_of(const Settings& settings, const std::vector<std::string>& folders);
  FoundRuntime find(const std::string& runtime) const;

 private:
  const runtime::Sandboxes& sandboxes_;
  runtime::Disk& disk_;
  std::string directory_;
  bool is_written_ = false;

  void write_loaders();
};

}  // namespace matinee::lambda
