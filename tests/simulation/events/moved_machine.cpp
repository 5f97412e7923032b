// A simulated machine on the loop of the real program.
#include "moved_machine.h"

namespace matinee::simulation {

void MachineTime::wait(std::optional<runtime::Duration> duration) {
  if (on_wait_) return std::exchange(on_wait_, nullptr)();
  if (!duration) return on_stuck();
  now_ += std::max(*duration, runtime::Duration::zero()).count();
}

void MovedMachine::LoopWorkers::post_after(runtime::Duration delay, runtime::Callback work) {
  // Threads of the database post too, whose timers the loop has to set itself.
  machine_.loop_->post([this, delay, work = std::move(work)]() mutable {
    machine_.loop_->real_clock().call_at(machine_.time.now() + delay, std::move(work));
  });
}

MovedMachine::MovedMachine(std::uint64_t seed, const Options& options)
    : random(seed), options_(options) {
  time.on_stuck = [this] { loop_->stop(); };
  start();
}

MovedMachine::~MovedMachine() {
  stop();
}

void MovedMachine::start() {
  ++lives_;
  time.instead_of_waiting(nullptr);
  loop_ = std::make_unique<runtime::RealLoop>(&time);
  if (options_.paused) loop_->pause();
  http.use(*loop_, lives_);
  runtime_.emplace(runtime::Runtime{*loop_, loop_->clock(), random, disk, workers_, environment_});
  auto opened = cloud::Cloud::open(
      *runtime_, {.directory = "/data", .disk = &disk, .workers = &workers_},
      {.quotas = options_.throughput_quotas, .http = &http, .on_lost_writes = [this] {
         ASSERT_TRUE(disk.has_crashed()) << "a disk refuses that has not crashed";
         throw Killed();
       }});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  cloud_ = *std::move(opened);
  channel_ = std::make_unique<client::InProcessChannel>(
      cloud_->endpoint(), random, services::Context{.host = "localhost:4566"});
  if (options_.on_start) options_.on_start(*cloud_, *loop_);
}

void MovedMachine::stop() {
  channel_.reset();
  cloud_.reset();
  if (options_.on_stop) options_.on_stop();
  runtime_.reset();
  http.forget();
  loop_.reset();
  disk.restart();
}

void MovedMachine::run() {
  try {
    loop_->run();
  } catch (const Killed&) {
    EXPECT_TRUE(has_died());
  }
}

bool MovedMachine::reset() {
  return call([](services::Endpoint& endpoint) -> runtime::Task<bool> {
           co_await endpoint.reset({});
           co_return true;
         }(cloud_->endpoint()))
      .has_value();
}

void MovedMachine::settle() {
  if (has_died()) return;
  time.instead_of_waiting([this] { loop_->stop(); });
  run();
}

void MovedMachine::wait(runtime::Duration duration) {
  if (has_died()) return;
  loop_->real_clock().call_at(time.now() + duration, [this] { loop_->stop(); });
  run();
}

}  // namespace matinee::simulation
