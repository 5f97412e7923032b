#include "services/dynamodb/item_collections.h"

#include <algorithm>

namespace matinee::dynamodb {

std::optional<ItemCollectionMetrics> collection_metrics(const std::optional<std::string>& wanted,
                                                        const TableRecord& table,
                                                        const Item& item) {
  if (wanted != "SIZE") return std::nullopt;
  const bool has_local =
      std::ranges::any_of(table.indexes, [](const IndexRecord& index) { return !index.global; });
  if (!has_local) return std::nullopt;
  const std::string& partition = table.keys.partition.name;
  return ItemCollectionMetrics{.item_collection_key = Item{{partition, item.at(partition)}},
                               .size_estimate_range_gb = std::vector<double>{0, 1}};
}

void CollectionMeter::add(const std::string& name, const TableRecord& table, const Item& item) {
  std::optional<ItemCollectionMetrics> metrics = collection_metrics(wanted_, table, item);
  if (!metrics) return;
  std::vector<ItemCollectionMetrics>& collections = tables_[name];
  const bool known = std::ranges::any_of(collections, [&](const ItemCollectionMetrics& other) {
    return other.item_collection_key == metrics->item_collection_key;
  });
  if (!known) collections.push_back(*std::move(metrics));
}

std::optional<std::map<std::string, std::vector<ItemCollectionMetrics>>>
CollectionMeter::result() && {
  if (tables_.empty()) return std::nullopt;
  return std::move(tables_);
}

}  // namespace matinee::dynamodb
