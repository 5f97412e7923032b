// Which of Lambda's runtimes this machine can run.
#pragma once

#include <string>
#include <vector>

#include "runtime/disk.h"
#include "runtime/sandbox.h"

namespace matinee::cloud {

struct RuntimeHere {
  std::string name;         // "python3.12"
  std::string interpreter;  // its path; empty where it needs none
  std::string remark;       // where another version runs it, or why nothing does; what it needs
  std::string packages;     // the folder of what was added to it; empty without
  bool runs = false;
};

/// `packages` is the folder of what `matinee runtimes add` has installed.
std::vector<RuntimeHere> runtimes_here(runtime::Sandboxes& sandboxes, runtime::Disk& disk,
                                       const std::string& packages);

/// Of one of Lambda's names; what runs it is empty where it is none of them.
RuntimeHere runtime_here(runtime::Sandboxes& sandboxes, runtime::Disk& disk,
                         const std::string& packages, const std::string& name);

/// Where `matinee runtimes add` installs for that runtime, below the folder of all.
std::string packages_of(const std::string& packages, const std::string& runtime);

}  // namespace matinee::cloud
