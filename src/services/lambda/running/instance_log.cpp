#include "services/lambda/running/instance_log.h"

#include <utility>

#include "services/lambda/running/log_keeper.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t longest_tail = 4096;

}  // namespace

InstanceLog::InstanceLog(const Machine& machine, const Program& program)
    : machine_(machine), program_(program) {
  stream_ =
      log_stream_name(program.version, program.settings, now(), machine.runtime.random.uuid());
}

InstanceLog::~InstanceLog() {
  if (is_waiting_) machine_.logs->remove(*this);
}

void InstanceLog::write(std::string text) {
  if (text.empty()) return;
  if (has_tail_) {
    tail_ += text;
    // A record that came in a frame need not end a line.
    if (!text.ends_with('\n')) tail_ += '\n';
    if (tail_.size() > 2 * longest_tail) tail_.erase(0, tail_.size() - longest_tail);
  }
  lines_.push_back({.time = now(), .text = std::move(text)});
  if (!std::exchange(is_waiting_, true)) machine_.logs->add(*this);
}

void InstanceLog::tell(const PlatformEvent& event) {
  write(line_of(event, program_.settings.logging, now()));
  if (telemetry_) telemetry_->tell(event, now());
}

void InstanceLog::add_lines(std::string_view type, std::vector<LogText> lines) {
  for (LogText& line : lines) {
    if (telemetry_)
      telemetry_->tell_line(type, line.text, program_.settings.logging.format == "JSON", now());
    write(std::move(line.text));
  }
}

void InstanceLog::add_output(const std::string& program, std::string_view bytes) {
  std::vector<LogText> lines;
  cutters_[program].add(bytes, now(), lines);
  add_lines(program.empty() ? "function" : "extension", std::move(lines));
}

void InstanceLog::add_record(std::string text) {
  if (!text.empty()) add_lines("function", {{.time = now(), .text = std::move(text)}});
}

void InstanceLog::end_lines() {
  for (auto& [program, cutter] : cutters_) {
    std::vector<LogText> last;
    cutter.finish(now(), last);
    add_lines(program.empty() ? "function" : "extension", std::move(last));
  }
}

void InstanceLog::begin_telemetry() {
  telemetry_.reset();
  if (machine_.sender != nullptr)
    telemetry_ = std::make_unique<Telemetry>(machine_.runtime, *machine_.sender);
}

void InstanceLog::follow(const std::string& trace) {
  // Lines of several calls are kept together, under the trace of the latest.
  if (!services::have_same_lineage(trace_, trace)) keep();
  trace_ = trace;
}

void InstanceLog::begin_tail(const Invocation& call) {
  has_tail_ = call.wants_log;
  tail_.clear();
}

std::string InstanceLog::take_tail() {
  has_tail_ = false;
  if (tail_.size() > longest_tail) tail_.erase(0, tail_.size() - longest_tail);
  return std::exchange(tail_, {});
}

void InstanceLog::keep() {
  if (std::exchange(is_waiting_, false)) machine_.logs->remove(*this);
  if (!lines_.empty())
    machine_.keep_lines({program_.version, program_.settings, stream_, trace_},
                        std::exchange(lines_, {}));
}

}  // namespace matinee::lambda
