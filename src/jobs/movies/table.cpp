// The job's items in DynamoDB. What BatchGetItem and BatchWriteItem leave over is asked for again.
#include "jobs/movies/table.h"

#include <fmt/format.h>

#include "jobs/movies/message.h"
#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {

namespace {

constexpr std::size_t max_batch_writes = 25;

}  // namespace

runtime::Task<std::optional<Header>> JobTable::find_header() const {
  dynamodb::GetItemRequest request{.table_name = table_, .key = keys_.header()};
  request.consistent_read = true;
  const dynamodb::GetItemResponse response = co_await client_.get_item(std::move(request));
  if (!response.item) co_return std::nullopt;
  std::optional<Header> header = read_header(*response.item);
  if (!header)
    throw JobError(
        fmt::format("The table {} has an item with this job's id that is not a movie "
                    "job's; choose another --job-id or --table.",
                    table_));
  co_return header;
}

runtime::Task<bool> JobTable::create_header(Header header) const {
  dynamodb::PutItemRequest request{.table_name = table_, .item = keys_.header()};
  add_header(header, request.item);
  request.condition_expression = "attribute_not_exists(job_id)";
  try {
    co_await client_.put_item(std::move(request));
    co_return true;
  } catch (const protocol::ServiceError& error) {
    if (!error.is<dynamodb::ConditionalCheckFailedException>()) throw;
  }
  co_return false;
}

runtime::Task<> JobTable::complete_header() const {
  dynamodb::UpdateItemRequest request{.table_name = table_, .key = keys_.header()};
  request.update_expression = "SET #state = :complete";
  request.expression_attribute_names.emplace()["#state"] = "state";
  request.expression_attribute_values.emplace()[":complete"] = AttributeValue("COMPLETE");
  co_await client_.update_item(std::move(request));
}

runtime::Task<> JobTable::store(std::uint64_t chunk, ChunkMovies movies, bool whole) const {
  if (whole) {
    dynamodb::PutItemRequest request{.table_name = table_, .item = keys_.chunk(chunk)};
    for (auto& [index, json] : movies)
      request.item[slot_name(index)] = AttributeValue(std::move(json));
    co_await client_.put_item(std::move(request));
    co_return;
  }
  // Another process may have stored, or be storing, other movies of this chunk.
  dynamodb::UpdateItemRequest request{.table_name = table_, .key = keys_.chunk(chunk)};
  std::string expression;
  auto& values = request.expression_attribute_values.emplace();
  for (auto& [index, json] : movies) {
    const std::string slot = slot_name(index);
    expression += (expression.empty() ? "SET " : ", ") + slot + " = :" + slot;
    values[":" + slot] = AttributeValue(std::move(json));
  }
  request.update_expression = std::move(expression);
  co_await client_.update_item(std::move(request));
}

runtime::Task<ChunkMovies> JobTable::read_chunks(std::vector<std::uint64_t> chunks) const {
  std::vector<Item> keys;
  for (const std::uint64_t chunk : chunks) keys.push_back(keys_.chunk(chunk));
  std::vector<Item> items = co_await get_all(std::move(keys), "");
  ChunkMovies movies;
  for (Item& item : items) {
    const std::uint64_t first = keys_.require_chunk(item) * movies_per_chunk;
    for (std::uint64_t index = first; index < first + movies_per_chunk; ++index) {
      const auto place = item.find(slot_name(index));
      if (place == item.end()) continue;
      if (auto* json = place->second.find<std::string>()) movies[index] = std::move(*json);
    }
  }
  co_return movies;
}

runtime::Task<> JobTable::delete_chunks(std::vector<std::uint64_t> chunks) const {
  const std::uint64_t last = chunks.back();
  chunks.pop_back();
  while (!chunks.empty()) {
    std::vector<Item> keys;
    while (!chunks.empty() && keys.size() < max_batch_writes) {
      keys.push_back(keys_.chunk(chunks.back()));
      chunks.pop_back();
    }
    co_await delete_batch(std::move(keys));
  }
  std::vector<Item> last_key;
  last_key.push_back(keys_.chunk(last));
  co_await delete_batch(std::move(last_key));
}

runtime::Task<> JobTable::delete_notes(std::uint64_t parts) const {
  for (std::uint64_t first = 0; first < parts; first += max_batch_writes) {
    std::vector<Item> keys;
    for (std::uint64_t part = first;
         part < std::min<std::uint64_t>(parts, first + max_batch_writes); ++part)
      keys.push_back(keys_.complete_chunks(part));
    co_await delete_batch(std::move(keys));
  }
}

