// A simulated machine with a publisher.
#include "publish_machine.h"

#include <simdjson.h>

#include "runtime/task_group.h"

namespace matinee::simulation {

using jobs::publish::PublishOptions;

PublishMachine::PublishMachine(std::uint64_t seed) : CloudMachine(seed) {
  wait_for(s3().create_bucket({.bucket = "films"}));
}

void PublishMachine::put(const std::string& key, const std::string& body) {
  s3::PutObjectRequest request{.bucket = "films"};
  request.key = key;
  request.body = protocol::Body(body);
  wait_for(s3().put_object(std::move(request)));
}

std::vector<std::string> PublishMachine::put_digests(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(machine.random.text(64, "0123456789abcdef"));
    put(keys.back());
  }
  return keys;
}

void PublishMachine::create_queue(const std::string& name) {
  sqs::CreateQueueRequest request{.queue_name = name};
  if (name.ends_with(".fifo")) request.attributes.emplace()["FifoQueue"] = "true";
  wait_for(sqs().create_queue(std::move(request)));
}

std::map<std::string, int> PublishMachine::take_messages(const std::string& queue) {
  const std::string url = wait_for(sqs().get_queue_url({.queue_name = queue})).queue_url.value();
  std::map<std::string, int> keys;
  simdjson::dom::parser parser;
  for (;;) {
    sqs::ReceiveMessageRequest receive{.queue_url = url};
    receive.max_number_of_messages = 10;
    const auto response = wait_for(sqs().receive_message(std::move(receive)));
    if (!response.messages || response.messages->empty()) return keys;
    sqs::DeleteMessageBatchRequest removal{.queue_url = url, .entries = {}};
    for (const sqs::Message& message : *response.messages) {
      const auto body = parser.parse(message.body.value());
      EXPECT_EQ(std::string_view(body["bucket"]), "films");
      ++keys[std::string(std::string_view(body["key"]))];
      removal.entries.push_back({.id = std::to_string(removal.entries.size()),
                                 .receipt_handle = message.receipt_handle.value()});
    }
    wait_for(sqs().delete_message_batch(std::move(removal)));
  }
}

runtime::Runtime PublishMachine::publisher_runtime() {
  runtime::Disk& disk = is_one_program ? machine.disk : ledger_disk;
  return {machine.loop, machine.loop, machine.random, disk, machine.workers, machine.environment};
}

runtime::Task<> PublishMachine::run_one(PublishOptions options, PublishEnding& ending) {
  runtime::Runtime runtime = publisher_runtime();
  client::Channel& cloud = in_front ? *in_front : channel();
  const jobs::publish::Clients clients{.sqs = sqs::Client(cloud), .s3 = s3::Client(cloud)};
  try {
    ending.summary =
        co_await jobs::publish::run(std::move(options), clients, {runtime, notes, stop_request});
  } catch (const std::exception& error) {
    ending.error = error.what();
  }
}

PublishEnding PublishMachine::run(PublishOptions options) {
  PublishEnding ending;
  {
    // The group owns the job: what a kill leaves suspended goes with it.
    runtime::TaskGroup job(1);
    runtime::start(job.spawn(run_one(std::move(options), ending)),
                   [](const std::exception_ptr&) {});
    pass_time([&] { return job.running() == 0 || is_killed(); });
  }
  ending.is_killed = is_killed();
  if (machine.disk.has_crashed()) {
    stop();
    start();
  }
  if (ending.is_killed) {
    // The publisher's handles are dead in any case, and its lock is free.
    ledger_disk.crash(runtime::SimulatedDisk::Crash::process);
    ledger_disk.restart();
    ending.summary.reset();
  }
  return ending;
}

PublishEnding PublishMachine::run_with_kills(const PublishOptions& options,
                                             std::uint64_t most_writes, runtime::Duration pause) {
  PublishEnding ending;
  do {
    const std::uint64_t writes = machine.random.below(most_writes);
    if (is_one_program)
      kill_after(writes);
    else
      kill_publisher_after(writes);
    ending = run(options);
    if (!ending.is_killed) break;
    ++kills;
    machine.loop.advance(pause);
  } while (kills < 1000);
  kill_after(UINT64_MAX);
  kill_publisher_after(UINT64_MAX);
  return ending;
}

}  // namespace matinee::simulation
