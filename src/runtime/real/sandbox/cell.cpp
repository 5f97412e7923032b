#include "runtime/real/sandbox/cell.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "runtime/real/sandbox/process_tree.h"

namespace matinee::runtime {
namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10;
/// All that a pipe can hold where a program has enlarged it as far as the system lets it.
constexpr std::size_t largest_pipe = std::size_t{1} << 20;
constexpr std::size_t usual_pipe = std::size_t{64} << 10;
constexpr std::size_t most_processes = 1024;
constexpr Duration between_looks = std::chrono::milliseconds(50);
/// How long the first process may take to kill the others, before it is killed with them.
constexpr Duration patience = std::chrono::seconds(1);

}  // namespace

Cell::Cell(Loop& loop, EventThread& thread, std::uint64_t id)
    : loop_(loop), thread_(thread), id_(id) {
  std::optional<DescriptorPair> ends = DescriptorPair::packets();
  if (!ends) return;
  control_ = std::move(ends->first);
  other_end_ = std::move(ends->second);
}

Cell::~Cell() = default;

void Cell::watch() {
  key_ = thread_.add(shared_from_this());
  const std::lock_guard lock(mutex_);
  if (control_) thread_.watch(control_.get(), key_, control_token);
}

std::uint64_t Cell::begin(SandboxListener& listener, std::uint64_t memory_limit) {
  const std::lock_guard lock(mutex_);
  listener_ = &listener;
  has_ended_ = false;
  end_ = {};
  events_.clear();
  waiting_bytes_ = 0;
  memory_limit_ = memory_limit;
  peak_memory_ = 0;
  is_out_of_memory_ = false;
  killed_at_.reset();
  is_busy_ = true;
  return ++run_;
}

void Cell::run(const ProgramPlan& program) {
  const std::lock_guard lock(mutex_);
  if (has_ended_) return;
  const bool is_main = program.name.empty();
  std::optional<DescriptorPair> text = DescriptorPair::pipe();
  std::optional<DescriptorPair> frames = DescriptorPair::pipe();
  Packet packet(PacketKind::run);
  program.write(packet);
  if (!text || !frames || !control_) {
    end_.failure = std::string("A pipe cannot be made: ") + std::strerror(errno) + ".";
    return end_run();
  }
  packet.add_descriptor(text->second.get());
  if (is_main) packet.add_descriptor(frames->second.get());
  if (!packet.send(control_.get(), false)) {
    end_.failure = std::string("The program cannot be handed over: ") + std::strerror(errno) + ".";
    return end_run();
  }
  const auto add = [&](OwnedDescriptor pipe, std::unique_ptr<FrameReader> reader) {
    ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
    const unsigned token = last_token_++;
    if (last_token_ == 256) last_token_ = first_output_token;
    thread_.watch(pipe.get(), key_, token);
    outputs_[token] = {program.name, std::move(pipe), std::move(reader)};
  };
  add(std::move(text->first), nullptr);
  if (is_main) add(std::move(frames->first), std::make_unique<FrameReader>());
}

void Cell::terminate() {
  const std::lock_guard lock(mutex_);
  if (control_) Packet(PacketKind::terminate).send(control_.get(), false);
}

void Cell::kill() {
  const std::lock_guard lock(mutex_);
  if (has_ended_) return;
  if (waits_to_be_made() || !control_) {
    end_.signal = SIGKILL;
    is_gone_ = true;
    return end_run();
  }
  killed_at_ = loop_.elapsed();
  is_busy_ = true;
  if (!Packet(PacketKind::kill).send(control_.get(), false)) kill_process();
}

void Cell::abandon() {
  const std::lock_guard lock(mutex_);
  listener_ = nullptr;
  is_abandoned_ = true;
  has_ended_ = true;
  if (waits_to_be_made()) is_gone_ = true;
  events_.clear();
  outputs_.clear();
  control_.reset();
  killed_at_ = loop_.elapsed();
  is_busy_ = true;
  if (is_locked_in_) kill_process();
}

bool Cell::can_run_again() const {
  const std::lock_guard lock(mutex_);
  return has_ended_ && !is_abandoned_ && !is_gone_ && control_;
}

std::uint64_t Cell::peak_memory() {
  const std::lock_guard lock(mutex_);
  if (!has_ended_ && loop_.elapsed() - looked_at_ > between_looks) measure();
  return peak_memory_;
}

MemoryUse Cell::measure() {
  looked_at_ = loop_.elapsed();
  const MemoryUse use = CellProcesses(process_id_, proc_folder_.get()).memory();
  peak_memory_ = std::max(peak_memory_, use.most);
  return use;
}

