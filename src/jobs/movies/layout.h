// Where a movie of a job goes: its chunk, its part and its message group, all computed from its
// index, so that every process that works on a job agrees without asking.
//
// A part is what the table keeps for good: movies_per_part movies in one item. A chunk is what one
// batch of messages carries: movies_per_chunk consecutive movies of one message group. Chunks are
// kept as small items of their own until their part is complete (docs/movie-job.md says why).
#pragma once

#include <cstdint>

namespace matinee::jobs::movies {

/// An SQS batch has at most ten messages.
inline constexpr std::uint64_t movies_per_chunk = 10;
/// At the limits of movie.h a movie takes 203 bytes by DynamoDB's rules: 33 for the names, types
/// and year, and 170 of text. 2,000 of them stay below the 409,600 bytes of an item.
inline constexpr std::uint64_t movies_per_part = 2000;
inline constexpr std::uint64_t chunks_per_part = movies_per_part / movies_per_chunk;
/// Part numbers have six digits.
inline constexpr std::uint64_t max_count = movies_per_part * 999'999;

/// Half-open: [begin, end).
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// All numbers count from zero.
class Layout {
 public:
  /// `count` movies in the job, `groups` message groups.
  Layout(std::uint64_t count, std::uint64_t groups) : count_(count), groups_(groups) {}

  std::uint64_t count() const { return count_; }
  std::uint64_t parts() const { return (count_ + movies_per_part - 1) / movies_per_part; }
  std::uint64_t chunks() const { return (count_ + movies_per_chunk - 1) / movies_per_chunk; }

  static std::uint64_t chunk_of(std::uint64_t index) { return index / movies_per_chunk; }
  static std::uint64_t part_of(std::uint64_t index) { return index / movies_per_part; }

  /// The movies of a chunk or part; the last one may be short.
  Range chunk(std::uint64_t chunk) const { return cut(chunk * movies_per_chunk, movies_per_chunk); }
  Range part(std::uint64_t part) const { return cut(part * movies_per_part, movies_per_part); }
  /// The chunks of a part.
  Range chunks_of(std::uint64_t part) const {
    const Range movies = this->part(part);
    return {movies.begin / movies_per_chunk, chunk_of(movies.end - 1) + 1};
  }

  /// Consecutive chunks go to different groups, so that all groups are busy all the time.
  std::uint64_t group_of_chunk(std::uint64_t chunk) const { return chunk % groups_; }

 private:
  std::uint64_t count_;
  std::uint64_t groups_;

  Range cut(std::uint64_t begin, std::uint64_t length) const {
    const std::uint64_t end = begin + length;
    return {begin, end < count_ ? end : count_};
  }
};

}  // namespace matinee::jobs::movies
