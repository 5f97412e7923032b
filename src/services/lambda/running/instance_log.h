// The log of one instance: its stream in CloudWatch Logs, the end of what the current call has
// written, for callers that ask for it, and what extensions have subscribed to.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/lambda/running/invocation.h"
#include "services/lambda/running/log_lines.h"
#include "services/lambda/running/machine.h"
#include "services/lambda/running/platform_events.h"
#include "services/lambda/running/program.h"
#include "services/lambda/running/telemetry.h"

namespace matinee::lambda {

class InstanceLog {
 public:
  /// Both must outlive it.
  InstanceLog(const Machine& machine, const Program& program);
  ~InstanceLog();
  InstanceLog(const InstanceLog&) = delete;
  InstanceLog& operator=(const InstanceLog&) = delete;

  const std::string& stream() const { return stream_; }

  /// A line that is no event. It is kept when the keeper says, as all are.
  void write(std::string text);
  /// An event, as a line in the function's format and to subscribers.
  void tell(const PlatformEvent& event);
  /// Output of a program, which may end within a line. `program` is empty for the main one, else an
  /// extension's name.
  void add_output(const std::string& program, std::string_view bytes);
  /// A record that the runtime has written as one.
  void add_record(std::string text);
  /// What has no end of a line yet is a line.
  void end_lines();

  /// What is written from here on belongs to that chain of calls: subscribers count loops by it.
  void follow(const std::string& trace);
  /// From here on a call's log begins.
  void begin_tail(const Invocation& call);
  /// The last 4 KiB of it.
  std::string take_tail();
  /// Keeps now what was written.
  void keep();

  /// From here until its end an environment may be subscribed to, if that is possible here.
  void begin_telemetry();
  /// Null where it is not.
  Telemetry* telemetry() { return telemetry_.get(); }
  void end_telemetry() { telemetry_.reset(); }

 private:
  const Machine& machine_;
  const Program& program_;
  std::string stream_;
  std::map<std::string, LineCutter> cutters_;  // by program
  std::vector<LogText> lines_;                 // not kept yet
  bool is_waiting_ = false;                    // the keeper has it
  bool has_tail_ = false;
  std::string tail_;
  std::string trace_;  // of the latest call
  std::unique_ptr<Telemetry> telemetry_;

  runtime::Time now() const { return machine_.runtime.clock.now(); }
  void add_lines(std::string_view type, std::vector<LogText> lines);
};

}  // namespace matinee::lambda
