// The records that runtimes write to _LAMBDA_TELEMETRY_LOG_FD, as awslambdaric frames them: a type
// and a length of four bytes each, big-endian, eight bytes of microseconds where the type says so,
// and the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/sandbox.h"

namespace matinee::runtime {

class FrameReader {
 public:
  /// Of a longer record the beginning is kept.
  static constexpr std::size_t longest_record = std::size_t{1} << 20;

  /// Takes bytes as they come, and adds what is whole. Bytes that are no frames are added as text,
  /// and all that follows too.
  void add(std::string_view bytes, std::vector<SandboxOutput>& output);
  /// At the end: adds what there is of a record that was not finished.
  void finish(std::vector<SandboxOutput>& output);

 private:
  std::string head_;
  SandboxOutput record_;
  std::uint64_t missing_ = 0;  // bytes of the record that have not come yet
  bool is_in_record_ = false;
  bool is_text_ = false;

  bool take_head();
};

}  // namespace matinee::runtime
