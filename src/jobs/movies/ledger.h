// Which movies of a job are stored, as far as this process knows: one bit a movie.
#pragma once

#include <vector>

#include "jobs/movies/layout.h"

namespace matinee::jobs::movies {

class Ledger {
 public:
  explicit Ledger(const Layout& layout);

  bool contains(std::uint64_t index) const { return bits_[index]; }
  /// False if the movie was stored already.
  bool add(std::uint64_t index);
  /// A part that is one item of the table: all its movies are stored.
  void add_assembled(std::uint64_t part);
  /// Forgets the movies of a part that turned out not to be stored.
  void forget(std::uint64_t part);

  /// All movies of the part are stored, in chunks or as one item.
  bool is_full(std::uint64_t part) const;
  bool is_assembled(std::uint64_t part) const { return assembled_bits_[part]; }

  std::uint64_t stored() const { return stored_; }
  std::uint64_t assembled() const { return assembled_; }
  bool all_stored() const { return stored_ == layout_.count(); }
  bool all_assembled() const { return assembled_ == layout_.parts(); }
  const Layout& layout() const { return layout_; }

 private:
  Layout layout_;
  std::vector<bool> bits_;
  std::vector<std::uint16_t> stored_of_part_;
  std::vector<bool> assembled_bits_;
  std::uint64_t stored_ = 0;
  std::uint64_t assembled_ = 0;
};

}  // namespace matinee::jobs::movies
