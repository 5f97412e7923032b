// What a cold start of a Python function cannot be faster than: the interpreter with the loader,
// started without any server or sandbox.
#pragma once

#include <string>

#include "server_process.h"

namespace bench {

/// Starts `interpreter` with the loader of Python functions on a small function, again and again.
class LoaderStart {
 public:
  /// `loader` is the directory of bootstrap.py, which is copied. Throws std::runtime_error.
  LoaderStart(std::string interpreter, const std::string& loader);

  /// From the start of the process until it has asked for an event, in milliseconds. The process
  /// ends with that.
  double milliseconds() const;

 private:
  TemporaryDirectory directory_;
  std::string interpreter_;
};

}  // namespace bench
