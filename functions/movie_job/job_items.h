// The items of one job in its table, as the function reads and writes them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/movies/items.h"
#include "library/aws.h"

namespace movie_job {

namespace movies = matinee::jobs::movies;

/// Movies of one chunk, by index, as JSON texts.
using ChunkMovies = std::map<std::uint64_t, std::string>;

struct MovieTable {
  std::string name;
  movies::KeyStyle keys = movies::KeyStyle::job_and_part;
};

/// All reads are strongly consistent. Everything throws ServiceError for what DynamoDB refuses, and
/// FunctionError for what does not answer.
class JobItems {
 public:
  /// `aws` must outlive it.
  JobItems(lambda::Aws& aws, const MovieTable& table, std::string job_id)
      : aws_(aws), table_(table.name), keys_(std::move(job_id), table.keys) {}

  /// How many movies the job has; nothing where nobody has begun it.
  std::optional<std::uint64_t> find_count() const;
  /// Stores movies of a chunk that has `size` of them; how many of them are stored now.
  std::uint64_t store(std::uint64_t chunk, const ChunkMovies& stored, std::uint64_t size) const;
  /// Notes that all of a chunk is stored, and gives how many chunks of its part are. Noting it
  /// again changes nothing, and no two callers get in each other's way.
  std::uint64_t note_complete(std::uint64_t chunk) const;
  ChunkMovies read_chunks(const std::vector<std::uint64_t>& chunks) const;
  bool has_part(std::uint64_t part) const;
  void put_part(std::uint64_t part, std::uint64_t first, matinee::dynamodb::List list) const;
  /// The last of the list goes last, so that its absence means that all are gone.
  void delete_chunks(const std::vector<std::uint64_t>& chunks) const;

 private:
  lambda::Aws& aws_;
  std::string table_;
  movies::ItemKeys keys_;

  std::vector<movies::Item> get_all(std::vector<movies::Item> keys) const;
  void delete_all(std::vector<movies::Item> keys) const;
};

}  // namespace movie_job
