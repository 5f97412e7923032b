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
  std::string remark;       // where another version runs it, or why nothing does
  bool runs = false;
};

std::vector<RuntimeHere> runtimes_here(const runtime::Sandboxes& sandboxes, runtime::Disk& disk);

}  // namespace matinee::cloud
