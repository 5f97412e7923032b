#include "services/lambda/running/instance_log.h"

#include <utility>

namespace matinee::lambda {

namespace {

constexpr std::size_t longest_tail = 4096;

}  // namespace

InstanceLog::InstanceLog(const Machine& machine, const Program& program)
    : machine_(machine), program_(program), system_(program.settings.logging) {
  stream_ =
      log_stream_name(program.version, program.settings, now(), machine.runtime.random.uuid());
}

InstanceLog::~InstanceLog() {
  *lives_ = false;
}

void InstanceLog::write(std::string text) {
  if (text.empty()) return;
  if (has_tail_) {
    tail_ += text;
    if (tail_.size() > 2 * longest_tail) tail_.erase(0, tail_.size() - longest_tail);
  }
  lines_.push_back({.time = now(), .text = std::move(text)});
  if (std::exchange(is_keeping_, true)) return;
  machine_.runtime.loop.post([this, lives = lives_] {
    if (*lives) keep();
  });
}

void InstanceLog::add_output(std::string_view bytes) {
  std::vector<LogText> lines;
  cutter_.add(bytes, now(), lines);
  for (LogText& line : lines) write(std::move(line.text));
}

void InstanceLog::end_line() {
  std::vector<LogText> last;
  cutter_.finish(now(), last);
  for (LogText& line : last) write(std::move(line.text));
}

void InstanceLog::begin_tail(const Invocation& call) {
  has_tail_ = call.wants_log;
  trace_ = call.trace;
  tail_.clear();
}

std::string InstanceLog::take_tail() {
  has_tail_ = false;
  if (tail_.size() > longest_tail) tail_.erase(0, tail_.size() - longest_tail);
  return std::exchange(tail_, {});
}

void InstanceLog::keep() {
  is_keeping_ = false;
  if (!lines_.empty())
    machine_.keep_lines({program_.version, program_.settings, stream_, trace_},
                        std::exchange(lines_, {}));
}

}  // namespace matinee::lambda
