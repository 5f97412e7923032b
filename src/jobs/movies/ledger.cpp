// Which movies of a job are stored.
#include "jobs/movies/ledger.h"

namespace matinee::jobs::movies {

Ledger::Ledger(const Layout& layout)
    : layout_(layout),
      bits_(layout.count()),
      stored_of_part_(layout.parts()),
      assembled_bits_(layout.parts()) {}

bool Ledger::add(std::uint64_t index) {
  if (bits_[index]) return false;
  bits_[index] = true;
  ++stored_of_part_[Layout::part_of(index)];
  ++stored_;
  return true;
}

void Ledger::add_assembled(std::uint64_t part) {
  const Range movies = layout_.part(part);
  for (std::uint64_t index = movies.begin; index < movies.end; ++index) add(index);
  if (assembled_bits_[part]) return;
  assembled_bits_[part] = true;
  ++assembled_;
}

void Ledger::forget(std::uint64_t part) {
  const Range movies = layout_.part(part);
  for (std::uint64_t index = movies.begin; index < movies.end; ++index) bits_[index] = false;
  stored_ -= stored_of_part_[part];
  stored_of_part_[part] = 0;
  if (assembled_bits_[part]) --assembled_;
  assembled_bits_[part] = false;
}

bool Ledger::is_full(std::uint64_t part) const {
  return stored_of_part_[part] == layout_.part(part).size();
}

}  // namespace matinee::jobs::movies
