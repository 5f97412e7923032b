#include "movie_job/job_items.h"

#include <fmt/format.h>

#include <algorithm>

#include "dynamodb/operations.h"
#include "dynamodb/shapes.h"
#include "library/errors.h"

namespace movie_job {

namespace {

namespace dynamodb = matinee::dynamodb;
using dynamodb::AttributeValue;
using movies::Item;

constexpr std::size_t most_writes = 25;
constexpr std::size_t most_reads = 100;
constexpr const char* complete_chunks = "chunks";

lambda::FunctionError too_busy(const std::string& table) {
  return {"TableBusy", fmt::format("The table {} leaves over what it is asked.", table)};
}

}  // namespace

std::optional<std::uint64_t> JobItems::find_count() const {
  dynamodb::GetItemRequest request{.table_name = table_, .key = keys_.header()};
  request.consistent_read = true;
  const auto answer = aws_.call<dynamodb::GetItemResponse>(dynamodb::operations::GetItem, request);
  if (!answer.item) return std::nullopt;
  const std::optional<movies::Header> header = movies::read_header(*answer.item);
  if (!header) return std::nullopt;
  return header->count;
}

std::uint64_t JobItems::store(std::uint64_t chunk, const ChunkMovies& stored,
                              std::uint64_t size) const {
  if (stored.size() == size) {
    dynamodb::PutItemRequest request{.table_name = table_, .item = keys_.chunk(chunk)};
    for (const auto& [index, json] : stored)
      request.item[movies::slot_name(index)] = AttributeValue(std::string(json));
    aws_.call<dynamodb::PutItemResponse>(dynamodb::operations::PutItem, request);
    return size;
  }
  // Somebody else may have stored, or be storing, other movies of this chunk.
  dynamodb::UpdateItemRequest request{.table_name = table_, .key = keys_.chunk(chunk)};
  std::string expression;
  auto& values = request.expression_attribute_values.emplace();
  for (const auto& [index, json] : stored) {
    const std::string slot = movies::slot_name(index);
    expression += (expression.empty() ? "SET " : ", ") + slot + " = :" + slot;
    values[":" + slot] = AttributeValue(std::string(json));
  }
  request.update_expression = std::move(expression);
  request.return_values = "ALL_NEW";
  const auto answer =
      aws_.call<dynamodb::UpdateItemResponse>(dynamodb::operations::UpdateItem, request);
  std::uint64_t slots = 0;
  for (std::uint64_t index = 0; index < size; ++index)
    slots += answer.attributes && answer.attributes->contains(movies::slot_name(index));
  return slots;
}

std::uint64_t JobItems::note_complete(std::uint64_t chunk) const {
  dynamodb::UpdateItemRequest request{
      .table_name = table_, .key = keys_.complete_chunks(chunk / movies::chunks_per_part)};
  request.update_expression = "ADD #chunks :chunk";
  request.expression_attribute_names.emplace()["#chunks"] = complete_chunks;
  request.expression_attribute_values.emplace()[":chunk"] = dynamodb::make_set(
      std::vector{dynamodb::Number(static_cast<std::int64_t>(chunk % movies::chunks_per_part))});
  request.return_values = "UPDATED_NEW";
  const auto answer =
      aws_.call<dynamodb::UpdateItemResponse>(dynamodb::operations::UpdateItem, request);
  if (!answer.attributes) return 0;
  const auto place = answer.attributes->find(complete_chunks);
  if (place == answer.attributes->end()) return 0;
  const auto* set = place->second.find<dynamodb::NumberSet>();
  return set ? set->members.size() : 0;
}

ChunkMovies JobItems::read_chunks(const std::vector<std::uint64_t>& chunks) const {
  ChunkMovies found;
  for (std::size_t first = 0; first < chunks.size(); first += most_reads) {
    std::vector<Item> keys;
    for (std::size_t i = first; i < std::min(chunks.size(), first + most_reads); ++i)
      keys.push_back(keys_.chunk(chunks[i]));
    for (const Item& item : get_all(std::move(keys))) {
      const std::uint64_t start = keys_.require_chunk(item) * movies::movies_per_chunk;
      for (std::uint64_t index = start; index < start + movies::movies_per_chunk; ++index) {
        const auto place = item.find(movies::slot_name(index));
        if (place == item.end()) continue;
        if (const auto* json = place->second.find<std::string>()) found[index] = *json;
      }
    }
  }
  return found;
}

bool JobItems::has_part(std::uint64_t part) const {
  dynamodb::GetItemRequest request{.table_name = table_, .key = keys_.part(part)};
  request.consistent_read = true;
  request.projection_expression = "job_id";
  return aws_.call<dynamodb::GetItemResponse>(dynamodb::operations::GetItem, request)
      .item.has_value();
}

void JobItems::put_part(std::uint64_t part, std::uint64_t first, dynamodb::List list) const {
  dynamodb::PutItemRequest request{.table_name = table_, .item = keys_.part(part)};
  movies::add_part(first, std::move(list), request.item);
  aws_.call<dynamodb::PutItemResponse>(dynamodb::operations::PutItem, request);
}

void JobItems::delete_chunks(const std::vector<std::uint64_t>& chunks) const {
  std::vector<Item> keys;
  for (const std::uint64_t chunk : chunks) {
    if (keys.size() == most_writes || (chunk == chunks.back() && !keys.empty()))
      delete_all(std::exchange(keys, {}));
    keys.push_back(keys_.chunk(chunk));
  }
  delete_all(std::move(keys));
}

std::vector<Item> JobItems::get_all(std::vector<Item> keys) const {
  std::vector<Item> found;
  for (int attempt = 1; !keys.empty(); ++attempt) {
    dynamodb::BatchGetItemRequest request;
    dynamodb::KeysAndAttributes& wanted = request.request_items[table_];
    wanted.keys = std::move(keys);
    wanted.consistent_read = true;
    auto answer =
        aws_.call<dynamodb::BatchGetItemResponse>(dynamodb::operations::BatchGetItem, request);
    if (answer.responses && answer.responses->contains(table_))
      std::ranges::move((*answer.responses)[table_], std::back_inserter(found));
    keys.clear();
    if (answer.unprocessed_keys && answer.unprocessed_keys->contains(table_))
      keys = std::move((*answer.unprocessed_keys)[table_].keys);
    if (!keys.empty() && !aws_.wait_before_retry(attempt)) throw too_busy(table_);
  }
  return found;
}

void JobItems::delete_all(std::vector<Item> keys) const {
  std::vector<dynamodb::WriteRequest> writes;
  for (Item& key : keys)
    writes.push_back({.delete_request = dynamodb::DeleteRequest{.key = std::move(key)}});
  for (int attempt = 1; !writes.empty(); ++attempt) {
    dynamodb::BatchWriteItemRequest request;
    request.request_items[table_] = std::move(writes);
    auto answer =
        aws_.call<dynamodb::BatchWriteItemResponse>(dynamodb::operations::BatchWriteItem, request);
    writes.clear();
    if (answer.unprocessed_items && answer.unprocessed_items->contains(table_))
      writes = std::move((*answer.unprocessed_items)[table_]);
    if (!writes.empty() && !aws_.wait_before_retry(attempt)) throw too_busy(table_);
  }
}

}  // namespace movie_job
