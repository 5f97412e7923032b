#include "jobs/tables/batch_writer.h"

#include <fmt/format.h>

#include <unordered_map>

#include "dynamodb/errors.h"
#include "jobs/report.h"

namespace matinee::jobs::tables {
namespace {

using table_files::Record;

constexpr std::size_t batch_size = 25;
/// Calls in a row that take nothing, before that has failed: some five minutes.
constexpr int most_attempts = 40;
constexpr std::size_t most_failures = 10;  // that are kept
constexpr std::uint64_t most_told = 100;

/// What is wrong with a record, and not with the call.
bool is_refusal(const protocol::ServiceError& error) {
  return error.code() == "ValidationException" ||
         error.code() == "ItemCollectionSizeLimitExceededException";
}

}  // namespace

BatchWriter::BatchWriter(dynamodb::Client client, client::Backoff backoff, const TableKeys& table,
                         std::string cloud)
    : client_(client), backoff_(backoff), table_(table), cloud_(std::move(cloud)) {}

std::string BatchWriter::key_text(const Record& record) const {
  std::string text;
  for (const table_files::KeyDefinition& key : table_.keys) {
    const dynamodb::AttributeValue& value = record.content.at(key.name);
    if (const auto* string = value.find<std::string>())
      text += *string;
    else
      text += dynamodb::describe(value);
    text += '\0';
  }
  return text;
}

std::vector<std::vector<std::size_t>> BatchWriter::divide(const table_files::Block& block) {
  std::vector<std::vector<std::size_t>> batches;
  std::unordered_map<std::string, std::size_t> places;  // in the newest batch, by key
  for (std::size_t i = 0; i < block.records.size(); ++i) {
    if (batches.empty() || batches.back().size() == batch_size) {
      batches.emplace_back().reserve(batch_size);
      places.clear();
    }
    std::vector<std::size_t>& batch = batches.back();
    const auto [place, is_new] = places.try_emplace(key_text(block.records[i]), batch.size());
    if (is_new) {
      batch.push_back(i);
    } else {
      batch[place->second] = i;
      ++repeated_;
    }
  }
  return batches;
}

BatchWriter::Writes BatchWriter::take_writes(PendingBlock& block,
                                             const std::vector<std::size_t>& places) const {
  table_files::RecordReader reader(block.form);
  Writes writes;
  writes.reserve(places.size());
  for (const std::size_t place : places) {
    Record& record = block.block.records[place];
    if (record.content.empty())
      reader.read(std::string_view(block.block.text).substr(record.begin, record.length), record);
    dynamodb::WriteRequest& write = writes.emplace_back();
    if (record.removes)
      write.delete_request.emplace().key = std::move(record.content);
    else
      write.put_request.emplace().item = std::move(record.content);
    record.content.clear();
  }
  return writes;
}

runtime::Task<> BatchWriter::write(std::shared_ptr<PendingBlock> block,
                                   std::vector<std::size_t> places) {
  for (int attempt = 1;; ++attempt) {
    const Sent sent = co_await send(take_writes(*block, places));
    if (sent.outcome == Outcome::taken) break;
    if (sent.outcome == Outcome::throttled) {
      if (attempt >= most_attempts)
        throw JobError(fmt::format("The table {} takes no more: {}", table_.name, sent.reason));
      co_await backoff_.pause(attempt);
      continue;
    }
    if (places.size() == 1)
      co_return fail(*block, block->block.records[places[0]].line, sent.reason);
    for (const std::size_t place : places) co_await write(block, {place});
    co_return;
  }
  for (const std::size_t place : places) block->block.records[place].removes ? ++removed_ : ++put_;
}

runtime::Task<BatchWriter::Sent> BatchWriter::send(Writes writes) {
  for (int attempt = 1; !writes.empty(); ++attempt) {
    const std::size_t before = writes.size();
    dynamodb::BatchWriteItemRequest request;
    request.request_items[table_.name] = std::exchange(writes, {});
    try {
      auto response = co_await client_.batch_write_item(std::move(request));
      if (response.unprocessed_items)
        for (auto& [name, left] : *response.unprocessed_items)
          std::ranges::move(left, std::back_inserter(writes));
    } catch (const protocol::ServiceError& error) {
      const std::string reason = error.message().empty() ? error.code() : error.message();
      if (client::is_throttling(error)) co_return Sent{Outcome::throttled, reason};
      if (is_refusal(error)) co_return Sent{Outcome::refused, reason};
      explain(error);
    }
    if (writes.empty()) break;
    if (writes.size() < before) attempt = 1;
    if (attempt >= most_attempts)
      co_return Sent{Outcome::throttled, "it leaves all of a batch unprocessed."};
    co_await backoff_.pause(attempt);
  }
  co_return Sent{};
}

void BatchWriter::fail(PendingBlock& block, std::uint64_t line, const std::string& reason) {
  ++block.failed;
  fail(fmt::format("{}:{}: {}", block.name, line, reason));
}

void BatchWriter::fail(const std::string& sentence) {
  if (++failed_ <= most_told) on_failure(sentence);
  if (failures_.size() < most_failures) failures_.push_back(sentence);
}

void BatchWriter::explain(const protocol::ServiceError& error) const {
  if (error.is<dynamodb::ResourceNotFoundException>())
    throw JobError(fmt::format("The table {} is gone.", table_.name));
  if (error.status() == 403 || error.code().contains("AccessDenied"))
    throw JobError(
        fmt::format("The table {} may not be written to, which needs dynamodb:BatchWriteItem: {}",
                    table_.name, sentence_of(error, cloud_)));
  throw JobError(sentence_of(error, cloud_));
}

}  // namespace matinee::jobs::tables
