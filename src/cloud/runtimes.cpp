#include "cloud/runtimes.h"

#include "services/lambda/running/launches.h"

namespace matinee::cloud {

namespace {

constexpr const char* names[] = {"provided.al2023", "provided.al2", "python3.8",  "python3.9",
                                 "python3.10",      "python3.11",   "python3.12", "python3.13",
                                 "python3.14",      "nodejs18.x",   "nodejs20.x", "nodejs22.x",
                                 "nodejs24.x"};

}  // namespace

std::vector<RuntimeHere> runtimes_here(const runtime::Sandboxes& sandboxes, runtime::Disk& disk) {
  const lambda::Launches launches(sandboxes, disk, {});
  std::vector<RuntimeHere> here;
  for (const char* name : names) {
    lambda::FoundRuntime found = launches.find(name);
    here.push_back({.name = std::move(found.name),
                    .interpreter = std::move(found.interpreter),
                    .remark = std::move(found.remark),
                    .runs = found.runs});
  }
  return here;
}

}  // namespace matinee::cloud
