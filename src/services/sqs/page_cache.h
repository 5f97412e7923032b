// Pages that are read again and again: where each message of a batch is of another group, one page
// is read by ten receives. What they cost in memory is bounded, whatever the queues hold.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "services/sqs/entry.h"

namespace matinee::sqs {

/// At most 2 MiB. Pages never change, and no two have the same sequence, so nothing that is found
/// here is out of date.
class PageCache {
 public:
  /// The bytes of the page, or nothing. Valid until the next `put` or `erase`.
  std::string_view find(Sequence page) const {
    const Place& place = place_of(page);
    return place.page == page ? std::string_view(place.bytes) : std::string_view();
  }

  /// Remembers a page in the place of another, unless it is long.
  void put(Sequence page, std::string_view bytes) {
    if (bytes.size() > max_page) return;
    Place& place = place_of(page);
    place.page = page;
    place.bytes.assign(bytes);
  }

  void erase(Sequence page) {
    if (place_of(page).page == page) place_of(page).page = 0;
  }

 private:
  static constexpr std::size_t place_count = 512;
  static constexpr std::size_t max_page = 4096;

  struct Place {
    Sequence page = 0;  // zero: none
    std::string bytes;
  };
  std::array<Place, place_count> places_;

  // Sequences of different moments differ by multiples of 1024.
  static std::size_t index_of(Sequence page) {
    return (page * 0x9e37'79b9'7f4a'7c15 >> 32) % place_count;
  }
  Place& place_of(Sequence page) { return places_[index_of(page)]; }
  const Place& place_of(Sequence page) const { return places_[index_of(page)]; }
};

}  // namespace matinee::sqs