bool Cell::look_at_memory() {
  const std::lock_guard lock(mutex_);
  if (is_gone_) return false;
  if (killed_at_) {
    if (loop_.elapsed() - *killed_at_ > patience) kill_process();
    return true;
  }
  if (has_ended_ || process_id_ == 0) return false;
  const MemoryUse use = measure();
  const bool is_too_much =
      use.now > memory_limit_ &&
      CellProcesses(process_id_, proc_folder_.get()).exact_memory() > memory_limit_;
  if (is_too_much) is_out_of_memory_ = true;
  if (is_too_much || use.processes > most_processes) {
    killed_at_ = loop_.elapsed();
    if (!control_ || !Packet(PacketKind::kill).send(control_.get(), false)) kill_process();
  }
  return use.now > memory_limit_ / 2 || use.processes > most_processes / 4;
}

void Cell::kill_process() {
  if (!process_) return;
  // Where it has no namespace of processes the others do not end with it.
  if (!is_locked_in_)
    for (const int process : descendants_of(process_id_)) ::kill(process, SIGKILL);
  ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
}

void Cell::take_process(int process_id, OwnedDescriptor descriptor, bool is_locked_in) {
  const std::lock_guard lock(mutex_);
  process_id_ = process_id;
  process_ = std::move(descriptor);
  is_locked_in_ = is_locked_in;
  if (process_) thread_.watch(process_.get(), key_, process_token);
  if (is_abandoned_ && is_locked_in_) kill_process();
}

void Cell::take_group(std::unique_ptr<ControlGroup> group) {
  const std::lock_guard lock(mutex_);
  group_ = std::move(group);
}

void Cell::fail(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  if (end_.failure.empty()) end_.failure = sentence;
  is_gone_ = true;
  control_.reset();
  group_.reset();
  end_run();
}

void Cell::on_launcher_end() {
  {
    const std::lock_guard lock(mutex_);
    // The system tells when a process has ended, which those of the launcher do now.
    if (process_) return control_.reset();
  }
  fail("The helper that starts functions has ended.");
}

void Cell::wait_until_gone() {
  const std::lock_guard lock(mutex_);
  if (!process_) return;
  pollfd ended{process_.get(), POLLIN, 0};
  ::poll(&ended, 1, 1000);
}

void Cell::on_ready(unsigned token) {
  const std::lock_guard lock(mutex_);
  if (token == process_token) return process_has_ended();
  if (token == control_token) return read_control();
  const auto found = outputs_.find(token);
  if (found == outputs_.end()) return;
  if (!read_output(found->second, piece_size)) {
    outputs_.erase(found);
    return;
  }
  found->second.waits = waiting_bytes_ >= most_waiting;
  if (!found->second.waits) thread_.watch_again(found->second.pipe.get(), key_, token);
}

void Cell::read_control() {
  while (control_) {
    std::optional<PacketReader> packet = PacketReader::receive(control_.get(), false);
    if (packet) {
      take_packet(*packet);
      continue;
    }
    pollfd end{control_.get(), POLLIN, 0};
    const bool is_closed = ::poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR)) != 0;
    if (!is_closed) return thread_.watch_again(control_.get(), key_, control_token);
    control_.reset();
    // Its descriptor tells of the process's end otherwise, after which nothing of it is left.
    if (!process_ && process_id_ > 0) process_has_ended();
  }
}

void Cell::take_packet(PacketReader& packet) {
  switch (packet.kind()) {
    case PacketKind::up:
      proc_folder_ = packet.descriptor();
      return;
    case PacketKind::failed:
      end_.failure = "The sandbox cannot be made here: " + packet.text() + ".";
      return end_run();
    case PacketKind::ended:
      return take_end(packet);
    case PacketKind::empty:
      drain();
      return end_run();
    default:
      return;
  }
}

void Cell::take_end(PacketReader& packet) {
  ProgramEnd ended{.name = packet.text()};
  const int status = static_cast<int>(packet.number());
  ended.end.failure_number = static_cast<int>(packet.number());
  if (ended.end.failure_number != 0)
    ended.end.failure =
        std::string("The program cannot be run: ") + std::strerror(ended.end.failure_number) + ".";
  if (WIFEXITED(status)) ended.end.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.end.signal = WTERMSIG(status);
  ended.end.out_of_memory = is_out_of_memory_ || (group_ && group_->has_run_out_of_memory());
  read_outputs(&ended.name, largest_pipe);
  if (ended.name.empty()) end_ = ended.end;
  add_event(std::move(ended));
}

