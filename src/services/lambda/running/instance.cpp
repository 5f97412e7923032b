#include "services/lambda/running/instance.h"

#include <fmt/format.h>

#include "protocol/error.h"
#include "services/lambda/catalog/names.h"
#include "services/lambda/catalog/runtimes.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

constexpr runtime::Duration init_limit = std::chrono::seconds(10);
constexpr std::string_view extension_place = "{opt}/extensions/";

}  // namespace

Instance::Instance(const Machine& machine, InstanceOwner& owner, Program program)
    : machine_(machine),
      owner_(owner),
      program_(std::move(program)),
      id_(machine.runtime.random.uuid()),
      log_(machine_, program_),
      extensions_(machine.runtime.random, *this) {
  phase_.initialization_type = program_.initialization_type();
}

Instance::~Instance() {
  *lives_ = false;
  real_clock().cancel(timer_);
  if (port_ != 0) machine_.ports.close(port_);
}

double Instance::milliseconds_since(runtime::Duration start) const {
  return std::chrono::duration<double, std::milli>(machine_.runtime.loop.elapsed() - start).count();
}

std::string Instance::version_text() const {
  return text_of_version(std::get<3>(program_.version));
}

runtime::Duration Instance::call_limit() const {
  return std::chrono::seconds(program_.settings.timeout_seconds);
}

void Instance::start() {
  hold_.emplace(machine_.runtime.clock);
  machine_.runtime.loop.post([this, lives = lives_] {
    if (*lives) unpack_next();
  });
}

/// One archive after the other: the code, then the layers.
void Instance::unpack_next() {
  const SourceRecord source = program_.settings.source.value_or(SourceRecord{});
  if (!task_ && program_.settings.is_hot()) task_ = machine_.sandboxes.folder(source.key);
  const bool is_code = !task_;
  if (!is_code && layers_.size() == program_.layers.size()) return launch();
  const std::string id = is_code ? program_.settings.package : program_.layers[layers_.size()];
  const auto take = [this, is_code](std::shared_ptr<runtime::CodeFolder> folder) {
    if (is_code) {
      task_ = std::move(folder);
    } else {
      layers_.push_back(std::move(folder));
    }
    unpack_next();
  };
  if (auto folder = machine_.sandboxes.find_unpacked(id)) return take(std::move(folder));
  runtime::ReadArchive read;
  try {
    read = machine_.read_package(id);
  } catch (const std::exception& error) {
    return give_up(error.what());
  }
  machine_.sandboxes.unpack(
      id, std::move(read),
      [this, lives = lives_,
       take](std::expected<std::shared_ptr<runtime::CodeFolder>, std::string> folder) {
        if (!*lives) return;
        if (!folder) return give_up(std::move(folder.error()));
        take(*std::move(folder));
      });
}

/// Starts its programs: the first time, or anew.
void Instance::launch() {
  if (port_ == 0) {
    const std::expected<std::uint16_t, std::string> port = machine_.ports.open(*this);
    if (!port) return give_up(port.error());
    port_ = *port;
  }
  state_ = State::initializing;
  init_began_ = machine_.runtime.loop.elapsed();
  init_error_.reset();
  fatal_type_.clear();
  last_failure_.reset();
  init_milliseconds_.reset();
  is_main_running_ = was_main_started_ = false;
  extensions_.begin({});
  log_.begin_telemetry();
  const auto& [account, region, name, version] = program_.version;
  log_.tell(
      init_start(phase_, {.runtime = program_.settings.runtime,
                          .runtime_arn = runtime_version_arn(region, program_.settings.runtime,
                                                             program_.settings.architecture),
                          .function = name,
                          .version = version_text(),
                          .instance = id_,
                          .memory_mb = program_.settings.memory_mb}));
  if (!phase_.is_of_call) set_timer(init_limit);
  Settings settings = program_.settings;
  // Decrypted, where it is kept so.
  settings.environment = program_.environment;
  std::vector<std::string> folders{task_->path()};
  for (const auto& layer : layers_) folders.push_back(layer->path());
  try {
    start_sandbox(machine_.launch_of(settings, folders));
  } catch (const protocol::ServiceError& error) {
    fail({.type = "Runtime.InvalidEntrypoint", .message = error.message()});
  }
}

