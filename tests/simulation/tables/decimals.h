// Numbers by a decimal library, to be compared with those of DynamoDB: what a sum is, which of two
// is larger, and how DynamoDB writes it.
#pragma once

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <optional>
#include <string>

namespace matinee::simulation::tables {

/// So many digits that no sum of two of DynamoDB's numbers is ever rounded: they have 38 digits
/// each, and lie between 1E-130 and 1E+126.
using Decimal = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<340>,
                                              boost::multiprecision::et_off>;

/// Of text that DynamoDB takes as a number: remembered, since reading takes long.
const Decimal& decimal_of(const std::string& text);

/// DynamoDB's normal form: all digits, no exponent. Nothing where it has more than 38 significant
/// ones, or is out of range.
std::optional<std::string> normal_text(const Decimal& number);

/// Of text that DynamoDB takes as a number.
std::string normal_text(const std::string& text);

}  // namespace matinee::simulation::tables
