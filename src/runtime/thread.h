// A thread of the program. Services have none: see Loop and Workers.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace matinee::runtime {

/// Runs a function on a thread of its own. The destructor waits until it returns.
class Thread {
 public:
  /// `name`, of up to 15 characters, is what debuggers show.
  Thread(const std::string& name, std::move_only_function<void()> body);
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  /// How many threads the machine can run at once; at least 1.
  static unsigned hardware_count();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace matinee::runtime
