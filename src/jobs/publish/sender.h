// Batches of messages: noted in the ledger, sent, and what came of them noted again.
#pragma once

#include "client/retry.h"
#include "jobs/publish/lane.h"
#include "jobs/publish/message.h"
#include "jobs/publish/options.h"
#include "sqs/client.h"

namespace matinee::jobs::publish {

/// A batch has up to ten entries. Ten keys at their longest, every byte of them escaped, and the
/// bucket's name take less than 80 KB: far below what one call may carry.
inline constexpr std::size_t batch_size = 10;

/// For so long a FIFO queue drops a message whose deduplication id it knows.
inline constexpr std::chrono::minutes deduplication_window(5);
/// What is sent again in that time must arrive in it.
inline constexpr std::chrono::seconds deduplication_margin(30);

class Sender {
 public:
  /// `options` must outlive it.
  Sender(const PublishOptions& options, sqs::Client client, client::Backoff backoff)
      : options_(options), client_(client), backoff_(backoff), messages_(options.bucket) {}

  /// Finds the queue's URL, if only its name is known, and whether it is there. Throws JobError
  /// with a sentence where it is not, or not here.
  runtime::Task<> require_queue();
  const std::string& queue_url() const { return queue_url_; }

  /// Sends a batch; entries that have no doubt get one. Both must stay until the end. What the
  /// queue refuses for good is counted as failed. Throws JobError where there is no use in going
  /// on; the batch stays in doubt then.
  runtime::Task<> send(std::vector<Entry> batch, LaneWriter& lane);
  /// Counts an object that cannot be sent.
  void fail(const std::string& key, const std::string& reason);

  /// Whether the queue still drops a message that was sent as `doubt` says.
  bool is_dropped_when_repeated(const Doubt& doubt) const;

  std::uint64_t published() const { return published_; }
  std::uint64_t failed() const { return failed_; }
  /// Messages whose attempts took longer than the queue drops repetitions.
  std::uint64_t late() const { return late_; }
  /// The first ones, as sentences.
  const std::vector<std::string>& failures() const { return failures_; }
  /// Called after each batch.
  std::move_only_function<void()> on_batch = [] {};

 private:
  using Request = sqs::SendMessageBatchRequestEntry;

  const PublishOptions& options_;
  sqs::Client client_;
  client::Backoff backoff_;
  MessageMaker messages_;
  std::string queue_url_;
  std::uint64_t published_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t late_ = 0;
  std::vector<std::string> failures_;

  std::vector<Request> make_requests(const std::vector<Entry>& batch);
  /// Sends until each entry is taken or refused for good; returns which were taken.
  runtime::Task<TakenMask> send_all(const std::vector<Entry>& batch);
  runtime::Task<sqs::SendMessageBatchResponse> call(std::vector<Request> entries);
  void refuse(const Entry& entry, const sqs::BatchResultErrorEntry& failure);
  void check_place() const;
  [[noreturn]] void explain(const protocol::ServiceError& error) const;
};

}  // namespace matinee::jobs::publish
