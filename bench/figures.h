// The figures that the project promises, each measured by one function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report.h"

namespace bench {

/// What to measure and how long; the defaults are what `make bench` uses.
struct Settings {
  std::string binary;
  /// A server that already runs on this port of 127.0.0.1; zero to start one for each figure group.
  std::uint16_t port = 0;
  int connections = 64;
  double seconds = 5;
  double warm_up_seconds = 1;
  std::uint64_t movies = 1'000'000;
  std::uint64_t published_objects = 1'000'000;
  std::uint64_t deep_messages = 1'000'000;
  /// Measures only those of the deep queues whose name contains this.
  std::string queues;
  /// Items in a deep table, and as many objects in a deep bucket.
  std::uint64_t deep_items = 1'000'000;
  /// Items of a large table.
  std::uint64_t table_items = 10'000'000;
  int polls = 10'000;
  std::uint64_t large_object_bytes = 1'000'000'000;
  std::uint64_t parts_bytes = 20'000'000'000;
  std::uint64_t listed_keys = 1'000'000;
  std::uint64_t log_events = 10'000'000;
  /// Measures only those figures of functions whose name contains this.
  std::string functions;
  /// A MiniStack that runs on this port of 127.0.0.1, and its process; zero for none.
  std::uint16_t ministack_port = 0;
  int ministack_process = 0;
};

/// Milliseconds until ready on a new directory, and resident memory when idle.
std::vector<Figure> measure_startup(const Settings& settings);

/// Messages a second: sent in batches, sent one by one, received and deleted; what one connection
/// waits for; and batches that reach the disk before their answer.
std::vector<Figure> measure_sqs(const Settings& settings);

/// A standard and a FIFO queue with a million messages: speed beside a queue with a thousand,
/// memory for a message, and how soon a restarted server answers. On servers of its own.
std::vector<Figure> measure_sqs_depth(const Settings& settings);

/// A table and a bucket with a million items and objects, that compress well and that do not:
/// random reads and overwrites beside a server with 10,000, and memory. On servers of its own.
std::vector<Figure> measure_depth(const Settings& settings);

/// 10,000 waiting receives: the server's memory, and how soon a sent message reaches one of them.
/// On a server of its own.
std::vector<Figure> measure_sqs_polls(const Settings& settings);

/// Items a second: PutItem, GetItem, BatchWriteItem and TransactWriteItems, and pages of Query.
std::vector<Figure> measure_dynamodb(const Settings& settings);

/// A table of ten million items: speed beside one of 10,000, memory, how soon a restarted server is
/// ready, what others wait beside its queries and scans, and its removal. On servers of its own.
std::vector<Figure> measure_tables(const Settings& settings);

/// Objects of 4 KB a second, bytes a second for one large object, keys a second of a listing, and
/// the server's memory.
std::vector<Figure> measure_s3(const Settings& settings);

/// Log events a second that come in by batches, and that a filter looks through; and the server's
/// memory with all of them.
std::vector<Figure> measure_logs(const Settings& settings);

/// What topics and rules deliver to queues a second, and how long one waits for it.
std::vector<Figure> measure_delivery(const Settings& settings);

/// Publish and PutEvents where thousands of subscriptions and rules do not want what comes, beside
/// topics and buses that have none, in turn.
std::vector<Figure> measure_crowd(const Settings& settings);

/// Ten thousand targets that are dead: what others wait meanwhile, memory, how soon a killed server
/// is there again, and dead letters. On servers of its own.
std::vector<Figure> measure_lanes(const Settings& settings);

/// SendMessage and PutItem with a role of ten statements: how fast a server is that enforces its
/// policies, beside one that asks none. On servers of its own.
std::vector<Figure> measure_identity(const Settings& settings);

/// SQS at full load with the journal of messages, beside a server without it, in turn.
std::vector<Figure> measure_journal(const Settings& settings);

/// How long a small read waits, at the 99th percentile and at worst, while somebody else sends what
/// takes the server longest.
std::vector<Figure> measure_fairness(const Settings& settings);

/// Calls of functions: how many a second, what each costs, cold starts, from a message to its
/// handler, and what functions cost that nobody calls.
std::vector<Figure> measure_functions(const Settings& settings);

/// The publisher on the embedded cloud: seconds and peak memory for a million objects, and once
/// more with nothing new.
std::vector<Figure> measure_publish(const Settings& settings);

/// The movie job on the embedded cloud: seconds and peak memory.
std::vector<Figure> measure_movies(const Settings& settings);

}  // namespace bench
