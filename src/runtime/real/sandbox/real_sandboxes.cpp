#include "runtime/real/sandbox/real_sandboxes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "runtime/real/sandbox/cell_root.h"
#include "runtime/real/sandbox/confinement.h"
#include "runtime/real/sandbox/programs.h"
#include "runtime/real/sandbox/unpacking.h"

namespace matinee::runtime {
namespace {

namespace fs = std::filesystem;

constexpr const char* inner_task = "/var/task";
constexpr const char* inner_layers = "/opt";
constexpr const char* inner_scratch = "/tmp";

/// A folder that belongs to somebody else.
class ForeignFolder final : public CodeFolder {
 public:
  explicit ForeignFolder(std::string path) : path_(std::move(path)) {}
  const std::string& path() const override { return path_; }

 private:
  std::string path_;
};

/// A folder that goes away with it.
class OwnFolder final : public CodeFolder {
 public:
  OwnFolder(Workers& workers, std::string path) : workers_(workers), path_(std::move(path)) {}
  ~OwnFolder() override {
    workers_.post([path = path_] { remove_folder(path); });
  }
  const std::string& path() const override { return path_; }

 private:
  Workers& workers_;
  std::string path_;
};

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path, error).native() : real.native();
}

std::string text_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A server that is root has its programs run as another user, who has to get at these.
void let_all_read(const std::string& folder) {
  std::error_code error;
  constexpr fs::perms read = fs::perms::group_read | fs::perms::others_read;
  constexpr fs::perms enter = fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(folder, read | enter, fs::perm_options::add, error);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_symlink(error)) continue;
    const bool can_be_run =
        (entry.status(error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    fs::permissions(entry.path(), can_be_run ? read | enter : read, fs::perm_options::add, error);
  }
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

bool are_same(const std::shared_ptr<CodeFolder>& left, const std::shared_ptr<CodeFolder>& right) {
  return left == right || (left && right && left->path() == right->path());
}

}  // namespace

/// What a cell is used for. It goes from one sandbox to the next with the /tmp of the cell.
struct RealSandboxes::Use {
  std::shared_ptr<Cell> cell;
  SandboxSpec spec;
  std::string scratch;              // its name
  std::shared_ptr<CodeFolder> opt;  // of the layers together
  std::shared_ptr<CodeFolder> scratch_folder;
  std::vector<std::pair<std::string, std::string>> places;  // "{task}", and what it stands for
  std::vector<SandboxProgram> waiting;                      // programs, before it is made
  bool is_made = false;

  bool is_of_same_folders(const SandboxSpec& other) const {
    return are_same(spec.task, other.task) && spec.folders == other.folders &&
           spec.hosts == other.hosts && spec.scratch_bytes == other.scratch_bytes &&
           std::ranges::equal(spec.layers, other.layers, are_same);
  }

  void run(SandboxProgram program) {
    if (!is_made) {
      waiting.push_back(std::move(program));
      return;
    }
    ProgramPlan plan{.name = std::move(program.name),
                     .command = std::move(program.command),
                     .environment = std::move(program.environment),
                     .working_directory = std::move(program.working_directory)};
    if (scratch_folder && !std::ranges::any_of(plan.environment, [](const auto& variable) {
          return variable.starts_with("TMPDIR=");
        }))
      plan.environment.emplace_back("TMPDIR={tmp}");
    // Programs of root are users that have no home by their number.
    if (scratch_folder && ::geteuid() == 0 &&
        !std::ranges::any_of(plan.environment,
                             [](const auto& variable) { return variable.starts_with("HOME="); }))
      plan.environment.emplace_back("HOME={tmp}");
    for (const auto& [name, place] : places) {
      for (std::string& argument : plan.command) replace_all(argument, name, place);
      for (std::string& variable : plan.environment) replace_all(variable, name, place);
      replace_all(plan.working_directory, name, place);
    }
    cell->run(plan);
  }
};