/// Up to `most` bytes. False at the end.
bool Cell::read_output(Output& output, std::size_t most) {
  static thread_local std::array<char, piece_size> piece;
  for (std::size_t done = 0; done < most;) {
    const ssize_t size = ::read(output.pipe.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN;
    if (size == 0) {
      std::vector<SandboxOutput> rest;
      if (output.frames) output.frames->finish(rest);
      for (SandboxOutput& record : rest) add_event(std::move(record));
      return false;
    }
    add_output(output, std::string_view(piece.data(), static_cast<std::size_t>(size)));
    done += static_cast<std::size_t>(size);
  }
  return true;
}

void Cell::add_output(Output& output, std::string_view bytes) {
  std::vector<SandboxOutput> pieces;
  if (output.frames)
    output.frames->add(bytes, pieces);
  else
    pieces.push_back({.bytes = std::string(bytes)});
  for (SandboxOutput& piece : pieces) {
    piece.program = output.program;
    waiting_bytes_ += piece.bytes.size();
    add_event(std::move(piece));
  }
}

/// Of one program, or of all. What has come to its end is closed.
void Cell::read_outputs(const std::string* program, std::size_t most) {
  for (auto output = outputs_.begin(); output != outputs_.end();) {
    const bool is_meant = program == nullptr || output->second.program == *program;
    if (is_meant && !read_output(output->second, most))
      output = outputs_.erase(output);
    else
      ++output;
  }
}

void Cell::drain() {
  // Somebody may have been given a copy of a pipe: then its end never comes.
  read_outputs(nullptr, largest_pipe);
  outputs_.clear();
}

void Cell::add_event(Event event) {
  if (is_abandoned_) return;
  events_.push_back(std::move(event));
  post();
}

void Cell::post() {
  if (std::exchange(is_posted_, true)) return;
  loop_.post([weak = weak_from_this()] {
    if (const std::shared_ptr<Cell> cell = weak.lock()) cell->deliver();
  });
}

void Cell::end_run() {
  if (std::exchange(has_ended_, true)) return;
  is_busy_ = false;
  killed_at_.reset();
  outputs_.clear();
  add_event(end_);
}

void Cell::process_has_ended() {
  if (control_) read_control();
  drain();
  if (end_.failure.empty() && end_.exit_status == 0 && end_.signal == 0) {
    end_.signal = SIGKILL;
    end_.out_of_memory = is_out_of_memory_ || (group_ && group_->has_run_out_of_memory());
  }
  end_run();
  is_gone_ = true;
  control_.reset();
  group_.reset();
  thread_.remove(key_);
}

void Cell::take_output() {
  std::deque<Event> outputs;
  {
    const std::lock_guard lock(mutex_);
    const bool was_posted = std::exchange(is_posted_, true);  // nobody has to be woken
    read_outputs(nullptr, usual_pipe);
    is_posted_ = was_posted;
    // Ends are told by `deliver`, which is posted already: whoever asks is in the midst of
    // something.
    std::deque<Event> ends;
    for (Event& event : events_) {
      const bool is_output = std::holds_alternative<SandboxOutput>(event);
      (is_output ? outputs : ends).push_back(std::move(event));
    }
    events_ = std::move(ends);
    go_on_reading();
  }
  const std::shared_ptr<Cell> self = shared_from_this();  // the listener may destroy the sandbox
  for (Event& event : outputs)
    if (!deliver_one(std::move(event))) return;
}

/// What was written has been taken: those whose pipes were full are read again.
void Cell::go_on_reading() {
  waiting_bytes_ = 0;
  for (auto& [token, output] : outputs_)
    if (std::exchange(output.waits, false)) thread_.watch_again(output.pipe.get(), key_, token);
}

void Cell::deliver() {
  std::deque<Event> events;
  {
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
    events.swap(events_);
    go_on_reading();
  }
  const std::shared_ptr<Cell> self = shared_from_this();  // the listener may destroy the sandbox
  for (Event& event : events)
    if (!deliver_one(std::move(event))) return;
}

/// False when nobody listens any more.
bool Cell::deliver_one(Event event) {
  if (listener_ == nullptr) return false;
  if (auto* output = std::get_if<SandboxOutput>(&event)) {
    listener_->on_output(std::move(*output));
  } else if (const auto* program = std::get_if<ProgramEnd>(&event)) {
    listener_->on_program_end(program->name, program->end);
  } else {
    std::exchange(listener_, nullptr)->on_end(std::get<SandboxEnd>(event));
  }
  return true;
}

}  // namespace matinee::runtime
