#include "storage/key.h"

namespace matinee::storage {

namespace {

// A zero byte within a string is written as two bytes, and the end of the string as two others that
// come before them: so a string sorts before those that it begins, whatever follows it in the key.
constexpr char zero = '\0';
constexpr char escaped_zero = '\xff';
constexpr char end_of_string = '\1';

}  // namespace

void KeyWriter::add(std::string_view value) {
  for (std::size_t start = 0;;) {
    std::size_t found = value.find(zero, start);
    out_.append(value.substr(start, found - start));
    out_.push_back(zero);
    if (found == std::string_view::npos) break;
    out_.push_back(escaped_zero);
    start = found + 1;
  }
  out_.push_back(end_of_string);
}

void KeyReader::read(std::string& value) {
  value.clear();
  for (;;) {
    std::size_t found = in_.find(zero);
    if (found == std::string_view::npos) throw DamagedRecord("a string in a key has no end");
    value.append(take(found));
    char mark = take(2)[1];
    if (mark == end_of_string) return;
    if (mark != escaped_zero) throw DamagedRecord("a string in a key is damaged");
    value.push_back(zero);
  }
}

std::string_view KeyReader::take(std::size_t length) {
  if (length > in_.size()) throw DamagedRecord("a key is shorter than its type");
  std::string_view taken = in_.substr(0, length);
  in_.remove_prefix(length);
  return taken;
}

}  // namespace matinee::storage
