// A cell as the server sees it: the socket to its first process, the output of its programs, and
// what is known of its end.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "runtime/loop.h"
#include "runtime/real/sandbox/cell_memory.h"
#include "runtime/real/sandbox/cell_plan.h"
#include "runtime/real/sandbox/control_groups.h"
#include "runtime/real/sandbox/event_thread.h"
#include "runtime/real/sandbox/frame_reader.h"
#include "runtime/real/sandbox/packets.h"
#include "runtime/sandbox.h"

namespace matinee::runtime {

class Cell final : public Watched, public std::enable_shared_from_this<Cell> {
 public:
  /// Output that nobody has taken yet; more of it makes programs wait.
  static constexpr std::size_t most_waiting = std::size_t{1} << 20;

  Cell(Loop& loop, EventThread& thread, std::uint64_t id);
  ~Cell() override;

  std::uint64_t id() const { return id_; }

  // State thread.

  /// A listener for what runs in it from now on. The number tells this run from others.
  std::uint64_t begin(SandboxListener& listener, std::uint64_t memory_limit);
  bool is_run(std::uint64_t run) const { return run == run_; }
  /// The end of the socket for its first process; for the packet that asks for that.
  int other_end() const { return other_end_.get(); }
  /// That packet was sent, or never will be.
  void close_other_end() {
    other_end_.reset();
    was_asked_for_ = true;
  }
  /// Begins to watch the socket.
  void watch();
  /// Keeps these for as long as its processes may need them.
  void hold(std::vector<std::shared_ptr<CodeFolder>> folders) { held_ = std::move(folders); }
  void run(const ProgramPlan& program);
  void terminate();
  void kill();
  /// Tells the listener what there is at the moment, what programs have written up to now too.
  void take_output();
  /// Nobody wants to hear of it any more: kills all.
  void abandon();
  /// It has ended, and could be begun again.
  bool can_run_again() const;
  void set_busy(bool busy) { is_busy_ = busy; }
  bool is_busy() const { return is_busy_; }
  std::uint64_t peak_memory();

  // From any thread.

  void take_process(int process_id, OwnedDescriptor descriptor, bool is_locked_in);
  void take_group(std::unique_ptr<ControlGroup> group);
  /// It was not made, or cannot live on.
  void fail(const std::string& sentence);
  /// The launcher has ended, and this cell with it.
  void on_launcher_end();
  /// Looks at its memory. Whether it is near its limit.
  bool look_at_memory();
  /// Nobody was asked to make it yet.
  bool waits_to_be_made() const { return !was_asked_for_; }
  /// Whether all its processes are gone, or have never been.
  bool is_gone() const { return is_gone_; }
  /// Waits for that, up to a second.
  void wait_until_gone();

  void on_ready(unsigned token) override;

 private:
  static constexpr unsigned control_token = 0;
  static constexpr unsigned process_token = 1;
  static constexpr unsigned first_output_token = 2;

  struct Output {
    std::string program;
    OwnedDescriptor pipe;
    std::unique_ptr<FrameReader> frames;  // for those that carry records
    bool waits = false;                   // for somebody to take what was read
  };
  struct ProgramEnd {
    std::string name;
    SandboxEnd end;
  };
  using Event = std::variant<SandboxOutput, ProgramEnd, SandboxEnd>;

  Loop& loop_;
  EventThread& thread_;
  const std::uint64_t id_;
  EventThread::Key key_ = 0;
  OwnedDescriptor other_end_;
  std::atomic<bool> is_busy_ = true;
  std::atomic<bool> is_gone_ = false;
  std::atomic<bool> was_asked_for_ = false;

  // State thread.
  std::vector<std::shared_ptr<CodeFolder>> held_;
  SandboxListener* listener_ = nullptr;
  std::uint64_t run_ = 0;

  mutable std::mutex mutex_;
  OwnedDescriptor control_;
  OwnedDescriptor process_;
  OwnedDescriptor proc_folder_;
  int process_id_ = 0;
  bool is_locked_in_ = false;
  std::unique_ptr<ControlGroup> group_;
  std::map<unsigned, Output> outputs_;
  unsigned last_token_ = first_output_token;
  std::deque<Event> events_;
  std::size_t waiting_bytes_ = 0;
  bool is_posted_ = false;
  bool has_ended_ = false;  // this run
  bool is_abandoned_ = false;
  SandboxEnd end_;  // of the main program, as soon as it is known
  std::uint64_t memory_limit_ = 0;
  std::uint64_t peak_memory_ = 0;
  bool is_out_of_memory_ = false;
  Duration looked_at_{};
  std::optional<Duration> killed_at_;

  // With the lock.
  void read_control();
  void take_packet(PacketReader& packet);
  void take_end(PacketReader& packet);
  bool read_output(Output& output, std::size_t most);
  void read_outputs(const std::string* program, std::size_t most);
  void drain();
  void add_output(Output& output, std::string_view bytes);
  void add_event(Event event);
  void post();
  void end_run();
  void process_has_ended();
  void kill_process();
  MemoryUse measure();

  void deliver();
  void go_on_reading();
  bool deliver_one(Event event);
};

}  // namespace matinee::runtime
