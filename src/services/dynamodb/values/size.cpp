#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {
namespace {

// Numbers are stored in pairs of digits, aligned to the decimal point.
std::size_t size_of_number(const Number& number) {
  if (number.is_zero()) return 1;
  const int leading_half = number.leading_exponent() % 2 == 0 ? 1 : 0;
  const int pairs = (number.digits() + leading_half + 1) / 2;
  return 1 + static_cast<std::size_t>(pairs) + (number.is_negative() ? 1 : 0);
}

struct Sizes {
  std::size_t operator()(const Null&) const { return 1; }
  std::size_t operator()(bool) const { return 1; }
  std::size_t operator()(const std::string& text) const { return text.size(); }
  std::size_t operator()(const Number& number) const { return size_of_number(number); }
  std::size_t operator()(const Binary& binary) const { return binary.bytes.size(); }
  template <class T>
  std::size_t operator()(const Set<T>& set) const {
    std::size_t total = 0;
    for (const T& member : set.members) total += (*this)(member);
    return total;
  }
  std::size_t operator()(const List& list) const {
    std::size_t total = 3;
    for (const AttributeValue& element : list) total += 1 + size_of(element);
    return total;
  }
  std::size_t operator()(const Fault&) const { return 0; }
  std::size_t operator()(const Map& map) const { return 3 + map.size() + size_of(map); }
};

}  // namespace

std::size_t size_of(const AttributeValue& value) {
  return std::visit(Sizes{}, value.content());
}

std::size_t size_of(const Item& item) {
  std::size_t total = 0;
  for (const auto& [name, value] : item) total += name.size() + size_of(value);
  return total;
}

}  // namespace matinee::dynamodb
