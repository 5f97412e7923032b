// Whether calls are still let in: closed once the cloud behind it is about to be replaced, so that
// nothing is acknowledged that would go with it.
#pragma once

namespace matinee::gateway {

/// State thread only.
class Gate {
 public:
  /// From now on calls are answered 503, which clients try again.
  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }

 private:
  bool is_closed_ = false;
};

}  // namespace matinee::gateway
