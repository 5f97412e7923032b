// Trees as the text of expressions, with placeholders.
#pragma once

#include "runtime/simulated/seeded_random.h"
#include "updates.h"

namespace matinee::simulation::tables {

class Printer {
 public:
  /// The same tree is written in different ways.
  explicit Printer(runtime::SeededRandom& dice) : dice_(dice) {}

  std::string print(const Condition& condition);
  std::string print(const Update& update);
  std::string print(const std::vector<Path>& paths);
  std::string print(const Path& path);

  /// Writes what the placeholders stand for into a request.
  void add_to(Json& body) const;

 private:
  runtime::SeededRandom& dice_;
  Json names_;
  Json values_;

  std::string name_of(const std::string& attribute);
  std::string name_of(const Json& value);
  std::string print(const Operand& operand);
  std::string print(const Sum& sum);
  std::string print_inner(const Condition& condition);
  template <class T>
  std::string join(const std::vector<T>& parts, const std::string& between);
};

/// A value as clients may write it: numbers in other forms, sets in another order.
Json spelled(const Json& value, runtime::SeededRandom& dice);

}  // namespace matinee::simulation::tables
