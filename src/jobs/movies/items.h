// How a job lies in the table: one header, chunks that come and go, parts that stay.
//
//   key job_id + part         key job_id only       content
//   J, "000000"               "J"                   header: started_on, count, parts, seed, state
//   J, "000001"               "J#000001"            part: first, count, movies (list of maps)
//   J, "000001/017"           "J#000001/017"        chunk: m0 … m9 (JSON texts)
//   J, "000001/chunks"        "J#000001/chunks"     chunks: which chunks are complete; only where
//                                                   functions store them
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dynamodb/shapes.h"
#include "jobs/movies/layout.h"
#include "jobs/movies/movie.h"

namespace matinee::jobs::movies {

using dynamodb::AttributeValue;
using dynamodb::Item;

/// The two kinds of tables that a job can be stored in.
enum class KeyStyle : std::uint8_t { job_and_part, job_only };

class ItemKeys {
 public:
  ItemKeys(std::string job_id, KeyStyle style) : job_id_(std::move(job_id)), style_(style) {}

  Item header() const;
  Item part(std::uint64_t part) const;
  Item chunk(std::uint64_t chunk) const;
  /// What functions note of a part: which of its chunks are complete.
  Item complete_chunks(std::uint64_t part) const;

  /// The part or chunk that an item of this job is, by its key.
  std::uint64_t require_part(const Item& item) const { return require_numbers(item).first; }
  std::uint64_t require_chunk(const Item& item) const;

 private:
  std::string job_id_;
  KeyStyle style_;

  Item make(std::string name) const;
  /// From the key's text after the job's name: the part from zero, and the chunk within it.
  std::pair<std::uint64_t, std::uint64_t> require_numbers(const Item& item) const;
};

struct Header {
  std::string started_on;  // "2026-11-20T10:15:00Z"
  std::uint64_t count = 0;
  std::uint64_t parts = 0;
  std::uint64_t seed = 0;
  bool complete = false;

  bool operator==(const Header&) const = default;
};

void add_header(const Header& header, Item& item);
/// Nothing where the item is not a header of this program.
std::optional<Header> read_header(const Item& item);

/// "m3", of the chunk's attributes.
std::string slot_name(std::uint64_t index);

/// A movie as a map: title, year, director, actor.
AttributeValue to_attribute(Movie movie);
/// Nothing where the value is no such map.
std::optional<Movie> read_attribute(const AttributeValue& value);

/// A part with the movies from number `first` on.
void add_part(std::uint64_t first, std::vector<AttributeValue> movies, Item& item);
/// The list of a part's movies; null where there is none.
const dynamodb::List* find_movies(const Item& item);
/// A whole number attribute that is not negative; nothing where it is missing or anything else.
std::optional<std::uint64_t> find_number(const Item& item, const std::string& name);

}  // namespace matinee::jobs::movies
