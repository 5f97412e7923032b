// One run of the simulation of events: what a seed does to the cloud, and what it must find.
#pragma once

#include "events_cloud.h"
#include "events_model.h"

namespace matinee::simulation {

class EventsRun {
 public:
  explicit EventsRun(std::uint64_t seed);

  /// Lives of some steps each, then an end in peace, at which everything is looked for.
  void live();

 private:
  struct Known {
    std::string message_id;
    runtime::Time at;
  };

  bool throttles_;
  runtime::SeededRandom dice_;
  runtime::SeededRandom answers_;
  EventsModel model_;
  EventsCloud cloud_;
  std::map<std::string, Known> deduplication_;  // of the FIFO topic
  std::map<std::string, QueueState> states_;    // of queues that fail now and then
  std::set<Token> deleted_;                     // schedules
  bool is_down_ = false;                        // what is called by HTTP
  runtime::Time told_;                          // the latest time that anybody was told
  int kills_ = 0;
  Token ticks_ = 0;  // the rule's

  static constexpr std::uint64_t never = std::uint64_t{1} << 40;  // writes to the disk

  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
  std::string any_kind();
  runtime::Time now() const { return cloud_.machine.now(); }
  SimulatedHttp::Answer answer();

  void build();
  void step();
  template <class T>
  std::optional<T> call(runtime::Task<T> task);
  /// Starts the program again if it has died, as often as it dies.
  void recover();
  void arm();

  void publish();
  Expected expect_of_topic(const std::string& kind, bool has_attributes);
  void publish_in_line();
  void publish_to_line(const std::string& group, const std::string& kind, const std::string& id);
  void flood();
  void put_events();
  Expected expect_of_bus(const std::string& kind);
  void make_schedule();
  void end_schedule();
  bool has_schedule(const std::string& name);
  void send_work();
  void change_state();
  void consume();
  /// How many messages came.
  std::size_t receive(const std::string& queue, bool leaves_some);
  void note(const std::string& queue, const sqs::Message& message);
  void move_clock();
  void move_to_boundary();
  void let_run();
  void reset();

  void end_in_peace();
  void run_until_idle();
  void drain();
  void check_journal();
  void check_story(Token token, const Expected& one);
};

template <class T>
std::optional<T> EventsRun::call(runtime::Task<T> task) {
  std::optional<T> reply = cloud_.call(std::move(task));
  if (reply) told_ = now();
  return reply;
}

}  // namespace matinee::simulation
