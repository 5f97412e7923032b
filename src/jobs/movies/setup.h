// Finds the queue, the table and the bucket of a job, and makes those that are missing.
#pragma once

#include "client/retry.h"
#include "dynamodb/client.h"
#include "jobs/movies/items.h"
#include "jobs/movies/queue.h"
#include "jobs/movies/summary.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::jobs::movies {

/// The services that a job works with.
struct Clients {
  sqs::Client sqs;
  dynamodb::Client dynamodb;
  s3::Client s3;
};

class Setup {
 public:
  /// All must outlive it.
  Setup(const MovieOptions& options, const Clients& clients, runtime::Clock& clock,
        ProgressListener& listener)
      : options_(options), clients_(clients), clock_(clock), listener_(listener) {}

  // Each says in a note what it makes, and throws JobError where something is missing and
  // `options.create` is false, or where what is there cannot be used.

  /// The queue of that name, with the dead-letter queue of the job's queue, "NAME-dlq".
  runtime::Task<QueueInfo> require_queue(std::string name);
  /// The same where it is there already, else nothing.
  runtime::Task<std::optional<QueueInfo>> find_queue_info(std::string name);
  runtime::Task<KeyStyle> require_table();
  /// The bucket's region.
  runtime::Task<std::string> require_bucket();

 private:
  const MovieOptions& options_;
  const Clients& clients_;
  runtime::Clock& clock_;
  ProgressListener& listener_;

  /// Of the caller's account where `account` is empty.
  runtime::Task<std::optional<std::string>> find_queue(std::string name, std::string account = "");
  runtime::Task<std::string> create_queue(std::string name);
  runtime::Task<std::string> create_dead_letter_queue();
  runtime::Task<std::string> require_queue_arn(std::string url);
  runtime::Task<QueueInfo> describe_queue(std::string name, std::string url);
  runtime::Task<> create_table();
  runtime::Task<std::optional<dynamodb::TableDescription>> find_table();
  void created(std::string_view kind, std::string_view name);
  void refuse_if_told(std::string_view kind, std::string_view name) const;
};

/// How a table's key is made; throws JobError for keys that a job cannot be stored under.
KeyStyle require_key_style(const dynamodb::TableDescription& table, const std::string& name);

}  // namespace matinee::jobs::movies
