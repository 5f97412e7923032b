#include "cloud/runtimes.h"

#include "services/lambda/running/interpreters.h"
#include "services/lambda/running/launches.h"

namespace matinee::cloud {

namespace {

constexpr const char* names[] = {
    "provided.al2023", "provided.al2", "python3.8",  "python3.9",  "python3.10", "python3.11",
    "python3.12",      "python3.13",   "python3.14", "nodejs18.x", "nodejs20.x", "nodejs22.x",
    "nodejs24.x",      "java11",       "java17",     "java21",     "java25",     "ruby3.2",
    "ruby3.3",         "ruby3.4",      "dotnet6",    "dotnet8",    "dotnet10"};

RuntimeHere describe(const lambda::Launches& launches, const std::string& name) {
  lambda::FoundRuntime found = launches.find(name);
  const lambda::Language language = lambda::language_of(name);
  if (found.runs && found.remark.empty() && language != lambda::Language::executable &&
      !lambda::has_loader(language))
    found.remark = "With AWS's runtime interface client in the package or a layer.";
  return {.name = std::move(found.name),
          .interpreter = std::move(found.interpreter),
          .remark = std::move(found.remark),
          .packages = std::move(found.packages),
          .runs = found.runs};
}

}  // namespace

std::vector<RuntimeHere> runtimes_here(runtime::Sandboxes& sandboxes, runtime::Disk& disk,
                                       const std::string& packages) {
  const lambda::Launches launches(sandboxes, disk, {.loaders = {}, .packages = packages});
  std::vector<RuntimeHere> here;
  for (const char* name : names) here.push_back(describe(launches, name));
  return here;
}

RuntimeHere runtime_here(runtime::Sandboxes& sandboxes, runtime::Disk& disk,
                         const std::string& packages, const std::string& name) {
  return describe(lambda::Launches(sandboxes, disk, {.loaders = {}, .packages = packages}), name);
}

std::string packages_of(const std::string& packages, const std::string& runtime) {
  return lambda::packages_of(packages, runtime);
}

}  // namespace matinee::cloud
