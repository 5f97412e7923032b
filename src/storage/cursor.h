// Walking over keys in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace matinee::storage {

/// The keys k with from <= k < to; an empty `to` has no end.
struct KeyRange {
  std::string from;
  std::string to;

  /// All keys that begin with `prefix`.
  static KeyRange of_prefix(std::string prefix);
};

/// The first key after all that begin with `prefix`; empty if there is none.
std::string end_of_prefix(std::string_view prefix);

/// A place among the keys of a range of a Store; at the range's first key to begin with. The views
/// are valid until the cursor moves or the store is written to.
class Cursor {
 public:
  class Implementation;
  explicit Cursor(std::unique_ptr<Implementation> implementation);
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&& other) noexcept;
  ~Cursor();

  /// Whether there is a key here; false once past either end of the range.
  bool valid() const;
  std::string_view key() const;
  std::string_view value() const;
  void next();
  void previous();

  /// To the first key >= `key` in the range.
  void seek(std::string_view key);
  void seek_first();
  void seek_last();
  /// To the last key < `key` in the range.
  void seek_before(std::string_view key);

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace matinee::storage
