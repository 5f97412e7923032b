// The items of CBOR one by one: what the reader of the tables takes its values from.
//
// Everything here throws ServiceError "SerializationException" where the bytes are malformed or of
// another type than asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::protocol::cbor {

[[noreturn]] void refuse(std::string message);

enum class Major : std::uint8_t { positive, negative, bytes, text, array, map, tag, simple };

/// What begins an item: its type, and the number that follows.
struct Head {
  Major major;
  std::uint8_t info;       // the lower five bits
  std::uint64_t argument;  // a value, a length, a tag or the bits of a float

  static constexpr std::uint8_t indefinite = 31;
  bool is_indefinite() const { return info == indefinite; }
  bool is_break() const { return major == Major::simple && info == indefinite; }
  /// null and undefined.
  bool is_null() const { return major == Major::simple && (info == 22 || info == 23); }
  bool is_float() const { return major == Major::simple && info >= 25 && info <= 27; }
};

class Source {
 public:
  explicit Source(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  Head read_head();
  /// Takes the item's null, if it is one.
  bool take_null();

  /// Replaces `out`; the text must be UTF-8.
  void read_text(std::string& out);
  void read_bytes(std::string& out);
  bool read_boolean();
  std::int64_t read_integer();
  double read_number();
  /// Seconds since 1970: a tag 1, or a number alone.
  double read_seconds();
  /// Any item with all that is in it.
  void skip();

  /// The elements of an array or the entries of a map: whether another one follows.
  class Elements {
   public:
    Elements(Source& source, const Head& head)
        : source_(source),
          left_(head.is_indefinite() ? std::nullopt : std::optional(head.argument)) {}
    bool next();

   private:
    Source& source_;
    std::optional<std::uint64_t> left_;
  };
  Elements open_array();
  Elements open_map();

 private:
  std::string_view rest_;

  std::string_view take(std::uint64_t count);
  void read_chunks(Major major, std::string& out);
  void skip_content(const Head& head);
};

}  // namespace matinee::protocol::cbor
