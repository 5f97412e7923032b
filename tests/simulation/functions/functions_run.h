// One run of the simulation of functions: what a seed does to the cloud, what its programs do, and
// what must be found.
#pragma once

#include "functions_cloud.h"
#include "functions_model.h"

namespace matinee::simulation {

class FunctionsRun final : public FunctionScript {
 public:
  explicit FunctionsRun(std::uint64_t seed);

  /// Lives of some steps each, then an end in peace, at which everything is looked for.
  void live();

  Beginning on_start(const std::string& function) override;
  Reaction on_call(const FunctionCall& call) override;
  void on_answer(const FunctionCall& call) override;
  void on_taken(const FunctionCall& call) override;
  void on_wrong_status(const FunctionCall& call, const std::string& what, int status) override;

 private:
  /// What a program has in hand.
  struct Work {
    std::string place;
    std::vector<Token> tokens;
    std::vector<Token> done;  // of them, once it has answered
  };
  /// A message as a batch has it.
  struct Record {
    std::string id;
    Token token;
  };
  struct Limit {
    std::size_t most;
    runtime::Time since;  // by the machine's time
  };
  struct Mapping {
    bool is_enabled = true;
    int pauses = 0;  // how often it was disabled
  };

  static constexpr std::uint64_t never = std::uint64_t{1} << 40;  // writes to the disk

  runtime::SeededRandom dice_;
  runtime::SeededRandom programs_;
  FunctionsModel model_;
  FunctionsCloud cloud_;
  std::map<std::uint64_t, Work> work_;             // by the number of the call
  std::map<std::string, Limit> reserved_;          // by function
  std::map<std::string, Limit> concurrent_;        // by queue
  std::map<std::string, Mapping> mappings_;        // by queue
  std::map<std::string, std::set<int>> settings_;  // generations that a function may have now
  std::map<std::string, std::string> calls_;       // generations that answered calls, by token
  bool is_calm_ = false;
  int generation_ = 0;
  int kills_ = 0;
  runtime::Time told_;  // the latest time that anybody was told

  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
  runtime::Time now() const { return cloud_.machine.now(); }
  int life() const { return cloud_.machine.lives(); }

  void step();
  void arm();
  /// Starts the program again if it has died, as often as it dies.
  void recover();
  void check_settings();
  template <class T>
  std::optional<T> call(runtime::Task<T> task);

  // what programs do
  Reaction react(Work& work);
  Reaction react_to_batch(Work& work, const std::vector<Record>& records);
  void check_limits(const FunctionCall& call, const std::string& queue);
  void check_pause(const std::string& queue, const std::vector<Token>& tokens);

  // what users do
  Sent& sending(const std::string& place, Token token);
  void call_later();
  void publish();
  void send();
  void send_in_line();
  void call_now();
  void change_mapping();
  void pause_mapping(const std::string& queue);
  void change_settings();
  void reserve();
  void move_clock();
  void let_run();
  std::size_t receive(const std::string& queue);
  void drain();
  void end_in_peace();
};

}  // namespace matinee::simulation
