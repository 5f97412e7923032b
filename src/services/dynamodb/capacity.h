// Capacity units: what operations report as consumed. Nothing is ever throttled.
#pragma once

#include <optional>
#include <string>

#include "dynamodb/shapes.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb {

/// One unit for each 4 KB that is read consistently, half of that otherwise; of at least one block.
double read_units(std::size_t bytes, bool consistent);
/// One unit for each KB written, of at least one.
double write_units(std::size_t bytes);

/// Adds up what one operation consumes of one table.
class CapacityMeter {
 public:
  /// `wanted` is ReturnConsumedCapacity.
  CapacityMeter(const std::optional<std::string>& wanted, const TableRecord& table)
      : total_(wanted == "TOTAL" || wanted == "INDEXES"), detailed_(wanted == "INDEXES") {
    consumed_.table_name = table.name;
  }

  void read(std::size_t bytes, bool consistent, const IndexRecord* index = nullptr);
  void write(const WriteCost& cost);

  /// What the reply says; nothing where the caller did not ask.
  std::optional<ConsumedCapacity> result() &&;

 private:
  bool total_;
  bool detailed_;
  ConsumedCapacity consumed_;

  void add(double units, const IndexRecord* index);
};

}  // namespace matinee::dynamodb
