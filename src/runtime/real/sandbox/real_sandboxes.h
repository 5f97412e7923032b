// Sandboxes of processes of this machine: docs/functions.md says what they keep functions from.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/real/sandbox/cells.h"
#include "runtime/real/sandbox/code_folders.h"
#include "runtime/runtime.h"
#include "runtime/sandbox.h"

namespace matinee::runtime {

/// Nothing is started, and no folder made, before the first function needs it. Must not outlive
/// what `runtime` is made of.
class RealSandboxes final : public Sandboxes {
 public:
  RealSandboxes(const Runtime& runtime, SandboxOptions options);
  ~RealSandboxes() override;

  void unpack(const std::string& id, ReadArchive read, CodeFolders::Done done) override;
  std::shared_ptr<CodeFolder> folder(const std::string& path) override;
  std::shared_ptr<CodeFolder> find_unpacked(const std::string& id) override;
  std::unique_ptr<Sandbox> start(SandboxSpec spec, SandboxListener& listener,
                                 const std::string& scratch) override;
  const SandboxAbilities& abilities() override;
  void ask_abilities(std::move_only_function<void(const SandboxAbilities&)> done) override;
  std::string find_program(const std::vector<std::string>& names) const override;

  /// For tests: the process that starts the others; 0 without.
  int launcher() const { return cells_.launcher(); }
  /// How many cells there are, those among them that are just ending.
  std::size_t cells() const { return cells_.count(); }

 private:
  class RealSandbox;
  struct Use;

  Runtime runtime_;
  SandboxOptions options_;
  CodeFolders folders_;
  Cells cells_;
  std::optional<SandboxAbilities> abilities_;
  std::map<std::string, std::weak_ptr<Use>> uses_;  // by the name of their scratch
  mutable std::map<std::vector<std::string>, std::string> found_programs_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  std::expected<void, std::string> begin();
  std::shared_ptr<Use> take_over(const SandboxSpec& spec, const std::string& scratch);
  void lay_layers(const std::shared_ptr<Use>& use);
  void make(const std::shared_ptr<Use>& use, std::shared_ptr<CodeFolder> layers);
  void plan_root(const Use& use, CellPlan& plan) const;
  bool plan_scratch(Use& use, CellPlan& plan);
  void substitute_places(Use& use);
  std::vector<std::string> program_folders(const Use& use) const;
};

}  // namespace matinee::runtime
