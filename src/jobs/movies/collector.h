// Stores the movies that arrive, and makes one part of each part's chunks.
//
// A FIFO group with a message in flight gives nothing more, so whoever received a batch has to
// store it before the next one of that group can come: a part cannot be collected in memory. Each
// batch therefore becomes a small item at once, and a part is put together, from the table, when
// its last movie is stored. Only a bit a movie is held in memory, and what happens after a kill is
// what always happens.
#pragma once

#include <set>

#include "jobs/movies/message.h"
#include "jobs/movies/table.h"

namespace matinee::jobs::movies {

class Collector {
 public:
  /// Both must outlive it.
  Collector(const JobTable& table, Ledger& ledger)
      : table_(table), ledger_(ledger), reader_("", 0) {}

  /// Takes over what earlier runs have left in the table, and finishes what they had begun.
  runtime::Task<> load();

  /// Stores movies and enters them in the ledger. Returns how many of them were new.
  runtime::Task<std::uint64_t> store(std::vector<OwnMovie> movies);
  /// Puts every part together that is complete and that nobody is at work on. Call it once the
  /// messages of what was stored are deleted: they need not wait for it.
  runtime::Task<> assemble_full_parts();

  /// Looks again for what other processes have stored and assembled.
  runtime::Task<> refresh();
  /// Looks which of the next hundred parts others have put together.
  runtime::Task<> find_next_assembled();

 private:
  const JobTable& table_;
  Ledger& ledger_;
  MessageReader reader_;
  std::set<std::uint64_t> full_parts_;

  runtime::Task<> assemble(std::uint64_t part);
  /// A chunk is missing from a part that should be full.
  runtime::Task<> take_stock(std::uint64_t part, ChunkMovies found);
  runtime::Task<> find_assembled(bool at_start);
  runtime::Task<> enter_assembled(std::vector<std::uint64_t> parts, bool at_start);
  runtime::Task<> finish_assembled(std::uint64_t part, bool at_start);
  runtime::Task<> read_open_parts();
  void enter(std::uint64_t index);
  std::vector<std::uint64_t> all_chunks(std::uint64_t part) const;
};

}  // namespace matinee::jobs::movies
