// What the simulation of functions plays with.
#include "functions_cloud.h"

#include <fmt/format.h>

#include "runtime/real/sandbox/zip_fixture.h"

namespace matinee::simulation {

namespace {

using Attributes = std::map<std::string, std::string>;

constexpr const char* role = "arn:aws:iam::000000000000:role/function";
constexpr const char* allow_all = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":"*","Action":"*","Resource":"*"}]})";
constexpr const char* two_weeks = "1209600";
const std::string failures_topic = "arn:aws:sns:us-east-1:000000000000:failures";
const std::string results_bus = "arn:aws:events:us-east-1:000000000000:event-bus/results";

}  // namespace

std::string arn_of_queue(const std::string& name) {
  return "arn:aws:sqs:us-east-1:000000000000:" + name;
}

std::string url_of_queue(const std::string& name) {
  return "http://localhost:4566/000000000000/" + name;
}

std::string arn_of_function(const std::string& name) {
  return "arn:aws:lambda:us-east-1:000000000000:function:" + name;
}

FunctionsCloud::FunctionsCloud(std::uint64_t seed, FunctionScript& script)
    : script_(script),
      machine(seed, {.on_start = [this](cloud::Cloud& cloud,
                                        runtime::RealLoop& loop) { start(cloud, loop); },
                     .on_stop =
                         [this] {
                           players_.clear();
                           sandboxes_.reset();
                           ports_.reset();
                         }}) {}

void FunctionsCloud::start(cloud::Cloud& cloud, runtime::RealLoop& loop) {
  ports_ = std::make_unique<SimulatedPorts>(loop);
  sandboxes_ = std::make_unique<runtime::SimulatedSandboxes>(loop);
  sandboxes_->let_starting_take(std::chrono::milliseconds(20));
  sandboxes_->provide(
      "app.handler", [this, &loop](std::shared_ptr<runtime::SimulatedProgram> program) {
        std::erase_if(players_, [](const auto& player) { return !player->is_running(); });
        players_.push_back(
            std::make_shared<FunctionPlayer>(loop, *ports_, script_, std::move(program)));
        players_.back()->begin();
      });
  cloud.run_functions(*sandboxes_, *ports_,
                      {.endpoint = "http://127.0.0.1:4566", .directory = "/loaders"});
}

std::size_t FunctionsCloud::at_work(const std::string& function) const {
  std::size_t count = 0;
  for (const auto& player : players_)
    if (player->is_at_work() && player->call().function == function) ++count;
  return count;
}

std::size_t FunctionsCloud::at_work_for(const std::string& queue_arn) const {
  std::size_t count = 0;
  for (const auto& player : players_)
    if (player->is_at_work() && player->call().payload.contains('"' + queue_arn + '"')) ++count;
  return count;
}

void FunctionsCloud::make_queue(const std::string& name, Attributes attributes) {
  attributes.emplace("MessageRetentionPeriod", two_weeks);
  attributes.emplace("Policy", allow_all);
  if (name.ends_with(".fifo")) attributes["FifoQueue"] = "true";
  must(sqs().create_queue({.queue_name = name, .attributes = std::move(attributes)}));
}

void FunctionsCloud::make_queues() {
  for (const char* name : {"async-dead", "done", "failed", "bus-failed", "work-dead"})
    make_queue(name, {});
  // Six times as long as the function may take, as AWS recommends, and the window.
  make_queue("work",
             {{"VisibilityTimeout", "20"},
              {"RedrivePolicy", fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":4}})",
                                            arn_of_queue("work-dead"))}});
  make_queue("picky", {{"VisibilityTimeout", "20"}});
  make_queue("bulk", {{"VisibilityTimeout", "40"}});
  make_queue("line.fifo", {{"VisibilityTimeout", "20"}});
}

void FunctionsCloud::make_function(const std::string& name, const std::string& dead_letters) {
  lambda::CreateFunctionRequest request{
      .function_name = name, .runtime = "python3.12", .role = role, .handler = "app.handler"};
  request.code.zip_file.emplace().bytes = runtime::make_zip({{.name = "app.py", .content = name}});
  request.timeout = 3;
  if (!dead_letters.empty())
    request.dead_letter_config = lambda::DeadLetterConfig{.target_arn = dead_letters};
  request.environment.emplace().variables = Attributes{{"GENERATION", "0"}};
  must(lambda().create_function(std::move(request)));
}

void FunctionsCloud::make_functions() {
  make_function("plain", arn_of_queue("async-dead"));
  for (const char* name : {"told", "bus", "sink", "worker", "bulker", "liner"})
    make_function(name, "");
  for (const char* name : {"plain", "told", "bus"}) {
    must(lambda().add_permission({.function_name = name,
                                  .statement_id = "topic",
                                  .action = "lambda:InvokeFunction",
                                  .principal = "sns.amazonaws.com",
                                  .source_arn = calls_topic}));
    must(sns().subscribe(
        {.topic_arn = calls_topic, .protocol = "lambda", .endpoint = arn_of_function(name)}));
  }
}

void FunctionsCloud::make_destinations() {
  const auto configure = [this](const std::string& function, const std::string& success,
                                const std::string& failure) {
    lambda::PutFunctionEventInvokeConfigRequest request{.function_name = function};
    request.destination_config.emplace().on_success = lambda::OnSuccess{.destination = success};
    request.destination_config->on_failure = lambda::OnFailure{.destination = failure};
    if (function == "told") {
      request.maximum_retry_attempts = 1;
      request.maximum_event_age_in_seconds = 300;
    }
    must(lambda().put_function_event_invoke_config(std::move(request)));
  };
  configure("told", arn_of_queue("done"), failures_topic);
  configure("bus", arn_of_function("sink"), results_bus);
  must(sns().subscribe({.topic_arn = failures_topic,
                        .protocol = "sqs",
                        .endpoint = arn_of_queue("failed"),
                        .attributes = Attributes{{"RawMessageDelivery", "true"}}}));
  must(events().create_event_bus({.name = "results"}));
  must(events().put_rule({.name = "failed",
                          .event_pattern = R"({"source":["lambda"]})",
                          .event_bus_name = "results"}));
  std::vector<events::Target> targets;
  targets.push_back({.id = "q", .arn = arn_of_queue("bus-failed")});
  must(events().put_targets(
      {.rule = "failed", .event_bus_name = "results", .targets = std::move(targets)}));
}

void FunctionsCloud::make_mapping(const std::string& queue,
                                  lambda::CreateEventSourceMappingRequest request) {
  request.event_source_arn = arn_of_queue(queue);
  mappings[queue] = *must(lambda().create_event_source_mapping(std::move(request))).uuid;
}

void FunctionsCloud::build() {
  make_queues();
  must(sns().create_topic({.name = "calls"}));
  must(sns().create_topic({.name = "failures"}));
  make_functions();
  make_destinations();
  const std::vector<std::string> reports{"ReportBatchItemFailures"};
  make_mapping("work",
               {.function_name = "worker", .batch_size = 5, .function_response_types = reports});
  lambda::CreateEventSourceMappingRequest picky{.function_name = "worker"};
  picky.filter_criteria.emplace().filters.emplace().push_back(
      {.pattern = R"({"body":{"kind":["a"]}})"});
  make_mapping("picky", std::move(picky));
  make_mapping("bulk", {.function_name = "bulker",
                        .batch_size = 50,
                        .scaling_config = lambda::ScalingConfig{.maximum_concurrency = 2},
                        .maximum_batching_window_in_seconds = 20});
  make_mapping("line.fifo", {.function_name = "liner", .function_response_types = reports});
  machine.settle();
}

}  // namespace matinee::simulation
