#include "services/lambda/running/instance.h"

#include <fmt/format.h>

#include "protocol/error.h"
#include "services/lambda/catalog/runtimes.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

constexpr runtime::Duration init_limit = std::chrono::seconds(10);

}  // namespace

Instance::Instance(const Machine& machine, InstanceOwner& owner, Program program)
    : machine_(machine), owner_(owner), program_(std::move(program)), log_(machine_, program_) {}

Instance::~Instance() {
  *lives_ = false;
  real_clock().cancel(timer_);
  if (port_ != 0) machine_.ports.close(port_);
}

double Instance::milliseconds_since(runtime::Duration start) const {
  return std::chrono::duration<double, std::milli>(machine_.runtime.loop.elapsed() - start).count();
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
  std::string archive;
  try {
    archive = machine_.read_package(id);
  } catch (const std::exception& error) {
    return give_up(error.what());
  }
  machine_.sandboxes.unpack(
      id, std::move(archive),
      [this, lives = lives_,
       take](std::expected<std::shared_ptr<runtime::CodeFolder>, std::string> folder) {
        if (!*lives) return;
        if (!folder) return give_up(std::move(folder.error()));
        take(*std::move(folder));
      });
}

void Instance::launch() {
  const std::expected<std::uint16_t, std::string> port = machine_.ports.open(*this);
  if (!port) return give_up(port.error());
  port_ = *port;
  const Settings& settings = program_.settings;
  Launch launch;
  std::vector<std::string> folders{task_->path()};
  for (const auto& layer : layers_) folders.push_back(layer->path());
  try {
    launch = machine_.launch_of(settings, folders);
  } catch (const protocol::ServiceError& error) {
    return give_up(error.message());
  }
  state_ = State::initializing;
  init_began_ = machine_.runtime.loop.elapsed();
  log_.write(log_.system().init_start(
      settings.runtime,
      runtime_version_arn(std::get<1>(program_.version), settings.runtime, settings.architecture),
      now()));
  if (!launch.remark.empty()) log_.write(launch.remark + "\n");
  late_remarks_ = std::move(launch.late_remarks);
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  constexpr double megabytes_of_a_processor = 1769;  // as AWS documents it
  const auto memory = static_cast<std::uint64_t>(settings.memory_mb);
  runtime::SandboxSpec spec{
      .command = std::move(launch.command),
      .environment = environment_of(program_, launch, port_, log_.stream()),
      .task = task_,
      .layers = layers_,
      .folders = std::move(launch.folders),
      .hosts = std::move(launch.hosts),
      .memory_bytes = memory * megabyte,
      .scratch_bytes = static_cast<std::uint64_t>(settings.scratch_mb) * megabyte,
      .processors = static_cast<double>(memory) / megabytes_of_a_processor};
  sandbox_ = machine_.sandboxes.start(std::move(spec), *this, "");
  set_timer(init_limit);
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

/// Nothing of a program that has not come to an end can be used again.
void Instance::on_time_out() {
  timer_ = runtime::TimerId::none;
  has_timed_out_ = true;
  state_ = State::ending;
  sandbox_->kill();
}

void Instance::retire() {
  is_retired_ = true;
  if (state_ == State::idle && sandbox_) {
    state_ = State::ending;
    sandbox_->kill();
  }
}

void Instance::on_output(runtime::SandboxOutput output) {
  if (output.kind == runtime::OutputKind::framed) return log_.write(std::move(output.bytes));
  log_.add_output(output.bytes);
}

void Instance::on_end(const runtime::SandboxEnd& end) {
  real_clock().cancel(std::exchange(timer_, runtime::TimerId::none));
  state_ = State::ended;
  next_ = nullptr;
  const std::string id = invocation_ ? invocation_->id : machine_.runtime.random.uuid();
  Result result;
  std::string status = "error";
  if (init_error_ && !was_ready_) {
    result = {
        .payload = *init_error_, .function_error = "Unhandled", .error_type = init_error_type_};
  } else if (has_timed_out_) {
    const double limit = was_ready_ ? program_.settings.timeout_seconds
                                    : std::chrono::duration<double>(init_limit).count();
    result = failed_result(
        "Sandbox.Timedout",
        fmt::format("RequestId: {} Error: Task timed out after {:.2f} seconds", id, limit));
    log_.write(
        fmt::format("{} {} Task timed out after {:.2f} seconds\n", time_text(now()), id, limit));
    status = "timeout";
  } else if (!end.failure.empty()) {
    result = failed_result("Runtime.InvalidEntrypoint",
                           fmt::format("RequestId: {} Error: {}", id, end.failure));
  } else if (end.out_of_memory) {
    result = failed_result(
        "Runtime.OutOfMemory",
        fmt::format("RequestId: {} Error: Runtime exited with error: signal: killed", id));
  } else {
    std::string reason = "Runtime exited without providing a reason";
    if (end.signal != 0) reason = fmt::format("Runtime exited with error: signal: {}", end.signal);
    if (end.exit_status != 0)
      reason = fmt::format("Runtime exited with error: exit status {}", end.exit_status);
    result = failed_result("Runtime.ExitError", fmt::format("RequestId: {} Error: {}", id, reason));
  }
  if (!has_timed_out_ && !result.error_message.empty() && (invocation_ || !was_ready_))
    log_.write(result.error_message + "\n");
  std::optional<Result> failure;
  if (invocation_) {
    finish(std::move(result), status);
  } else if (!was_ready_) {
    failure = std::move(result);
  }
  hold_.reset();
  log_.keep();
  owner_.on_ended(*this, std::move(failure));
}

}  // namespace matinee::lambda
