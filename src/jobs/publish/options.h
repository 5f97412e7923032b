// What the publisher can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/clock.h"

namespace matinee::jobs::publish {

/// What becomes of messages that were sent when the program was killed, where it is too late to
/// find out whether the queue has them.
enum class InDoubt : std::uint8_t { send, skip };

struct PublishOptions {
  std::string bucket;
  /// A URL, or a name.
  std::string queue;
  std::string prefix;
  std::string suffix;
  /// Only objects modified then or later; and the words that said so.
  std::optional<runtime::Time> since;
  std::string since_text;
  /// Objects to publish at most.
  std::optional<std::uint64_t> limit;
  std::uint64_t groups = 64;       // message groups of a FIFO queue, 1 to 1,000
  std::uint64_t concurrency = 16;  // ranges listed, and batches sent, at the same time; 1 to 256
  bool dry_run = false;
  bool again = false;
  InDoubt in_doubt = InDoubt::send;

  /// Where ledgers are, and the name of the cloud in them, which stays the same when its address
  /// changes: "embedded", "aws" or a URL.
  std::string ledger_base;
  std::string cloud_id = "embedded";
  /// For sentences: "the embedded cloud in /data", "http://localhost:4566", "AWS".
  std::string cloud = "the embedded cloud";
  std::string region = "us-east-1";
  /// Of the server that is talked to; empty for the cloud inside this program and for AWS.
  std::string server_url;

  bool is_fifo() const { return queue.ends_with(".fifo"); }
  /// The last part of the queue's URL.
  std::string queue_name() const;
  /// Prefix, suffix and since: what two runs must have in common for one to go on with the other.
  std::string selection() const;
};

/// What is wrong with the options, as a sentence; empty where nothing is.
std::string find_option_fault(const PublishOptions& options);

/// "2024-02-29", "2024-02-29T12:00:00Z", or how long ago: "90s", "15m", "2h", "7d", "3w". Nothing
/// for other text.
std::optional<runtime::Time> find_time(std::string_view text, runtime::Time now);

}  // namespace matinee::jobs::publish