class RealSandboxes::RealSandbox final : public Sandbox {
 public:
  RealSandbox(Cells& cells, std::shared_ptr<Use> use, SandboxListener& listener)
      : cells_(cells),
        use_(std::move(use)),
        run_(use_->cell->begin(listener, use_->spec.memory_bytes)) {}
  ~RealSandbox() override {
    if (!is_current()) return;
    use_->cell->abandon();
    cells_.look();
  }
  RealSandbox(const RealSandbox&) = delete;
  RealSandbox& operator=(const RealSandbox&) = delete;

  void run(SandboxProgram program) override {
    if (is_current()) use_->run(std::move(program));
  }
  void ask_to_end() override {
    if (is_current()) use_->cell->terminate();
  }
  void kill() override {
    if (!is_current()) return;
    use_->cell->kill();
    cells_.look();
  }
  void take_output() override {
    if (is_current()) use_->cell->take_output();
  }
  void set_busy(bool busy) override {
    if (!is_current()) return;
    use_->cell->set_busy(busy);
    if (busy) cells_.look();
  }
  std::string scratch() const override { return use_->scratch; }
  std::uint64_t peak_memory() const override {
    return is_current() ? use_->cell->peak_memory() : 0;
  }

 private:
  Cells& cells_;
  std::shared_ptr<Use> use_;
  std::uint64_t run_;

  bool is_current() const { return use_->cell->is_run(run_); }
};

RealSandboxes::RealSandboxes(const Runtime& runtime, SandboxOptions options)
    : runtime_(runtime),
      options_(std::move(options)),
      folders_(runtime.loop, runtime.workers, absolute(options_.directory)),
      cells_(runtime.loop, options_.locked_in) {}

RealSandboxes::~RealSandboxes() {
  *lives_ = false;
}

void RealSandboxes::unpack(const std::string& id, ReadArchive read, CodeFolders::Done done) {
  folders_.unpack(id, std::move(read), std::move(done));
}

std::shared_ptr<CodeFolder> RealSandboxes::folder(const std::string& path) {
  return std::make_shared<ForeignFolder>(absolute(path));
}

std::shared_ptr<CodeFolder> RealSandboxes::find_unpacked(const std::string& id) {
  return folders_.find(id);
}

std::unique_ptr<Sandbox> RealSandboxes::start(SandboxSpec spec, SandboxListener& listener,
                                              const std::string& scratch) {
  SandboxProgram main{.command = std::move(spec.command),
                      .environment = std::move(spec.environment),
                      .working_directory = std::move(spec.working_directory)};
  std::shared_ptr<Use> use = take_over(spec, scratch);
  const bool is_new = !use;
  if (is_new) {
    use = std::make_shared<Use>();
    use->cell = cells_.create();
    use->scratch = std::to_string(use->cell->id());
    if (!main.command.empty()) spec.programs.push_back(main.command.front());
    std::erase_if(uses_, [](const auto& known) { return known.second.expired(); });
    uses_[use->scratch] = use;
  }
  use->spec = std::move(spec);
  auto sandbox = std::make_unique<RealSandbox>(cells_, use, listener);
  if (!main.command.empty()) use->run(std::move(main));
  if (!is_new) {
    cells_.look();
    return sandbox;
  }
  if (const auto begun = begin(); !begun) {
    use->cell->fail(begun.error());
    return sandbox;
  }
  cells_.when_known([this, lives = lives_, weak = std::weak_ptr(use)] {
    const std::shared_ptr<Use> waiting = weak.lock();
    if (*lives && waiting) lay_layers(waiting);
  });
  return sandbox;
}

std::shared_ptr<RealSandboxes::Use> RealSandboxes::take_over(const SandboxSpec& spec,
                                                             const std::string& scratch) {
  const auto found = uses_.find(scratch);
  if (found == uses_.end()) return nullptr;
  std::shared_ptr<Use> use = found->second.lock();
  if (!use || !use->is_made || !use->is_of_same_folders(spec) || !use->cell->can_run_again())
    return nullptr;
  return use;
}