void Instance::start_sandbox(Launch launch) {
  if (!launch.remark.empty()) log_.write(launch.remark + "\n");
  late_remarks_ = std::move(launch.late_remarks);
  if (launch.extensions.size() > Extensions::most)
    return fail({.type = "Extension.LaunchError",
                 .message = fmt::format("Extension limit ({}) reached", Extensions::most)});
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  constexpr double megabytes_of_a_processor = 1769;  // as AWS documents it
  const Settings& settings = program_.settings;
  const auto memory = static_cast<std::uint64_t>(settings.memory_mb);
  const std::vector<std::string> environment =
      environment_of(program_, launch, port_, log_.stream());
  runtime::SandboxSpec spec{
      .task = task_,
      .layers = layers_,
      .folders = std::move(launch.folders),
      .hosts = std::move(launch.hosts),
      .memory_bytes = memory * megabyte,
      .scratch_bytes = static_cast<std::uint64_t>(settings.scratch_mb) * megabyte,
      .processors = static_cast<double>(memory) / megabytes_of_a_processor};
  main_ = {.command = std::move(launch.command), .environment = environment};
  const bool has_extensions = !launch.extensions.empty();
  if (has_extensions) {
    // By these names they find themselves where they have AWS send telemetry to.
    for (const char* name : {"sandbox.localdomain", "sandbox"})
      spec.hosts.emplace_back(name, "127.0.0.1");
    spec.programs = {main_.command.front()};
  } else {
    spec.command = main_.command;
    spec.environment = main_.environment;
    is_main_running_ = was_main_started_ = true;
  }
  is_running_ = true;
  // What there was before lets go of its /tmp only after the new one has taken it.
  sandbox_ = machine_.sandboxes.start(std::move(spec), *this, sandbox_ ? sandbox_->scratch() : "");
  if (!has_extensions) return;
  extensions_.begin(launch.extensions);
  for (const std::string& name : launch.extensions)
    sandbox_->run({.name = name,
                   .command = {fmt::format("{}{}", extension_place, name)},
                   .environment = extension_environment_of(environment)});
}

void Instance::start_main() {
  is_main_running_ = was_main_started_ = true;
  sandbox_->run(main_);
}

void Instance::on_extension_progress() {
  if (state_ == State::answered) return look_whether_done();
  if (state_ != State::initializing) return;
  if (!was_main_started_ && extensions_.have_registered()) start_main();
  look_whether_ready();
}

/// Its program is expected to end now, which tells of the failure.
void Instance::on_extension_error(std::string type) {
  if (fatal_type_.empty()) fatal_type_ = std::move(type);
}

void Instance::look_whether_ready() {
  if (state_ != State::initializing || !next_ || !extensions_.are_ready()) return;
  tell_init({});
  if (log_.telemetry() != nullptr) log_.telemetry()->close();
  if (invocation_) {
    state_ = State::busy;
    return hand_out();
  }
  init_milliseconds_ = milliseconds_since(init_began_);
  become_idle();
}

void Instance::tell_init(const Outcome& outcome) {
  if (was_main_started_ && outcome.status != "success" && !next_)
    log_.tell(init_runtime_done(phase_, outcome));
  for (const ExtensionNote& note : extensions_.notes()) log_.tell(extension_state(note));
  log_.tell(init_report(phase_, outcome, milliseconds_since(init_began_)));
}

void Instance::become_idle() {
  cancel_timer();
  state_ = State::idle;
  sandbox_->set_busy(false);
  idle_since_ = machine_.runtime.loop.elapsed();
  hold_.reset();
  // A folder may have changed by the next call.
  if (is_retired_ || (was_used_ && program_.settings.is_hot())) return retire();
  owner_.on_idle(*this);
}

/// Before the program runs.
void Instance::give_up(std::string reason) {
  state_ = State::ended;
  hold_.reset();
  log_.write(reason + "\n");
  log_.keep();
  owner_.on_ended(*this, failed_result("Runtime.InvalidEntrypoint", std::move(reason)));
}

void Instance::set_timer(runtime::Duration after) {
  real_clock().cancel(timer_);
  timer_ = real_clock().call_at(real_clock().now() + after, [this] { on_time_out(); });
}

void Instance::cancel_timer() {
  real_clock().cancel(std::exchange(timer_, runtime::TimerId::none));
}

void Instance::retire() {
  is_retired_ = true;
  if (state_ == State::idle) shut_down("SPINDOWN");
}

void Instance::on_output(runtime::SandboxOutput output) {
  if (output.kind == runtime::OutputKind::framed) return log_.add_record(std::move(output.bytes));
  log_.add_output(output.program, output.bytes);
}

}  // namespace matinee::lambda
