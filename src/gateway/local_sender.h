// Sends to servers on the loopback interface from a thread of its own, which waits for all of them
// together.
#pragma once

#include <memory>

#include "runtime/clock.h"
#include "runtime/loop.h"
#include "services/local_sender.h"

namespace matinee::gateway {

class LocalSender final : public services::LocalSender {
 public:
  /// Both must outlive it. `clock` is the machine's. The thread begins with the first message.
  LocalSender(runtime::Loop& loop, runtime::Clock& clock);
  /// What is on its way is given up, without a word.
  ~LocalSender() override;
  LocalSender(const LocalSender&) = delete;
  LocalSender& operator=(const LocalSender&) = delete;

  void send(services::LocalMessage message, Done done) override;
  void end_stream(const std::string& stream) override;

 private:
  class Worker;

  runtime::Loop& loop_;
  runtime::Clock& clock_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  std::unique_ptr<Worker> worker_;
};

}  // namespace matinee::gateway
