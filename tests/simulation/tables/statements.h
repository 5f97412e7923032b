// Trees as statements of PartiQL, with parameters in the place of values.
#pragma once

#include "model.h"
#include "runtime/simulated/seeded_random.h"

namespace matinee::simulation::tables {

class StatementPrinter {
 public:
  explicit StatementPrinter(runtime::SeededRandom& dice) : dice_(dice) {}

  /// INSERT, UPDATE or DELETE. An update has actions.
  Json print(const Table& table, const Write& write);
  /// SELECT of what meets the keys' condition and the filter; of one item where the keys are all
  /// of its attributes.
  Json print(const PageRead& read);
  /// SELECT of one item.
  Json print(const Table& table, const Read& read);

  static std::string print(const Path& path);

 private:
  runtime::SeededRandom& dice_;
  Json::Array parameters_;

  std::string parameter(const Json& value);
  std::string print(const Condition& condition);
  std::string print_inner(const Condition& condition);
  std::string print(const Operand& operand);
  std::string print(const Action& action);
  std::string print(const Sum& sum);
  std::string columns(const std::vector<Path>& paths);
  std::string key_of(const Table& table, const Json& key);
  Json finish(const std::string& text);
};

}  // namespace matinee::simulation::tables