std::expected<void, std::string> RealSandboxes::begin() {
  const RunFolder& run = folders_.run_folder();
  if (run.path().empty()) return std::unexpected(run.failure());
  const std::string root = run.path() + "/root";
  if (::mkdir(root.c_str(), 0755) != 0 && errno != EEXIST)
    return std::unexpected(root + " cannot be made: " + std::strerror(errno) + ".");
  return cells_.begin(root);
}

void RealSandboxes::lay_layers(const std::shared_ptr<Use>& use) {
  const std::vector<std::shared_ptr<CodeFolder>>& layers = use->spec.layers;
  if (layers.size() < 2) return make(use, layers.empty() ? nullptr : layers.front());
  folders_.merge(layers, [this, lives = lives_, weak = std::weak_ptr(use)](
                             std::expected<std::shared_ptr<CodeFolder>, std::string> merged) {
    const std::shared_ptr<Use> waiting = weak.lock();
    if (!*lives || !waiting) return;
    if (!merged) return waiting->cell->fail(merged.error());
    make(waiting, *std::move(merged));
  });
}

void RealSandboxes::make(const std::shared_ptr<Use>& use, std::shared_ptr<CodeFolder> layers) {
  if (use->cell->is_gone()) return;  // killed in the meantime
  use->opt = std::move(layers);
  CellPlan plan{.id = use->cell->id(),
                .is_locked_in = cells_.method() != CellMethod::processes,
                .root = folders_.run_folder().path() + "/root",
                .scratch_bytes = use->spec.scratch_bytes};
  // The launcher may have ended since.
  if (const auto begun = begin(); !begun) return use->cell->fail(begun.error());
  if (!plan.is_locked_in && !plan_scratch(*use, plan)) return;
  substitute_places(*use);
  plan_root(*use, plan);
  std::vector<std::shared_ptr<CodeFolder>> held = use->spec.layers;
  held.insert(held.end(), {use->spec.task, use->opt, use->scratch_folder});
  use->cell->hold(std::move(held));
  // What is in /tmp is memory of the kernel's that counts too.
  const std::uint64_t memory =
      use->spec.memory_bytes + (plan.is_locked_in ? use->spec.scratch_bytes : 0);
  cells_.make(*use->cell, plan, {.memory_bytes = memory, .processors = use->spec.processors});
  use->is_made = true;
  for (SandboxProgram& program : std::exchange(use->waiting, {})) use->run(std::move(program));
}

bool RealSandboxes::plan_scratch(Use& use, CellPlan& plan) {
  plan.scratch = folders_.run_folder().path() + "/tmp-" + use.scratch;
  if (::mkdir(plan.scratch.c_str(), S_IRWXU) != 0) {
    use.cell->fail(plan.scratch + " cannot be made: " + std::strerror(errno) + ".");
    return false;
  }
  use.scratch_folder = std::make_shared<OwnFolder>(runtime_.workers, plan.scratch);
  plan.guarded = {::getpid(), cells_.launcher(), -::getpgrp()};
  return true;
}

void RealSandboxes::substitute_places(Use& use) {
  const bool is_locked_in = !use.scratch_folder;
  const auto add = [&](const std::string& name, const std::string& inside,
                       const std::string& here) {
    use.places.emplace_back("{" + name + "}", is_locked_in ? inside : here);
  };
  const std::string nowhere = folders_.run_folder().path() + "/root";
  add("task", inner_task, use.spec.task ? use.spec.task->path() : nowhere);
  add("opt", inner_layers, use.opt ? use.opt->path() : nowhere);
  add("tmp", inner_scratch, use.scratch_folder ? use.scratch_folder->path() : "");
  for (const auto& [here, inside] : use.spec.folders) add(inside, inside, absolute(here));
}

