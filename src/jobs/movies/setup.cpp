// Finds and makes what a job works with.
#include "jobs/movies/setup.h"

#include <fmt/format.h>

#include "jobs/movies/redrive.h"

namespace matinee::jobs::movies {

namespace {

/// Of the queues made here. Foreign messages may be received that often before the service takes
/// them for poison; unintelligible ones are moved at once, by the job itself.
constexpr int max_receive_count = 10;
constexpr std::chrono::minutes longest_creation(5);

std::string dead_letter_name(const MovieOptions& options) {
  std::string name = options.queue;
  if (options.is_fifo()) name.resize(name.size() - std::string_view(".fifo").size());
  // AWS: at most 80 characters with the ending.
  name.resize(std::min<std::size_t>(name.size(), 80 - std::string_view("-dlq.fifo").size()));
  return name + (options.is_fifo() ? "-dlq.fifo" : "-dlq");
}

}  // namespace

void Setup::created(std::string_view kind, std::string_view name) {
  listener_.note(fmt::format("Created the {} {}.", kind, name));
}

void Setup::refuse_if_told(std::string_view kind, std::string_view name) const {
  if (!options_.create)
    throw JobError(
        fmt::format("There is no {} {}. Without --no-create the job would make it.", kind, name));
}

runtime::Task<QueueInfo> Setup::require_queue(std::string name) {
  std::optional<std::string> url = co_await find_queue(name);
  if (!url) {
    refuse_if_told("queue", name);
    url = co_await create_queue(name);
  }
  co_return co_await describe_queue(std::move(name), std::move(*url));
}

runtime::Task<std::optional<QueueInfo>> Setup::find_queue_info(std::string name) {
  std::optional<std::string> url = co_await find_queue(name);
  if (!url) co_return std::nullopt;
  co_return co_await describe_queue(std::move(name), std::move(*url));
}

runtime::Task<std::optional<std::string>> Setup::find_queue(std::string name, std::string account) {
  sqs::GetQueueUrlRequest request{.queue_name = std::move(name)};
  if (!account.empty()) request.queue_owner_aws_account_id = std::move(account);
  try {
    const auto response = co_await clients_.sqs.get_queue_url(std::move(request));
    co_return response.queue_url;
  } catch (const protocol::ServiceError& error) {
    if (!error.is<sqs::QueueDoesNotExist>()) throw;
  }
  co_return std::nullopt;
}

runtime::Task<std::string> Setup::create_dead_letter_queue() {
  const std::string name = dead_letter_name(options_);
  std::optional<std::string> url = co_await find_queue(name);
  if (!url) {
    sqs::CreateQueueRequest request{.queue_name = name};
    auto& attributes = request.attributes.emplace();
    if (options_.is_fifo()) attributes["FifoQueue"] = "true";
    attributes["MessageRetentionPeriod"] = "1209600";  // 14 days, the longest there is
    const auto response = co_await clients_.sqs.create_queue(std::move(request));
    url = response.queue_url.value_or("");
    created("dead-letter queue", name);
  }
  co_return co_await require_queue_arn(std::move(*url));
}

runtime::Task<std::string> Setup::require_queue_arn(std::string url) {
  sqs::GetQueueAttributesRequest request{.queue_url = std::move(url)};
  request.attribute_names.emplace().push_back("QueueArn");
  const auto response = co_await clients_.sqs.get_queue_attributes(std::move(request));
  if (!response.attributes || !response.attributes->contains("QueueArn"))
    throw JobError("The service does not tell the ARN of the dead-letter queue.");
  co_return response.attributes->at("QueueArn");
}

runtime::Task<std::string> Setup::create_queue(std::string name) {
  const RedrivePolicy redrive{co_await create_dead_letter_queue(), max_receive_count};
  sqs::CreateQueueRequest request{.queue_name = name};
  auto& attributes = request.attributes.emplace();
  if (options_.is_fifo()) {
    attributes["FifoQueue"] = "true";
    // High throughput: AWS limits calls for each group then, not for the queue.
    attributes["DeduplicationScope"] = "messageGroup";
    attributes["FifoThroughputLimit"] = "perMessageGroupId";
  }
  attributes["RedrivePolicy"] = to_attribute_text(redrive);
  const auto response = co_await clients_.sqs.create_queue(std::move(request));
  created("queue", name);
  co_return response.queue_url.value_or("");
}

runtime::Task<QueueInfo> Setup::describe_queue(std::string name, std::string url) {
  QueueInfo info{.name = name, .url = url, .fifo = options_.is_fifo()};
  sqs::GetQueueAttributesRequest request{.queue_url = std::move(url)};
  // All, because asking by name for an attribute that a queue does not have is an error in places.
  request.attribute_names.emplace().push_back("All");
  const auto response = co_await clients_.sqs.get_queue_attributes(std::move(request));
  if (!response.attributes || !response.attributes->contains("RedrivePolicy")) co_return info;
  const auto redrive = read_redrive_policy(response.attributes->at("RedrivePolicy"));
  if (!redrive) co_return info;
  const auto dead_letters = co_await find_queue(redrive->queue_name(), redrive->account());
  info.dead_letter_url = dead_letters.value_or("");
  info.max_receive_count = redrive->max_receive_count;
  if (!dead_letters)
    listener_.warn(fmt::format("The dead-letter queue {} of the queue {} does not exist.",
                               redrive->queue_name(), name));
  co_return info;
}

runtime::Task<std::optional<dynamodb::TableDescription>> Setup::find_table() {
  dynamodb::DescribeTableRequest request{.table_name = options_.table};
  try {
    auto response = co_await clients_.dynamodb.describe_table(std::move(request));
    co_return std::move(response.table);
  } catch (const protocol::ServiceError& error) {
    if (!error.is<dynamodb::ResourceNotFoundException>()) throw;
  }
  co_return std::nullopt;
}

runtime::Task<KeyStyle> Setup::require_table() {
  std::optional<dynamodb::TableDescription> table = co_await find_table();
  if (!table) {
    refuse_if_told("table", options_.table);
    co_await create_table();
  }
  const runtime::Time patience_ends = clock_.now() + longest_creation;
  while (!table || table->table_status == "CREATING") {
    if (clock_.now() > patience_ends)
      throw JobError(fmt::format("The table {} is still being created.", options_.table));
    if (table) co_await runtime::sleep_until(clock_, clock_.now() + std::chrono::seconds(1));
    table = co_await find_table();
  }
  if (table->table_status == "DELETING")
    throw JobError(
        fmt::format("The table {} is being deleted; try again in a minute.", options_.table));
  co_return require_key_style(*table, options_.table);
}

runtime::Task<> Setup::create_table() {
  dynamodb::CreateTableRequest request{.table_name = options_.table};
  request.attribute_definitions.emplace() = {{.attribute_name = "job_id", .attribute_type = "S"},
                                             {.attribute_name = "part", .attribute_type = "S"}};
  request.key_schema.emplace() = {{.attribute_name = "job_id", .key_type = "HASH"},
                                  {.attribute_name = "part", .key_type = "RANGE"}};
  request.billing_mode = "PAY_PER_REQUEST";
  try {
    co_await clients_.dynamodb.create_table(std::move(request));
    created("table", options_.table);
  } catch (const protocol::ServiceError& error) {
    // Another job that was started at the same time may have been faster.
    if (!error.is<dynamodb::ResourceInUseException>()) throw;
  }
}

KeyStyle require_key_style(const dynamodb::TableDescription& table, const std::string& name) {
  std::map<std::string, std::string> types;
  if (table.attribute_definitions)
    for (const auto& definition : *table.attribute_definitions)
      types[definition.attribute_name] = definition.attribute_type;
  std::string key;
  if (table.key_schema)
    for (const auto& element : *table.key_schema)
      key += fmt::format("{}:{}:{} ", element.attribute_name, types[element.attribute_name],
                         element.key_type);
  if (key == "job_id:S:HASH ") return KeyStyle::job_only;
  if (key == "job_id:S:HASH part:S:RANGE ") return KeyStyle::job_and_part;
  throw JobError(
      fmt::format("The table {} has another key than a movie job's, which is the string "
                  "job_id, alone or with the string part as sort key.",
                  name));
}

runtime::Task<std::string> Setup::require_bucket() {
  s3::HeadBucketRequest head{.bucket = options_.bucket};
  std::optional<std::string> region;
  try {
    const auto response = co_await clients_.s3.head_bucket(std::move(head));
    region = response.bucket_region.value_or(options_.region);
  } catch (const protocol::ServiceError& error) {
    if (error.status() == 403)
      throw JobError(
          fmt::format("The bucket {} belongs to somebody else, or you may not see it; "
                      "bucket names are shared by all of AWS, choose another --bucket.",
                      options_.bucket));
    if (error.status() == 301)
      throw JobError(fmt::format("The bucket {} is in another region than {}.", options_.bucket,
                                 options_.region));
    if (error.status() != 404) throw;
  }
  if (region) {
    if (*region != options_.region)
      listener_.note(
          fmt::format("The bucket {} is in {}, and is used there.", options_.bucket, *region));
    co_return std::move(*region);
  }
  refuse_if_told("bucket", options_.bucket);
  s3::CreateBucketRequest request{.bucket = options_.bucket};
  if (options_.region != "us-east-1")
    request.create_bucket_configuration.emplace().location_constraint = options_.region;
  try {
    co_await clients_.s3.create_bucket(std::move(request));
    created("bucket", options_.bucket);
  } catch (const protocol::ServiceError& error) {
    if (!error.is<s3::BucketAlreadyOwnedByYou>()) throw;
  }
  co_return options_.region;
}

}  // namespace matinee::jobs::movies
