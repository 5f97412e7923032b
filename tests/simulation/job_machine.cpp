// A simulated machine with a cloud and movie jobs on it.
#include "job_machine.h"

#include "client/body_reader.h"

namespace matinee::simulation {

using jobs::movies::MovieOptions;

jobs::movies::Clients JobMachine::clients() {
  return {.sqs = sqs::Client(channel()),
          .dynamodb = dynamodb::Client(channel()),
          .s3 = s3::Client(channel())};
}

runtime::Task<> JobMachine::run_one(MovieOptions options, Ending& ending) {
  try {
    ending.summary = co_await jobs::movies::run(std::move(options), clients(), runtime_, notes);
  } catch (const std::exception& error) {
    ending.error = error.what();
  }
}

Ending JobMachine::run(MovieOptions options) {
  std::vector<MovieOptions> one;
  one.push_back(std::move(options));
  return std::move(run_together(std::move(one)).front());
}

std::vector<Ending> JobMachine::run_together(std::vector<MovieOptions> options) {
  std::vector<Ending> endings(options.size());
  // The group owns the jobs: what a crash leaves suspended goes with it.
  runtime::TaskGroup jobs(options.size());
  for (std::size_t i = 0; i < options.size(); ++i)
    runtime::start(jobs.spawn(run_one(std::move(options[i]), endings[i])),
                   [](const std::exception_ptr&) {});
  pass_time([&] { return jobs.running() == 0; });
  return endings;
}

std::string JobMachine::queue_url(const std::string& name) {
  return wait_for(clients().sqs.get_queue_url({.queue_name = name})).queue_url.value();
}

bool JobMachine::has_queue(const std::string& name) {
  const auto listed = wait_for(clients().sqs.list_queues({.queue_name_prefix = name}));
  return listed.queue_urls && std::ranges::any_of(*listed.queue_urls, [&](const std::string& url) {
           return url.ends_with("/" + name);
         });
}

std::uint64_t JobMachine::count_messages(const std::string& queue) {
  sqs::GetQueueAttributesRequest request{.queue_url = queue_url(queue)};
  request.attribute_names.emplace().push_back("All");
  const auto response = wait_for(clients().sqs.get_queue_attributes(std::move(request)));
  return std::stoull(response.attributes->at("ApproximateNumberOfMessages")) +
         std::stoull(response.attributes->at("ApproximateNumberOfMessagesNotVisible"));
}

void JobMachine::send(const std::string& queue, const std::string& body) {
  sqs::SendMessageRequest request{.queue_url = queue_url(queue), .message_body = body};
  request.message_group_id = "other";
  request.message_deduplication_id = machine.random.uuid();
  wait_for(clients().sqs.send_message(std::move(request)));
}

Remains JobMachine::remains(const MovieOptions& options) {
  Remains remains;
  dynamodb::ScanRequest scan{.table_name = options.table};
  do {
    auto page = wait_for(clients().dynamodb.scan(scan));
    for (const auto& item : page.items.value()) {
      std::string key;
      std::string text;
      for (const auto& [name, value] : item) {
        if (name == "job_id" || name == "part") key += dynamodb::describe(value);
        text += name + "=" + dynamodb::describe(value) + "\n";
      }
      remains.items[key] = text;
    }
    scan.exclusive_start_key = std::move(page.last_evaluated_key);
  } while (scan.exclusive_start_key && !scan.exclusive_start_key->empty());

  s3::GetObjectRequest get{.bucket = options.bucket};
  get.key = options.object_key();
  remains.object = client::read_body(wait_for(clients().s3.get_object(std::move(get))).body);

  remains.messages = count_messages(options.queue);
  remains.dead_letters = count_messages("movie-load-dlq.fifo");
  return remains;
}

}  // namespace matinee::simulation