std::vector<std::string> RealSandboxes::program_folders(const Use& use) const {
  std::vector<std::string> folders;
  const std::vector<std::string> kept = {runtime_.environment.find_home_directory().value_or(""),
                                         absolute(options_.directory)};
  for (const std::string& program : use.spec.programs) {
    // Those in folders of the function are there anyway.
    if (!program.starts_with('/')) continue;
    for (std::string& folder : folders_of_program(program, kept))
      folders.push_back(std::move(folder));
  }
  return folders;
}

void RealSandboxes::plan_root(const Use& use, CellPlan& plan) const {
  if (!plan.is_locked_in) {
    for (const auto& folder : {use.spec.task, use.opt})
      if (folder) plan.needed.push_back(folder->path());
    for (const auto& [here, inside] : use.spec.folders) plan.needed.push_back(absolute(here));
    for (const std::string& program : use.spec.programs)
      if (program.starts_with('/')) plan.needed.push_back(program);
    return;
  }
  const std::vector<std::string> trees = program_folders(use);
  if (use.spec.task) plan.folders.emplace_back(use.spec.task->path(), inner_task);
  if (use.opt) {
    // An interpreter below /opt has to find room beside what the layers have there.
    const bool is_shared = std::ranges::any_of(
        trees, [](const std::string& tree) { return tree.starts_with("/opt/"); });
    std::error_code error;
    if (!is_shared) plan.folders.emplace_back(use.opt->path(), inner_layers);
    for (const fs::directory_entry& entry : fs::directory_iterator(use.opt->path(), error))
      if (is_shared)
        plan.folders.emplace_back(entry.path().native(),
                                  inner_layers + ("/" + entry.path().filename().native()));
  }
  for (const auto& [here, inside] : use.spec.folders) {
    if (::geteuid() == 0 && here.starts_with(options_.directory)) let_all_read(here);
    plan.folders.emplace_back(absolute(here), inside);
  }
  for (const std::string& tree : trees) plan.folders.emplace_back(tree, tree);
  plan.users = user_line + text_of("/etc/passwd");
  if (use.spec.hosts.empty()) return;
  for (const auto& [name, address] : use.spec.hosts) plan.hosts += address + " " + name + "\n";
  plan.hosts += text_of("/etc/hosts");
}

const SandboxAbilities& RealSandboxes::abilities() {
  if (abilities_) return *abilities_;
  SandboxAbilities found;
  const auto begun = begin();
  if (!begun) found.missing.push_back(begun.error());
  if (begun && !cells_.wait_until_known())
    found.missing.emplace_back("The helper that starts functions does not answer.");
  found.is_locked_in = cells_.method() != CellMethod::processes;
  found.limits_memory = cells_.groups() != nullptr;
  if (!options_.locked_in)
    found.missing.emplace_back("Functions are plain processes, as was asked for.");
  else if (!found.is_locked_in && found.missing.empty())
    found.missing.push_back("Functions are plain processes: this machine refuses " +
                            cells_.refused() + ".");
  if (!found.limits_memory)
    found.missing.push_back(
        "Memory is watched instead of limited, and processors are not shared "
        "out: " +
        cells_.refused_groups() + ".");
  abilities_ = std::move(found);
  return *abilities_;
}

void RealSandboxes::ask_abilities(std::move_only_function<void(const SandboxAbilities&)> done) {
  if (abilities_ || !begin()) return done(abilities());
  cells_.when_known([this, lives = lives_, done = std::move(done)]() mutable {
    if (*lives) done(abilities());
  });
}

std::string RealSandboxes::find_program(const std::vector<std::string>& names) const {
  std::string& known = found_programs_[names];
  if (known.empty() || ::access(known.c_str(), X_OK) != 0)
    known = find_interpreter(
        names, {.path = runtime_.environment.find("PATH").value_or(""),
                .home_directory = runtime_.environment.find_home_directory().value_or("")});
  return known;
}

}  // namespace matinee::runtime
