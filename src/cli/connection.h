// The cloud that a job talks to: the one inside this program, a server on the same data directory,
// any other URL, or AWS.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "cli/surroundings.h"
#include "client/channel.h"

namespace matinee::cli {

struct CloudChoice {
  std::string cloud = "embedded";  // "embedded", "aws" or a URL
  std::string directory;           // of the embedded cloud
  std::string region;              // empty: from the environment or the profile
  std::string profile;             // empty: from the environment
  /// Whether the embedded cloud's store takes a third of its usual memory, and is a little slower:
  /// for a job that leaves a million messages in a queue, which take memory of their own.
  bool has_small_store = false;
  /// Whether functions run in the embedded cloud while the command does.
  bool runs_functions = false;
};

class Connection {
 public:
  virtual ~Connection() = default;

  virtual client::Channel& channel() = 0;
  /// "us-east-1"
  virtual std::string region() const = 0;
  /// For sentences: "the embedded cloud", "http://localhost:4566", "AWS".
  virtual std::string name() const = 0;
  /// What the aws CLI needs to look at the same cloud: " --endpoint-url http://..." or nothing.
  virtual std::string cli_arguments() const = 0;
  /// What to know before such a command: ", once \"matinee up\" serves it"; or nothing.
  virtual std::string look_first() const = 0;
  /// Of a server; empty for the cloud inside this program and for AWS.
  virtual std::string url() const = 0;
  /// The data directory that was asked for, where a server holds it; else empty.
  virtual std::string served_directory() const = 0;
};

/// The error is one sentence.
std::expected<std::unique_ptr<Connection>, std::string> connect(Surroundings& surroundings,
                                                                const CloudChoice& choice);

}  // namespace matinee::cli
