#include "decimals.h"

#include <unordered_map>

namespace matinee::simulation::tables {
namespace {

constexpr std::size_t most_digits = 38;
constexpr int largest_exponent = 125;
constexpr int smallest_exponent = -130;

}  // namespace

const Decimal& decimal_of(const std::string& text) {
  static std::unordered_map<std::string, Decimal> known;
  return known.try_emplace(text, text).first->second;
}

std::optional<std::string> normal_text(const Decimal& number) {
  if (number == 0) return "0";
  // A sign, one digit, a point, the others, and the exponent: "-1.25e+07".
  std::string text = number.str(0, std::ios_base::scientific);
  std::string sign;
  if (text.front() == '-') {
    sign = "-";
    text.erase(0, 1);
  }
  const std::size_t mark = text.find('e');
  const int exponent = std::stoi(text.substr(mark + 1));
  std::string digits = text.substr(0, mark);
  if (const std::size_t point = digits.find('.'); point != std::string::npos)
    digits.erase(point, 1);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.size() > most_digits || exponent > largest_exponent || exponent < smallest_exponent)
    return std::nullopt;
  if (exponent < 0) return sign + "0." + std::string(std::size_t(-exponent - 1), '0') + digits;
  const auto before_point = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= before_point)
    return sign + digits + std::string(before_point - digits.size(), '0');
  return sign + digits.substr(0, before_point) + "." + digits.substr(before_point);
}

std::string normal_text(const std::string& text) {
  return normal_text(decimal_of(text)).value();
}

}  // namespace matinee::simulation::tables
