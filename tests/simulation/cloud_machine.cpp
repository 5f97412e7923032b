// A simulated machine with a cloud on it.
#include "cloud_machine.h"

namespace matinee::simulation {

CloudMachine::CloudMachine(std::uint64_t seed) : machine(seed) {
  start();
}

CloudMachine::~CloudMachine() {
  stop();
}

void CloudMachine::start() {
  auto opened = cloud::Cloud::open(
      runtime_, {.directory = "/data", .disk = &machine.disk, .workers = &machine.workers});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  cloud_ = *std::move(opened);
  // Where the program would end at once, the simulation lets it run on to the end of its round:
  // nothing that it does in between reaches the disk, and no reply of the round gets out.
  machine.loop.set_flush([this] {
    const auto flushed = cloud_->store().flush();
    if (machine.disk.has_crashed()) return machine.loop.forget_replies();
    ASSERT_TRUE(flushed.has_value()) << flushed.error().message;
  });
  channel_ = std::make_unique<client::InProcessChannel>(
      cloud_->endpoint(), machine.random, services::Context{.host = "localhost:4566"});
}

void CloudMachine::stop() {
  flaky_.reset();
  channel_.reset();
  cloud_.reset();
  machine.restart();
}

client::Channel& CloudMachine::channel() {
  if (flaky_) return *flaky_;
  return *channel_;
}

void CloudMachine::pass_time(const std::function<bool()>& done) {
  while (!done() && !machine.disk.has_crashed()) {
    machine.loop.run_until_idle();
    if (done() || machine.disk.has_crashed()) return;
    if (!machine.loop.advance_to_next_timer()) return;
  }
}

void CloudMachine::wait_for(runtime::Task<> task) {
  std::exception_ptr failure;
  bool done = false;
  runtime::start(std::move(task), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  pass_time([&] { return done; });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace matinee::simulation
