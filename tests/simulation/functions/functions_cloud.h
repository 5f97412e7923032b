// What the simulation of functions plays with, on a machine that is killed now and then.
//
//   function plain   called asynchronously, by itself and by topic calls; dead letters: async-dead
//   function told    likewise; successes go to queue done, failures to topic failures -> failed
//   function bus     likewise; successes call function sink, failures go to bus results ->
//   bus-failed function worker  queue work (reports failures; dead letters: work-dead), queue picky
//   (kind a) function bulker  queue bulk, in batches of up to 50 within 20 seconds function liner
//   queue line.fifo (reports failures)
#pragma once

#include <list>

#include "events/client.h"
#include "function_player.h"
#include "insight/client.h"
#include "lambda/client.h"
#include "moved_machine.h"
#include "sns/client.h"
#include "sqs/client.h"

namespace matinee::simulation {

inline const std::string calls_topic = "arn:aws:sns:us-east-1:000000000000:calls";

std::string arn_of_queue(const std::string& name);
std::string url_of_queue(const std::string& name);
std::string arn_of_function(const std::string& name);

class FunctionsCloud {
 public:
  /// `script` says what programs do. It must outlive the cloud.
  FunctionsCloud(std::uint64_t seed, FunctionScript& script);

  /// Makes everything. The machine must not die meanwhile.
  void build();

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

  /// Programs that have a call of this function which they have not answered.
  std::size_t at_work(const std::string& function) const;
  /// Likewise of a queue's messages.
  std::size_t at_work_for(const std::string& queue_arn) const;

  lambda::Client lambda() { return lambda::Client(machine.channel()); }
  sns::Client sns() { return sns::Client(machine.channel()); }
  sqs::Client sqs() { return sqs::Client(machine.channel()); }
  events::Client events() { return events::Client(machine.channel()); }
  insight::Client insight() { return insight::Client(machine.channel()); }

  /// Ids of event source mappings, by the name of their queue.
  std::map<std::string, std::string> mappings;

 private:
  FunctionScript& script_;
  std::unique_ptr<runtime::SimulatedSandboxes> sandboxes_;
  std::unique_ptr<SimulatedPorts> ports_;
  std::list<std::shared_ptr<FunctionPlayer>> players_;

 public:
  MovedMachine machine;  // last: what it starts uses the others

 private:
  void start(cloud::Cloud& cloud, runtime::RealLoop& loop);
  void make_queue(const std::string& name, std::map<std::string, std::string> attributes);
  void make_function(const std::string& name, const std::string& dead_letters);
  void make_mapping(const std::string& queue, lambda::CreateEventSourceMappingRequest request);
  void make_queues();
  void make_functions();
  void make_destinations();
};

}  // namespace matinee::simulation
