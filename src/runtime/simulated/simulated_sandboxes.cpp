#include "runtime/simulated/simulated_sandboxes.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include "runtime/movable_clock.h"

namespace matinee::runtime {
namespace {

class NamedFolder final : public CodeFolder {
 public:
  explicit NamedFolder(std::string path) : path_(std::move(path)) {}
  const std::string& path() const override { return path_; }

 private:
  std::string path_;
};

}  // namespace

class SimulatedSandbox final : public Sandbox {
 public:
  SimulatedSandbox(SimulatedSandboxes& sandboxes, SandboxListener& listener, std::string scratch)
      : sandboxes_(sandboxes), listener_(&listener), scratch_(std::move(scratch)) {
    ++sandboxes_.running_;
  }
  ~SimulatedSandbox() override {
    *lives_ = false;
    for (const auto& [name, program] : programs_) program->sandbox_ = nullptr;
    if (!has_ended_) --sandboxes_.running_;
  }

  void limit_memory(std::uint64_t bytes) { memory_limit_ = bytes; }

  void run(SandboxProgram program) override {
    if (has_ended_) return;
    auto begun = std::make_shared<SimulatedProgram>(*this, std::move(program));
    programs_[begun->name()] = begun;
    after(sandboxes_.starting_takes_, [this, begun] { begin(begun); });
  }
  void ask_to_end() override {
    later([this] {
      const auto found = programs_.find("");
      if (found == programs_.end()) return;
      const std::shared_ptr<SimulatedProgram> main = found->second;
      if (main->on_terminate)
        main->on_terminate();
      else
        main->crash(SIGTERM);
    });
  }
  void kill() override {
    later([this] { kill_all(false); });
  }
  void take_output() override {
    for (SandboxOutput& output : std::exchange(output_, {}))
      listener_->on_output(std::move(output));
  }
  void set_busy(bool) override {}
  std::string scratch() const override { return scratch_; }
  std::uint64_t peak_memory() const override { return peak_memory_; }

  void add_output(SandboxOutput output) {
    output_.push_back(std::move(output));
    later([this] { take_output(); });
  }
  void use_memory(std::uint64_t bytes) {
    peak_memory_ = std::max(peak_memory_, bytes);
    if (bytes > memory_limit_) later([this] { kill_all(true); });
  }
  void end_program(SimulatedProgram& program, SandboxEnd end) {
    program.sandbox_ = nullptr;
    later([this, name = program.name(), end = std::move(end)] { tell_end(name, end); });
  }

 private:
  SimulatedSandboxes& sandboxes_;
  SandboxListener* listener_;
  std::string scratch_;
  std::map<std::string, std::shared_ptr<SimulatedProgram>> programs_;
  std::vector<SandboxOutput> output_;
  SandboxEnd end_;
  std::uint64_t memory_limit_ = UINT64_MAX;
  std::uint64_t peak_memory_ = 0;
  bool has_ended_ = false;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  template <class Function>
  void later(Function function) {
    sandboxes_.loop_.post([lives = lives_, function = std::move(function)]() mutable {
      if (*lives) function();
    });
  }
  template <class Function>
  void after(Duration duration, Function function) {
    if (duration == Duration::zero()) return later(std::move(function));
    // A program does not start sooner because a user moves the clock.
    Clock& clock = real_clock(sandboxes_.loop_.clock());
    clock.call_at(clock.now() + duration,
                  [lives = lives_, function = std::move(function)]() mutable {
                    if (*lives) function();
                  });
  }

  void begin(const std::shared_ptr<SimulatedProgram>& program) {
    if (!program->is_running()) return;
    auto found = sandboxes_.functions_.find(program->name());
    if (found == sandboxes_.functions_.end())
      found = sandboxes_.functions_.find(program->variable("_HANDLER"));
    if (found != sandboxes_.functions_.end()) return found->second(program);
    end_program(*program, {.failure = "The program cannot be run: No such file or directory.",
                           .failure_number = ENOENT});
  }

  void kill_all(bool out_of_memory) {
    for (const auto& [name, program] : programs_)
      if (program->is_running())
        end_program(*program, {.signal = SIGKILL, .out_of_memory = out_of_memory});
  }

  void tell_end(const std::string& name, const SandboxEnd& end) {
    if (has_ended_) return;
    take_output();
    programs_.erase(name);
    if (name.empty()) end_ = end;
    has_ended_ = programs_.empty();
    if (has_ended_) --sandboxes_.running_;
    const std::shared_ptr<bool> lives = lives_;
    listener_->on_program_end(name, end);
    if (*lives && has_ended_) listener_->on_end(end_);
  }
};

std::string SimulatedProgram::variable(const std::string& name) const {
  const std::string start = name + "=";
  for (const std::string& variable : program_.environment)
    if (variable.starts_with(start)) return variable.substr(start.size());
  return "";
}

void SimulatedProgram::write(std::string text) {
  if (sandbox_ != nullptr) sandbox_->add_output({.bytes = std::move(text), .program = name()});
}

void SimulatedProgram::write_record(std::string text, std::uint32_t frame_type) {
  if (sandbox_ != nullptr)
    sandbox_->add_output({.kind = OutputKind::framed,
                          .bytes = std::move(text),
                          .frame_type = frame_type,
                          .program = name()});
}

void SimulatedProgram::use_memory(std::uint64_t bytes) {
  if (sandbox_ != nullptr) sandbox_->use_memory(bytes);
}

void SimulatedProgram::exit(int status) {
  if (sandbox_ != nullptr) sandbox_->end_program(*this, {.exit_status = status});
}

void SimulatedProgram::crash(int signal) {
  if (sandbox_ != nullptr) sandbox_->end_program(*this, {.signal = signal});
}

void SimulatedSandboxes::provide(const std::string& handler, Function function) {
  functions_[handler] = std::move(function);
}

void SimulatedSandboxes::unpack(
    const std::string& id, ReadArchive /*read*/,
    std::move_only_function<void(std::expected<std::shared_ptr<CodeFolder>, std::string>)> done) {
  std::shared_ptr<CodeFolder> folder = find_unpacked(id);
  if (!folder) folder = std::make_shared<NamedFolder>("/simulated/" + id);
  unpacked_[id] = folder;
  loop_.post([folder, done = std::move(done)]() mutable { done(folder); });
}

std::shared_ptr<CodeFolder> SimulatedSandboxes::folder(const std::string& path) {
  return std::make_shared<NamedFolder>(path);
}

std::shared_ptr<CodeFolder> SimulatedSandboxes::find_unpacked(const std::string& id) {
  const auto found = unpacked_.find(id);
  return found == unpacked_.end() ? nullptr : found->second.lock();
}

std::unique_ptr<Sandbox> SimulatedSandboxes::start(SandboxSpec spec, SandboxListener& listener,
                                                   const std::string& scratch) {
  auto sandbox = std::make_unique<SimulatedSandbox>(
      *this, listener, scratch.empty() ? std::to_string(++last_scratch_) : scratch);
  sandbox->limit_memory(spec.memory_bytes);
  if (!spec.command.empty())
    sandbox->run({.command = std::move(spec.command),
                  .environment = std::move(spec.environment),
                  .working_directory = std::move(spec.working_directory)});
  return sandbox;
}

std::string SimulatedSandboxes::find_program(const std::vector<std::string>& names) const {
  return names.empty() ? "" : "/usr/bin/" + names.front();
}

}  // namespace matinee::runtime
