// Plays the programs of functions: it speaks the Runtime API as a runtime does, and does with each
// call what a script says.
#pragma once

#include <memory>
#include <string>

#include "runtime/movable_clock.h"
#include "runtime/simulated/simulated_sandboxes.h"
#include "simulated_ports.h"

namespace matinee::simulation {

/// A call as a program gets it.
struct FunctionCall {
  std::uint64_t number = 0;  // of all that programs get while this one runs: ids come again
  std::string id;
  std::string function;
  std::string version;
  std::string generation;  // GENERATION of its environment
  std::string payload;
};

/// What a program does with a call.
enum class Deed : std::uint8_t {
  answer,
  answer_and_exit,
  fail,   // answers with an error
  exit,   // ends without an answer
  crash,  // by a signal
  hang,   // until somebody ends it
  bloat,  // takes more memory than it may have
  garble  // says what a runtime must not say, and then answers
};

/// What it does when it is started.
enum class Beginning : std::uint8_t { ready, error, crash, hang };

struct Reaction {
  Deed deed = Deed::answer;
  std::string body;
  runtime::Duration takes{};  // of the machine's time
};

class FunctionScript {
 public:
  virtual ~FunctionScript() = default;
  virtual Beginning on_start(const std::string& function) = 0;
  virtual Reaction on_call(const FunctionCall& call) = 0;
  /// The program sends its answer now.
  virtual void on_answer(const FunctionCall& call) = 0;
  /// The answer was taken.
  virtual void on_taken(const FunctionCall& call) = 0;
  /// The Runtime API has answered what it must not.
  virtual void on_wrong_status(const FunctionCall& call, const std::string& what, int status) = 0;
};

/// One program.
class FunctionPlayer : public std::enable_shared_from_this<FunctionPlayer> {
 public:
  FunctionPlayer(runtime::Loop& loop, SimulatedPorts& ports, FunctionScript& script,
                 std::shared_ptr<runtime::SimulatedProgram> program);
  void begin();
  bool is_running() const { return program_->is_running(); }
  /// It has a call that it has not answered.
  bool is_at_work() const { return is_at_work_ && is_running(); }
  const FunctionCall& call() const { return call_; }

 private:
  runtime::Loop& loop_;
  SimulatedPorts& ports_;
  FunctionScript& script_;
  std::shared_ptr<runtime::SimulatedProgram> program_;
  std::uint16_t port_;
  std::string function_;
  FunctionCall call_;
  bool is_at_work_ = false;

  void after(runtime::Duration duration, std::function<void()> what);
  void send(std::string method, std::string path, std::string body,
            std::function<void(protocol::HttpResponse)> answered);
  void ask();
  void take(const protocol::HttpResponse& response);
  void act(const Reaction& reaction);
  void answer(const std::string& body, bool exits);
  void fail(const std::string& body);
  void garble(const std::string& body);
};

}  // namespace matinee::simulation
