// Events as patterns see them: a flat list of paths with their values, read once from JSON or put
// together from the attributes of a message. Any number of patterns may then be tried on it.
//
// A path is the names of the members that lead to a value, joined by dots: AWS compares paths in
// this form, so a name with a dot in it and a nested object are the same. Arrays add nothing to a
// path: each of their elements is a value of its own at the path of the array.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::patterns {

/// What a value is. Numbers, true, false and null are compared by their text, where no operator
/// asks for more.
enum class ValueKind : std::uint8_t { text, number, boolean, null };

/// The hash of a path, which grows with it: see `hash_path`.
using PathHash = std::uint64_t;
constexpr PathHash kEmptyPath = 0xcbf29ce484222325;

constexpr PathHash extend_path(PathHash hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}
constexpr PathHash hash_path(std::string_view path) {
  return extend_path(kEmptyPath, path);
}

/// Reused for one event after another it allocates nothing once it has grown. It refers to the text
/// that it was read from, which must outlive it or the next `clear`. Not to be shared by threads.
class Event {
 public:
  /// No value, no element of an array.
  static constexpr std::uint32_t kNone = 0;

  struct Value {
    std::string_view text;      // unescaped text, or the literal as written
    std::uint32_t node;         // where it hangs, for `path_of`
    std::uint32_t element = 0;  // the innermost element of an array around it, or kNone
    std::uint32_t next = 0;     // the next value of the same path, or kNone
    ValueKind kind = ValueKind::null;
  };
  /// All values of one path, in the order of the event.
  struct Group {
    PathHash hash;
    std::uint32_t first;
    std::uint32_t last;
    bool in_elements;   // whether each of them is within an element of an array
    bool has_elements;  // whether one of them is
  };

  Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;
  ~Event();

  /// Replaces the content by that of a JSON object. Returns false, and leaves the event empty, for
  /// any other text, for malformed JSON, and for JSON nested deeper than 1,000 levels. Of equal
  /// names each counts.
  bool parse(std::string_view json);

  void clear();
  /// A value whose path is `name`, for the attributes of a message; both are copied.
  void add_text(std::string_view name, std::string_view text);
  /// `number` is a JSON number, or it equals nothing.
  void add_number(std::string_view name, std::string_view number);
  /// The elements of a JSON array of scalars, each a value at `name`. Returns false, and adds
  /// nothing, where `json` is not one.
  bool add_array(std::string_view name, std::string_view json);

  bool empty() const { return values_.size() == 1; }
  /// Whether the object that was read has a member of this name, be it empty.
  bool has_member(std::string_view name) const;
  const std::vector<Group>& groups() const { return groups_; }
  const Value& value(std::uint32_t index) const { return values_[index]; }
  /// The values of a path; null where there are none.
  const Group* find(PathHash hash, std::string_view path) const;
  /// By its hash alone, which other paths may have too.
  const Group* find(PathHash hash) const;
  bool is_at(const Value& value, std::string_view path) const;
  std::string path_of(const Value& value) const;

  /// Whether two values can be seen together: not where they come from different elements of one
  /// array. Takes `Value::element` of both.
  bool are_consistent(std::uint32_t one, std::uint32_t other) const;

 private:
  friend class EventReader;
  struct Node {
    std::uint32_t parent;
    std::string_view name;
    PathHash hash;
  };
  struct Element {
    std::uint32_t parent;
    std::uint32_t array;
    std::uint32_t depth;
  };

  std::uint32_t add_node(std::uint32_t parent, std::string_view name);
  std::uint32_t add_element(std::uint32_t parent, std::uint32_t array);
  void add_value(Value value);
  void grow_table();
  std::string_view keep(std::string_view bytes);
  /// Room for `size` bytes that stay where they are until the next `clear`.
  char* allocate(std::size_t size);

  std::vector<Node> nodes_;        // the first is the root
  std::vector<Element> elements_;  // the first stands for none
  std::vector<Value> values_;      // the first stands for none
  std::vector<Group> groups_;
  std::vector<std::uint32_t> table_;  // of groups by hash, each index plus one; a power of two
  std::uint32_t arrays_ = 0;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t chunk_size_ = 0;  // of the last chunk
  std::size_t chunk_used_ = 0;
};

}  // namespace matinee::patterns
