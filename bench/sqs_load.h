// The SQS loads: sending in batches, sending one by one, receiving with deleting, and all of them
// in turn at a constant depth.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http_load.h"

namespace bench {

/// A queue and how to reach it. The ten messages of a batch for a FIFO queue are of ten different
/// groups, or all of the same.
struct Queue {
  std::uint16_t port = 0;
  std::string url;
  bool fifo = false;
  bool batches_share_group = false;
  bool one_by_one = false;  // how CycleLoad sends
};

/// Creates a queue; a FIFO queue when its name ends with .fifo.
Queue create_queue(std::uint16_t port, const std::string& name);

/// A SendMessageBatch of ten messages of 200 bytes. In a FIFO queue each message has a number of
/// its own, which is its deduplication id and decides which of 10,000 groups it belongs to.
class BatchRequest {
 public:
  explicit BatchRequest(const Queue& queue);

  /// The request for the ten messages that begin with that number; valid until the next call.
  std::string_view numbered(std::uint64_t first);

 private:
  std::string request_;
  std::vector<std::size_t> places_;
  std::uint64_t messages_of_group_;
};

/// A SendMessage of 200 bytes; in a FIFO queue with a number like those of a batch.
class SingleRequest {
 public:
  explicit SingleRequest(const Queue& queue);

  /// The request for the message of that number; valid until the next call.
  std::string_view numbered(std::uint64_t number);

 private:
  std::string request_;
  std::vector<std::size_t> places_;
};

/// SendMessage over and over.
class SingleLoad : public Workload {
 public:
  SingleLoad(const Queue& queue, int connections);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  std::vector<SingleRequest> requests_;
  std::uint64_t sent_ = 0;
};

/// Batches of ten; counts messages.
class BatchLoad : public Workload {
 public:
  BatchLoad(const Queue& queue, int connections);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  std::vector<BatchRequest> requests_;
  std::uint64_t sent_ = 0;
};

/// Receives ten messages, deletes them in a batch, and counts them when they are deleted.
class ReceiveLoad : public Workload {
 public:
  ReceiveLoad(const Queue& queue, int connections);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

  /// How many messages the connection's next request deletes.
  std::uint64_t to_delete(int connection) const;

 private:
  struct Turn {
    std::string deletion;
    std::uint64_t to_delete = 0;
  };

  Queue queue_;
  std::string receive_;
  std::vector<Turn> turns_;
};

/// Each connection sends ten messages, in a batch or one by one, then receives and deletes as many,
/// so that the queue stays as deep as it is. Counts messages when they are deleted.
class CycleLoad : public Workload {
 public:
  /// Numbers its messages from first_number on.
  CycleLoad(const Queue& queue, int connections, std::uint64_t first_number = 0);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

  /// The first number that it has not used.
  std::uint64_t next_number() const { return next_number_; }

 private:
  struct Turn {
    BatchRequest batch;
    SingleRequest single;
    std::uint64_t owed = 0;  // messages that were sent and are to be received
    bool sending = false;
    bool sent_all = false;
  };

  bool one_by_one_;
  ReceiveLoad receive_;
  std::vector<Turn> turns_;
  std::uint64_t next_number_;
};

/// ReceiveMessage of up to ten messages that waits for that many seconds.
std::string receive_request(const Queue& queue, int wait_seconds);

}  // namespace bench
