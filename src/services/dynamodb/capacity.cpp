#include "services/dynamodb/capacity.h"

#include <algorithm>

namespace matinee::dynamodb {
namespace {

double blocks(std::size_t bytes, std::size_t block) {
  return static_cast<double>(std::max<std::size_t>(1, (bytes + block - 1) / block));
}

void add_units(std::optional<double>& sum, double units) {
  sum = sum.value_or(0) + units;
}

}  // namespace

double read_units(std::size_t bytes, bool consistent) {
  return blocks(bytes, 4096) * (consistent ? 1 : 0.5);
}

double write_units(std::size_t bytes) {
  return blocks(bytes, 1024);
}

void CapacityMeter::add(double units, const IndexRecord* index) {
  add_units(consumed_.capacity_units, units);
  if (!detailed_) return;
  // The table is listed beside an index, whether or not it was read.
  if (!consumed_.table) consumed_.table.emplace();
  add_units(consumed_.table->capacity_units, index ? 0 : units);
  if (!index) return;
  auto& indexes =
      index->global ? consumed_.global_secondary_indexes : consumed_.local_secondary_indexes;
  if (!indexes) indexes.emplace();
  add_units((*indexes)[index->name].capacity_units, units);
}

void CapacityMeter::read(std::size_t bytes, bool consistent, const IndexRecord* index) {
  if (total_) add(read_units(bytes, consistent), index);
}

void CapacityMeter::write(const WriteCost& cost) {
  if (!total_) return;
  add(write_units(cost.bytes), nullptr);
  for (const WriteCost::Index& entry : cost.indexes)
    for (const std::size_t bytes : entry.writes) add(write_units(bytes), entry.index);
}

std::optional<ConsumedCapacity> CapacityMeter::result() && {
  if (!total_) return std::nullopt;
  return std::move(consumed_);
}

}  // namespace matinee::dynamodb
