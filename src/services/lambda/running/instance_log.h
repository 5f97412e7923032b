// The log of one instance: its stream in CloudWatch Logs, and the end of what the current call has
// written, for callers that ask for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/lambda/running/invocation.h"
#include "services/lambda/running/log_lines.h"
#include "services/lambda/running/machine.h"
#include "services/lambda/running/program.h"

namespace matinee::lambda {

class InstanceLog {
 public:
  /// Both must outlive it.
  InstanceLog(const Machine& machine, const Program& program);
  ~InstanceLog();
  InstanceLog(const InstanceLog&) = delete;
  InstanceLog& operator=(const InstanceLog&) = delete;

  const std::string& stream() const { return stream_; }
  const SystemLines& system() const { return system_; }
  /// One event; nothing where the text is empty. It is kept in the loop's next round.
  void write(std::string text);
  /// Output of the main program, which may end within a line.
  void add_output(std::string_view bytes);
  /// What has no end of a line yet is a line.
  void end_line();
  /// From here on a call's log begins.
  void begin_tail(const Invocation& call);
  /// The last 4 KiB of it.
  std::string take_tail();
  /// Keeps now what was written.
  void keep();

 private:
  const Machine& machine_;
  const Program& program_;
  std::string stream_;
  SystemLines system_;
  LineCutter cutter_;
  std::vector<LogText> lines_;  // not kept yet
  bool is_keeping_ = false;
  bool has_tail_ = false;
  std::string tail_;
  std::string trace_;  // of the latest call
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  runtime::Time now() const { return machine_.runtime.clock.now(); }
};

}  // namespace matinee::lambda