runtime::Task<> JobTable::delete_batch(std::vector<Item> keys) const {
  std::vector<dynamodb::WriteRequest> writes;
  for (Item& key : keys)
    writes.push_back({.delete_request = dynamodb::DeleteRequest{.key = std::move(key)}});
  co_await client::send_all(
      backoff_, std::move(writes),
      [this](std::vector<dynamodb::WriteRequest> entries)
          -> runtime::Task<client::Leftover<dynamodb::WriteRequest>> {
        dynamodb::BatchWriteItemRequest request;
        request.request_items[table_] = std::move(entries);
        auto response = co_await client_.batch_write_item(std::move(request));
        client::Leftover<dynamodb::WriteRequest> left;
        left.code = "ProvisionedThroughputExceededException";
        left.message = "The table " + table_ + " takes no more writes at the moment.";
        if (response.unprocessed_items && response.unprocessed_items->contains(table_))
          left.entries = std::move((*response.unprocessed_items)[table_]);
        co_return left;
      });
}

runtime::Task<> JobTable::put_part(std::uint64_t part, Range movies, dynamodb::List list) const {
  dynamodb::PutItemRequest request{.table_name = table_, .item = keys_.part(part)};
  add_part(movies.begin, std::move(list), request.item);
  co_await client_.put_item(std::move(request));
}

runtime::Task<std::optional<std::vector<Movie>>> JobTable::read_part(std::uint64_t part) const {
  dynamodb::GetItemRequest request{.table_name = table_, .key = keys_.part(part)};
  request.consistent_read = true;
  const dynamodb::GetItemResponse response = co_await client_.get_item(std::move(request));
  if (!response.item) co_return std::nullopt;
  std::vector<Movie> movies;
  if (const dynamodb::List* list = find_movies(*response.item)) {
    movies.reserve(list->size());
    for (const AttributeValue& value : *list) {
      std::optional<Movie> movie = read_attribute(value);
      if (!movie)
        throw JobError(fmt::format("Part {} in the table {} holds something that is no movie.",
                                   part + 1, table_));
      movies.push_back(std::move(*movie));
    }
  }
  co_return movies;
}

runtime::Task<std::map<std::uint64_t, std::uint64_t>> JobTable::count_parts(
    std::vector<std::uint64_t> parts) const {
  std::vector<Item> keys;
  for (const std::uint64_t part : parts) keys.push_back(keys_.part(part));
  const std::vector<Item> items = co_await get_all(std::move(keys), "count");
  std::map<std::uint64_t, std::uint64_t> counts;
  for (const Item& item : items)
    counts[keys_.require_part(item)] = find_number(item, "count").value_or(0);
  co_return counts;
}

runtime::Task<std::vector<std::uint64_t>> JobTable::find_chunks(
    std::vector<std::uint64_t> chunks) const {
  std::vector<Item> keys;
  for (const std::uint64_t chunk : chunks) keys.push_back(keys_.chunk(chunk));
  std::vector<Item> items = co_await get_all(std::move(keys), "none");
  std::vector<std::uint64_t> found;
  for (const Item& item : items) found.push_back(keys_.require_chunk(item));
  co_return found;
}

runtime::Task<std::vector<Item>> JobTable::get_all(std::vector<Item> keys,
                                                   std::string attribute) const {
  std::vector<Item> found;
  co_await client::send_all(
      backoff_, std::move(keys),
      [this, &found,
       &attribute](std::vector<Item> wanted) -> runtime::Task<client::Leftover<Item>> {
        dynamodb::BatchGetItemRequest request;
        dynamodb::KeysAndAttributes& selection = request.request_items[table_];
        selection.keys = std::move(wanted);
        selection.consistent_read = true;
        if (!attribute.empty()) {
          selection.projection_expression = "job_id, #part, #attribute";
          auto& names = selection.expression_attribute_names.emplace();
          names["#part"] = "part";
          names["#attribute"] = attribute;
        }
        auto response = co_await client_.batch_get_item(std::move(request));
        if (response.responses && response.responses->contains(table_))
          std::ranges::move((*response.responses)[table_], std::back_inserter(found));
        client::Leftover<Item> left;
        left.code = "ProvisionedThroughputExceededException";
        left.message = "The table " + table_ + " answers no more reads at the moment.";
        if (response.unprocessed_keys && response.unprocessed_keys->contains(table_))
          left.entries = std::move((*response.unprocessed_keys)[table_].keys);
        co_return left;
      });
  co_return found;
}

}  // namespace matinee::jobs::movies
