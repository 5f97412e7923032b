// Code that is unpacked before anybody calls, as AWS does it while a function is pending: a first
// call does not wait for it then.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "runtime/movable_clock.h"
#include "services/lambda/running/machine.h"

namespace matinee::lambda {

class ReadyCode {
 public:
  /// So many packages, the latest, each for so long by the machine's clock if nobody calls.
  static constexpr std::size_t most_packages = 64;
  static constexpr runtime::Duration longest = std::chrono::minutes(10);

  explicit ReadyCode(const Machine& machine) : machine_(machine) {}
  ~ReadyCode();
  ReadyCode(const ReadyCode&) = delete;
  ReadyCode& operator=(const ReadyCode&) = delete;

  /// Unpacks a package, later; what cannot be unpacked the first call tells.
  void prepare(const std::string& package);

 private:
  struct Kept {
    std::string package;
    std::shared_ptr<runtime::CodeFolder> folder;  // null until it is unpacked
    runtime::Time since{};                        // of the machine's clock
  };

  const Machine& machine_;
  std::deque<Kept> kept_;  // the oldest first
  runtime::TimerId timer_ = runtime::TimerId::none;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  runtime::Clock& clock() const { return runtime::real_clock(machine_.runtime.clock); }
  void take(const std::string& package, std::shared_ptr<runtime::CodeFolder> folder);
  void set_timer();
  void drop_old();
};

}  // namespace matinee::lambda
