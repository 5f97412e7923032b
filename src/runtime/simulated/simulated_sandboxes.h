// Sandboxes in which C++ callables stand for programs, in the time of the loop: so a simulation
// decides what a function does, when it crashes and when it does not answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/loop.h"
#include "runtime/sandbox.h"

namespace matinee::runtime {

class SimulatedSandbox;

/// A program as the callable sees it that stands for it, which may keep it. When it has ended all
/// that it does is without effect. On the state thread.
class SimulatedProgram {
 public:
  SimulatedProgram(SimulatedSandbox& sandbox, SandboxProgram program)
      : sandbox_(&sandbox), program_(std::move(program)) {}

  const std::string& name() const { return program_.name; }
  const std::vector<std::string>& command() const { return program_.command; }
  /// Of its environment; empty without.
  std::string variable(const std::string& name) const;
  bool is_running() const { return sandbox_ != nullptr; }

  void write(std::string text);
  void write_record(std::string text, std::uint32_t frame_type = 3);
  /// From now on it has that much memory. More than the limit ends it.
  void use_memory(std::uint64_t bytes);
  void exit(int status);
  void crash(int signal);

  /// What it does when it is asked to end; without this it ends by that.
  std::function<void()> on_terminate;

 private:
  friend class SimulatedSandbox;

  SimulatedSandbox* sandbox_;
  SandboxProgram program_;
};

class SimulatedSandboxes final : public Sandboxes {
 public:
  using Function = std::function<void(std::shared_ptr<SimulatedProgram>)>;

  explicit SimulatedSandboxes(Loop& loop) : loop_(loop) {}

  /// `function` is called when a program begins whose name, or _HANDLER in whose environment, is
  /// this. Others cannot be started: there is no such program.
  void provide(const std::string& handler, Function function);
  /// From `start` until a program begins. In the beginning none at all.
  void let_starting_take(Duration duration) { starting_takes_ = duration; }
  /// How many have been started and have not ended.
  std::size_t running() const { return running_; }

  void unpack(const std::string& id, ReadArchive read,
              std::move_only_function<void(std::expected<std::shared_ptr<CodeFolder>, std::string>)>
                  done) override;
  std::shared_ptr<CodeFolder> folder(const std::string& path) override;
  std::shared_ptr<CodeFolder> find_unpacked(const std::string& id) override;
  std::unique_ptr<Sandbox> start(SandboxSpec spec, SandboxListener& listener,
                                 const std::string& scratch) override;
  const SandboxAbilities& abilities() override { return abilities_; }
  std::string find_program(const std::vector<std::string>& names) const override;

 private:
  friend class SimulatedSandbox;

  Loop& loop_;
  Duration starting_takes_ = Duration::zero();
  SandboxAbilities abilities_{.is_locked_in = true, .limits_memory = true, .missing = {}};
  std::map<std::string, Function> functions_;
  std::map<std::string, std::weak_ptr<CodeFolder>> unpacked_;
  std::size_t running_ = 0;
  std::uint64_t last_scratch_ = 0;
};

}  // namespace matinee::runtime
