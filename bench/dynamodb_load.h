// The DynamoDB figures: PutItem and GetItem of items of 1 KB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http_load.h"

namespace bench {

/// Creates a table with the string key `id`.
void create_table(std::uint16_t port, const std::string& name);

/// One request a connection, whose key is overwritten with the next number for each call.
class KeyedLoad : public Workload {
 public:
  KeyedLoad(const KeyedLoad&) = delete;
  KeyedLoad& operator=(const KeyedLoad&) = delete;

  std::string_view next_request(int connection) override;

  /// How many different keys were used so far.
  std::uint64_t keys_used() const { return next_; }

 protected:
  /// `keys` is how many keys there are before they repeat. The request contains kNumberPlace.
  KeyedLoad(const std::string& request, int connections, std::uint64_t keys);

 private:
  std::vector<std::string> requests_;
  std::size_t place_;
  std::uint64_t keys_;
  std::uint64_t next_ = 0;
};

/// PutItem of an item of 1 KB under a new key each time.
class PutItemLoad : public KeyedLoad {
 public:
  PutItemLoad(std::uint16_t port, const std::string& table, int connections);
  std::uint64_t accept(int connection, std::string_view body) override;
};

/// GetItem of items that PutItemLoad stored under the first `keys` keys.
class GetItemLoad : public KeyedLoad {
 public:
  struct Where {
    std::uint16_t port;
    std::string table;
    std::uint64_t keys;
  };
  GetItemLoad(const Where& where, int connections);
  std::uint64_t accept(int connection, std::string_view body) override;
};

}  // namespace bench
