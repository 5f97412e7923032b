// The job's items in DynamoDB: every read and write of them, with repeated batches.
#pragma once

#include <map>

#include "client/retry.h"
#include "dynamodb/client.h"
#include "jobs/movies/items.h"
#include "jobs/movies/ledger.h"

namespace matinee::jobs::movies {

/// Movies of one chunk, by index, as JSON texts.
using ChunkMovies = std::map<std::uint64_t, std::string>;

/// All reads are strongly consistent. Everything throws ServiceError for what the service refuses.
class JobTable {
 public:
  JobTable(dynamodb::Client client, client::Backoff backoff, std::string table, ItemKeys keys)
      : client_(client), backoff_(backoff), table_(std::move(table)), keys_(std::move(keys)) {}

  /// The job's header. Throws JobError where another program's item is in its place.
  runtime::Task<std::optional<Header>> find_header() const;
  /// False if there is one already.
  runtime::Task<bool> create_header(Header header) const;
  /// Sets the state to COMPLETE.
  runtime::Task<> complete_header() const;

  /// Stores movies of one chunk. Storing again, with the same or with fewer movies, is harmless.
  /// `whole` says that these are all the movies that the chunk has.
  runtime::Task<> store(std::uint64_t chunk, ChunkMovies movies, bool whole) const;
  /// The movies in these chunks (at most 100) that are stored so far.
  runtime::Task<ChunkMovies> read_chunks(std::vector<std::uint64_t> chunks) const;
  /// Deletes chunks; the last of the list goes last, so that its absence means all are gone.
  runtime::Task<> delete_chunks(std::vector<std::uint64_t> chunks) const;

  /// Deletes what functions have noted of so many parts.
  runtime::Task<> delete_notes(std::uint64_t parts) const;

  runtime::Task<> put_part(std::uint64_t part, Range movies, dynamodb::List list) const;
  /// The movies of a part; nothing if it is not there. Throws JobError for what is no movie.
  runtime::Task<std::optional<std::vector<Movie>>> read_part(std::uint64_t part) const;
  /// Which of these parts (at most 100) exist, and how many movies each says that it holds.
  runtime::Task<std::map<std::uint64_t, std::uint64_t>> count_parts(
      std::vector<std::uint64_t> parts) const;
  /// Which of these chunks (at most 100) exist.
  runtime::Task<std::vector<std::uint64_t>> find_chunks(std::vector<std::uint64_t> chunks) const;

 private:
  dynamodb::Client client_;
  client::Backoff backoff_;
  std::string table_;
  ItemKeys keys_;

  /// The items with these keys (at most 100) that exist; only the key and one attribute of each
  /// where `attribute` names one.
  runtime::Task<std::vector<Item>> get_all(std::vector<Item> keys, std::string attribute) const;
  runtime::Task<> delete_batch(std::vector<Item> keys) const;
};

}  // namespace matinee::jobs::movies
