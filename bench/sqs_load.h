// The SQS figures: sending in batches, sending one by one, and receiving with deleting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http_load.h"

namespace bench {

/// Creates a standard queue and returns its URL.
std::string create_queue(std::uint16_t port, const std::string& name);

/// Sends the same request over and over; each answer counts for a fixed number of messages.
class SendLoad : public Workload {
 public:
  /// SendMessageBatch with ten messages of 200 bytes.
  static SendLoad batches(std::uint16_t port, const std::string& queue_url);

  /// SendMessage with one message of 200 bytes.
  static SendLoad single_messages(std::uint16_t port, const std::string& queue_url);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  SendLoad(std::string request, std::uint64_t messages)
      : request_(std::move(request)), messages_(messages) {}

  std::string request_;
  std::uint64_t messages_;
};

/// Receives ten messages, deletes them in a batch, and counts them when they are deleted.
class ReceiveLoad : public Workload {
 public:
  ReceiveLoad(std::uint16_t port, const std::string& queue_url, int connections);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  struct Turn {
    std::string deletion;
    std::uint64_t to_delete = 0;
  };

  std::uint16_t port_;
  std::string queue_url_;
  std::string receive_;
  std::vector<Turn> turns_;
};

}  // namespace bench
