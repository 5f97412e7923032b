// A source that knows what its bytes should be.
#pragma once

#include <cstdint>

namespace matinee::protocol {

/// What a Source with a descriptor may be besides.
class VouchingSource {
 public:
  virtual ~VouchingSource() = default;
  /// Called by the one who sends it, before bytes up to `end` leave, with ends that grow. False:
  /// these are not the bytes that were stored, and must not all be sent.
  virtual bool vouches_to(std::uint64_t end) const = 0;
};

}  // namespace matinee::protocol
