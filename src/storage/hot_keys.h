// The few records that almost every request reads, such as that of its bucket: kept as they are in
// the database, so that they are not looked for there again and again. So is that there is none.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::storage {

/// At most 256 KiB. A key comes in when it is asked for twice in a row among those that share its
/// place, which keys that are spread over a large table hardly ever are.
class HotKeys {
 public:
  /// What is known of a key: its value, or that it has none. Valid until the next change.
  struct Known {
    std::optional<std::string_view> value;
  };
  std::optional<Known> find(std::string_view key) const {
    const Place& place = places_[hash(key) % place_count];
    if (!place.taken || place.key != key) return std::nullopt;
    if (!place.exists) return Known{};
    return Known{std::string_view(place.value)};
  }

  /// What the database has just told of a key that was not found here.
  void note(std::string_view key, std::optional<std::string_view> value) {
    const std::size_t key_hash = hash(key);
    Place& place = places_[key_hash % place_count];
    if (place.asked_last != key_hash) {
      place.asked_last = key_hash;
      return;
    }
    if (key.size() + value.value_or("").size() > most_bytes) return;
    place.taken = true;
    place.exists = value.has_value();
    place.key.assign(key);
    place.value.assign(value.value_or(""));
  }

  /// The key is written.
  void forget(std::string_view key) {
    Place& place = places_[hash(key) % place_count];
    if (place.taken && place.key == key) place.taken = false;
  }
  void forget_all() {
    for (Place& place : places_) place.taken = false;
  }

 private:
  static constexpr std::size_t place_count = 256;
  static constexpr std::size_t most_bytes = 1024;

  struct Place {
    std::size_t asked_last = 0;  // the hash of a key
    bool taken = false;
    bool exists = false;
    std::string key;
    std::string value;
  };
  std::array<Place, place_count> places_;

  static std::size_t hash(std::string_view key) { return std::hash<std::string_view>()(key); }
};

}  // namespace matinee::storage
