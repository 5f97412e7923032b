// Item collections: what has one partition key in a table with local indexes. AWS estimates their
// size for those who write; here the estimate is always between 0 and 1 GB.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/shapes.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// What the reply to a write tells of the collection of `item`, which may be a mere key. `wanted`
/// is ReturnItemCollectionMetrics. Nothing where the caller did not ask or the table has no local
/// index.
std::optional<ItemCollectionMetrics> collection_metrics(const std::optional<std::string>& wanted,
                                                        const TableRecord& table, const Item& item);

/// The same of many writes, by table: each collection once.
class CollectionMeter {
 public:
  explicit CollectionMeter(const std::optional<std::string>& wanted) : wanted_(wanted) {}

  /// `name` is what the reply calls the table.
  void add(const std::string& name, const TableRecord& table, const Item& item);
  std::optional<std::map<std::string, std::vector<ItemCollectionMetrics>>> result() &&;

 private:
  const std::optional<std::string>& wanted_;
  std::map<std::string, std::vector<ItemCollectionMetrics>> tables_;
};

}  // namespace matinee::dynamodb
