// Reads JSON into an Event: everything on one pass, without recursion, and without copies of what
// has no escapes.
#pragma once

#include "patterns/event.h"

namespace matinee::patterns {

class EventReader {
 public:
  EventReader(Event& event, std::string_view json) : event_(event), json_(json) {}

  /// An object, its members at the root. False where it is none; the event is then half filled.
  bool read_object();
  /// An array of scalars, each at `node`.
  bool read_scalars(std::uint32_t node);

 private:
  /// An object or array that is being read.
  struct Level {
    bool is_object;
    std::uint32_t node;
    std::uint32_t element;
    std::uint32_t array;
  };

  char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  void skip_space();
  bool take(char c);
  bool read_value(std::uint32_t node, std::uint32_t element);
  bool read_scalar(std::uint32_t node, std::uint32_t element);
  bool open(std::uint32_t node, std::uint32_t element);
  /// What follows a whole value: a comma, or the end of one or more levels.
  bool close_levels();
  bool read_member();
  bool read_element();
  bool read_text(std::string_view& out);
  bool read_escaped(std::size_t begin, std::string_view& out);
  bool read_escape(char*& out);
  bool read_hex(unsigned& out);
  bool read_number();
  bool read_digits();
  bool read_word(std::string_view word);

  Event& event_;
  std::string_view json_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
};

}  // namespace matinee::patterns
