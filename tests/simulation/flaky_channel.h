// A channel to services that are busy: they take only some of a batch's entries, now and then.
#pragma once

#include "client/channel.h"
#include "dynamodb/operations.h"
#include "runtime/random.h"
#include "sqs/operations.h"

namespace matinee::simulation {

class FlakyChannel final : public client::Channel {
 public:
  /// Of all entries, one in `one_in` is not taken.
  FlakyChannel(client::Channel& inner, runtime::Random& random, std::uint64_t one_in)
      : inner_(inner), random_(random), one_in_(one_in) {}

  runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                       protocol::Object request) override {
    if (&operation == &sqs::operations::SendMessageBatch)
      return call_queue<sqs::SendMessageBatchRequest, sqs::SendMessageBatchResponse>(
          operation, std::move(request));
    if (&operation == &sqs::operations::DeleteMessageBatch)
      return call_queue<sqs::DeleteMessageBatchRequest, sqs::DeleteMessageBatchResponse>(
          operation, std::move(request));
    if (&operation == &dynamodb::operations::BatchWriteItem)
      return write(operation, std::move(request));
    if (&operation == &dynamodb::operations::BatchGetItem)
      return read(operation, std::move(request));
    return inner_.call(operation, std::move(request));
  }

  std::uint64_t refused() const { return refused_; }

 private:
  client::Channel& inner_;
  runtime::Random& random_;
  std::uint64_t one_in_;
  std::uint64_t refused_ = 0;

  /// Takes entries out of a batch; at least one stays.
  template <class Entry>
  std::vector<Entry> refuse(std::vector<Entry>& entries) {
    std::vector<Entry> out;
    for (std::size_t i = entries.size(); i-- > 0 && entries.size() > 1;) {
      if (random_.below(one_in_) != 0) continue;
      out.push_back(std::move(entries[i]));
      entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
    }
    refused_ += out.size();
    return out;
  }

  template <class Request, class Response>
  runtime::Task<protocol::Object> call_queue(const protocol::Operation& operation,
                                             protocol::Object request) {
    const auto refused = refuse(request.as<Request>().entries);
    protocol::Object response = co_await inner_.call(operation, std::move(request));
    for (const auto& entry : refused)
      response.as<Response>().failed.push_back(
          {.id = entry.id, .sender_fault = false, .code = "InternalError"});
    co_return response;
  }

  runtime::Task<protocol::Object> write(const protocol::Operation& operation,
                                        protocol::Object request) {
    std::map<std::string, std::vector<dynamodb::WriteRequest>> refused;
    for (auto& [table, writes] : request.as<dynamodb::BatchWriteItemRequest>().request_items)
      if (auto out = refuse(writes); !out.empty()) refused[table] = std::move(out);
    protocol::Object response = co_await inner_.call(operation, std::move(request));
    response.as<dynamodb::BatchWriteItemResponse>().unprocessed_items = std::move(refused);
    co_return response;
  }

  runtime::Task<protocol::Object> read(const protocol::Operation& operation,
                                       protocol::Object request) {
    std::map<std::string, dynamodb::KeysAndAttributes> refused;
    for (auto& [table, selection] : request.as<dynamodb::BatchGetItemRequest>().request_items)
      if (auto out = refuse(selection.keys); !out.empty()) refused[table].keys = std::move(out);
    protocol::Object response = co_await inner_.call(operation, std::move(request));
    response.as<dynamodb::BatchGetItemResponse>().unprocessed_keys = std::move(refused);
    co_return response;
  }
};

}  // namespace matinee::simulation
