// What the simulation of events plays with: topics, subscriptions, buses, rules, schedules and
// queues of all kinds, on a machine that is killed now and then.
//
//   topic plain -> all, some (of kind a, enveloped), bodied (kinds that begin with b), shaky,
//                  spare (dead letters: spare-dead), http://hook (dead letters: hook-dead)
//   topic line.fifo -> first.fifo, second.fifo (of kind a), loose
//   bus shop: kind a -> transformed, ordered.fifo, ruled (dead letters: ruled-dead),
//                       http://api (dead letters: api-dead)
//             kinds that begin with b -> bus audit -> audited
//             kind c -> topic plain
//   default bus, every seven minutes -> ticks
//   schedules -> timed
#pragma once

#include "events/client.h"
#include "insight/client.h"
#include "moved_machine.h"
#include "scheduler/client.h"
#include "sns/client.h"
#include "sqs/client.h"

namespace matinee::simulation {

inline const std::string plain_topic = "arn:aws:sns:us-east-1:000000000000:plain";
inline const std::string line_topic = "arn:aws:sns:us-east-1:000000000000:line.fifo";
inline const std::string hook = "http://hook.test/plain";
inline const std::string api = "http://api.test/orders";

std::string arn_of_queue(const std::string& name);
std::string url_of_queue(const std::string& name);

/// Of queues that fail now and then.
enum class QueueState : std::uint8_t { open, denied, gone };

class EventsCloud {
 public:
  EventsCloud(std::uint64_t seed, const MovedMachine::Options& options) : machine(seed, options) {}

  static const std::vector<std::string>& standard_queues();
  static const std::vector<std::string>& fifo_queues();

  /// Makes everything. The machine must not die meanwhile.
  void build();
  /// Ends once the subscriber's endpoint has confirmed.
  void confirm_hook();

  /// Nothing where the machine died before the reply.
  template <class T>
  std::optional<T> call(runtime::Task<T> task) {
    return machine.call(std::move(task));
  }
  /// Of a call that must work, on a machine that lives.
  template <class T>
  T must(runtime::Task<T> task) {
    std::optional<T> result = machine.call(std::move(task));
    if (!result) throw std::runtime_error("the machine has died too early");
    return *std::move(result);
  }

  void make_queue(const std::string& name);
  bool set_state(const std::string& queue, QueueState state);
  QueueState state_of(const std::string& queue);
  /// Whether it holds nothing, not even what somebody has received.
  bool is_empty(const std::string& queue);

  sns::Client sns() { return sns::Client(machine.channel()); }
  sqs::Client sqs() { return sqs::Client(machine.channel()); }
  events::Client events() { return events::Client(machine.channel()); }
  scheduler::Client scheduler() { return scheduler::Client(machine.channel()); }
  insight::Client insight() { return insight::Client(machine.channel()); }

  MovedMachine machine;
  /// ARNs of subscriptions, by their endpoint's name.
  std::map<std::string, std::string> subscriptions;
  std::string api_arn;
  runtime::Time ticks_since;  // when the rule that ticks was made

 private:
  void make_subscriptions();
  void subscribe(const std::string& topic, const std::string& queue,
                 std::map<std::string, std::string> attributes);
  void make_bus();
  void make_api_destination();
  void put_rule(const std::string& bus, const std::string& name, const std::string& pattern);
  void put_target(const std::string& bus, const std::string& rule, events::Target target);
};

}  // namespace matinee::simulation
