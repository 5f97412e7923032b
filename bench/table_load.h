// Loads on one table of items of 300 bytes, a hundred under each partition key: written in batches
// and transactions, read one by one and by query, in a random order or each once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http_load.h"

namespace bench {

inline constexpr std::uint64_t kItemsOfPartition = 100;

/// Requests about items whose numbers are below `items`: item n is under the partition key
/// n / 100 and the sort key n % 100.
class TableLoad : public Workload {
 public:
  enum class Kind {
    get_item,       ///< One item.
    put_item,       ///< One item, in place of what is there.
    query,          ///< The hundred items of a partition, in one page.
    batch_write,    ///< 25 puts.
    transact_write  ///< Four puts, all or nothing.
  };
  enum class Visit {
    each_once,  ///< Each item once, in an order that is not that of the keys: to fill.
    random,     ///< But requests of several items take what each_once would.
  };
  struct Plan {
    std::uint16_t port = 0;
    std::string table = {};
    Kind kind = Kind::get_item;
    std::uint64_t items = 0;
    Visit visit = Visit::random;
  };

  TableLoad(const Plan& plan, int connections);

  std::string_view next_request(int connection) override;
  /// Units are items, and pages of a query. What each_once does for the second time is none, so
  /// that all are there when there have been as many units as items.
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  struct Request {
    std::string bytes;
    std::vector<std::size_t> partition_places;
    std::vector<std::size_t> sort_places;
    std::vector<std::size_t> value_places;
    bool is_repeated = false;
  };

  Plan plan_;
  std::vector<Request> requests_;
  std::string pool_;  // Where values are cut from.
  std::uint64_t next_ = 0;
  std::uint64_t random_ = 0x9e3779b97f4a7c15;

  Request make_request() const;
  std::uint64_t next_item();
  std::uint64_t next_random();
};

/// Creates a table with the string keys `p` and `s`.
void create_keyed_table(std::uint16_t port, const std::string& name);

/// Writes items 0 to `items` - 1, each once.
void fill_table(std::uint16_t port, const std::string& name, std::uint64_t items, int connections);

}  // namespace bench
