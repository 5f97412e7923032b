// A compact hash table from 96-bit hashes to small values, for what there is one of per message. It
// costs 12 bytes, the value, and a quarter more for free places; and it grows in 64 parts one after
// the other, so that no single insertion has to move a million entries.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "services/sqs/keyed_hash.h"

namespace matinee::sqs {

template <class Value>
  requires std::is_trivially_copyable_v<Value>
class HashTable {
 public:
  std::size_t size() const { return size_; }

  /// The value of `hash`, or nothing. The pointer is valid until the next change of the table.
  const Value* find(const Hash96& hash) const {
    const Part& part = part_of(hash);
    if (part.places.empty()) return nullptr;
    for (std::size_t at = home(part, hash);; at = next(part, at)) {
      if (part.places[at].hash == hash) return &part.places[at].value;
      if (part.places[at].hash.none()) return nullptr;
    }
  }

  /// Lets the processor fetch the place of `hash`, which is about to be put: worth it for many.
  void prefetch(const Hash96& hash) const {
    const Part& part = part_of(hash);
    if (!part.places.empty()) __builtin_prefetch(&part.places[home(part, hash)], 1);
  }

  /// Sets the value of `hash`. Before a part of the table grows, entries for whose value `stale`
  /// is true are dropped from it.
  template <class Stale>
  void put(const Hash96& hash, const Value& value, Stale&& stale) {
    Part& part = part_of(hash);
    if ((part.used + 1) * 5 > part.places.size() * 4) make_room(part, stale);
    std::size_t at = home(part, hash);
    while (!part.places[at].hash.none() && !(part.places[at].hash == hash)) at = next(part, at);
    if (part.places[at].hash.none()) {
      ++part.used;
      ++size_;
    }
    part.places[at] = {hash, value};
  }
  void put(const Hash96& hash, const Value& value) {
    put(hash, value, [](const Value&) { return false; });
  }

  /// Makes room for so many entries, if there are none yet: growing step by step would move them
  /// several times.
  void reserve(std::size_t count) {
    if (size_ > 0) return;
    // Hashes do not fill all parts alike.
    const std::size_t of_a_part = count / parts_.size();
    for (Part& part : parts_) part.places.assign(of_a_part * 8 / 5 + 8, Place{});
  }

  /// Does nothing where there is no such entry.
  void erase(const Hash96& hash) {
    Part& part = part_of(hash);
    if (part.places.empty()) return;
    std::size_t at = home(part, hash);
    while (!(part.places[at].hash == hash)) {
      if (part.places[at].hash.none()) return;
      at = next(part, at);
    }
    --part.used;
    --size_;
    close_gap(part, at);
  }

  void clear() {
    for (Part& part : parts_) part = {};
    size_ = 0;
  }

 private:
  struct Place {
    Hash96 hash;
    Value value;
  };
  struct Part {
    std::vector<Place> places;
    std::size_t used = 0;
  };

  std::array<Part, 64> parts_;
  std::size_t size_ = 0;

  Part& part_of(const Hash96& hash) { return parts_[hash.words[2] % 64]; }
  const Part& part_of(const Hash96& hash) const { return parts_[hash.words[2] % 64]; }
  static std::size_t home(const Part& part, const Hash96& hash) {
    return static_cast<std::size_t>(
        (static_cast<std::uint64_t>(hash.words[0]) * part.places.size()) >> 32);
  }
  static std::size_t next(const Part& part, std::size_t at) {
    return at + 1 == part.places.size() ? 0 : at + 1;
  }

  /// Moves later entries of the same run forward, so that searches need no marks for what is gone.
  static void close_gap(Part& part, std::size_t gap) {
    for (std::size_t at = next(part, gap); !part.places[at].hash.none(); at = next(part, at)) {
      const std::size_t wanted = home(part, part.places[at].hash);
      const bool stays = gap <= at ? gap < wanted && wanted <= at : gap < wanted || wanted <= at;
      if (stays) continue;
      part.places[gap] = part.places[at];
      gap = at;
    }
    part.places[gap] = {};
  }

  template <class Stale>
  void make_room(Part& part, Stale& stale) {
    std::vector<Place> kept;
    for (const Place& place : part.places)
      if (!place.hash.none() && !stale(place.value)) kept.push_back(place);
    size_ -= part.used - kept.size();
    part.used = kept.size();
    // A half more than is needed: at most every third insertion's worth of moving, amortized.
    part.places.assign(std::max<std::size_t>(8, kept.size() * 15 / 8), Place{});
    for (const Place& place : kept) {
      std::size_t at = home(part, place.hash);
      while (!part.places[at].hash.none()) at = next(part, at);
      part.places[at] = place;
    }
  }
};

}  // namespace matinee::sqs
