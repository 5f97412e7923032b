// Old versions of keys that cursors have stepped over, and when the tables in memory are to become
// files because of them.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <cstdint>

namespace matinee::storage {

/// A table in memory keeps each version of a key that was ever written to it; as a file it has the
/// last one only. A cursor over keys that were just overwritten hundreds of times steps over some
/// of those versions at each key, and then looks for the next key in all tables and files anew.
/// What that costs all cursors together is counted; once it is about as much as making a file, a
/// file is made, behind everybody's back. From any thread.
class OldVersions {
 public:
  /// Versions stepped over until a file is worth it: some 30 ms of looking for next keys.
  static constexpr std::uint64_t worth_a_file = 50'000;
  /// So many in one move, and the database looks for the next key anew. Fewer are not counted: keys
  /// that are also in a file or two have them, and one file more would not help.
  static constexpr std::uint64_t many = 8;
  /// A table in memory with fewer entries is left alone: its files would be many and tiny.
  static constexpr std::uint64_t least_entries = 4'096;

  explicit OldVersions(rocksdb::DB& db) : db_(db) {}

  /// Counts what one move of a cursor steps over, on the calling thread, from its making to its
  /// end.
  class Watch {
   public:
    explicit Watch(OldVersions& all);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    OldVersions& all_;
    std::uint64_t before_;
  };

 private:
  void add(std::uint64_t stepped_over);

  rocksdb::DB& db_;
  std::atomic<std::uint64_t> stepped_over_{0};
};

}  // namespace matinee::storage
