// The table of figures: what was wanted, what was measured, and whether it was met.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class Better { higher, lower };

/// One line of the table. Without a target the figure is only for information.
struct Figure {
  std::string name;
  std::string unit;
  double measured = 0;
  std::optional<double> target;
  Better better = Better::higher;
  std::string note;
  /// Why there is no measurement; empty when there is one.
  std::string failure;
};

enum class Verdict { met, missed, information, failed };

Verdict verdict(const Figure& figure);

/// The table for people.
std::string as_table(const std::vector<Figure>& figures);

/// The same as a JSON document.
std::string as_json(const std::vector<Figure>& figures);

}  // namespace bench
