// A SELECT against its table: what is read in which order, and what of it is shown.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "services/dynamodb/item_pages.h"
#include "services/dynamodb/partiql/key_search.h"
#include "services/dynamodb/partiql/statement.h"

namespace matinee::dynamodb::partiql {

/// Stays where it is made: its page points into it.
class Selection {
 public:
  /// Throws a ValidationException for what cannot be read, and NotImplemented for an order that
  /// would merge partitions. Both must outlive it.
  Selection(const Statement& statement, const TableRecord& table, bool is_consistent);
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;

  bool is_scan() const { return search_.partitions.empty(); }
  /// Ranges that are read one after the other; 1 for a scan.
  std::size_t range_count() const { return is_scan() ? 1 : search_.partitions.size(); }
  /// One range of it, after `start` where that is given.
  PageRequest page(const PageReader& reader, std::size_t range,
                   const std::optional<Item>& start) const;

 private:
  PageRequest page_;
  KeySearch search_;
  expressions::Projection projection_;

  const KeySchema& keys() const { return page_.index ? page_.index->keys : page_.table->keys; }
  void check_partitions() const;
  void put_in_order(const Statement& statement);
};

/// What a SELECT shows of an item.
Item show(const Statement& statement, Item item);

/// Where a SELECT goes on.
struct Place {
  std::size_t range = 0;
  std::optional<Item> start = std::nullopt;  // the last item that was looked at
};

/// NextToken. `digest` is of the statement and its parameters.
std::string write_token(const Place& place, std::uint64_t digest);
/// Throws a ValidationException for what `write_token` did not make for this statement.
Place read_token(const std::string& token, std::uint64_t digest);

}  // namespace matinee::dynamodb::partiql
