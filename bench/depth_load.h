// Random reads and overwrites of items and objects under a fixed number of keys: what a large table
// or bucket costs beside a small one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http_load.h"

namespace bench {

/// What is stored: text that compresses to almost nothing, or bytes that do not compress at all.
enum class Content { compressible, random };

/// Requests that differ in their key, which is one of the first `keys` numbers, and in the bytes of
/// their value.
class DepthLoad : public Workload {
 public:
  enum class Kind { get_item, put_item, get_object, put_object };
  enum class Visit {
    each_once,  ///< In an order that is not that of the keys: to fill.
    random,
  };
  struct Plan {
    std::uint16_t port = 0;
    Kind kind = Kind::get_item;
    Content content = Content::compressible;
    std::uint64_t keys = 0;
    Visit visit = Visit::random;
  };

  DepthLoad(const Plan& plan, int connections);

  std::string_view next_request(int connection) override;
  std::uint64_t accept(int connection, std::string_view body) override;

 private:
  struct Request {
    std::string bytes;
    std::size_t key_place = 0;
    std::size_t value_place = std::string::npos;
    bool is_repeated = false;  // each_once has begun again; such answers are not counted
  };

  std::uint64_t next_key();
  std::uint64_t next_random();

  Plan plan_;
  std::vector<Request> requests_;
  std::string pool_;  // Where random values are cut from.
  std::size_t value_bytes_;
  std::uint64_t next_ = 0;
  std::uint64_t random_ = 0x9e3779b97f4a7c15;
};

/// The table and the bucket that these loads use.
void create_depth_table_and_bucket(std::uint16_t port);

}  // namespace bench
