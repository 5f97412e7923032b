// What messages had in them: bounded each, bounded in all, and bounded in what a second may cost.
//
// Payloads lie in volumes of some megabytes; the oldest volume goes as a whole, so that removing
// costs nothing. What is withheld is noted in volumes as well, and outlasts them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "runtime/clock.h"
#include "services/journal.h"
#include "services/kept_hop.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::journal {

struct PayloadLimits {
  /// Of one body, in bytes: of longer ones the beginning is kept. 0: nothing is kept.
  std::size_t longest = std::size_t{64} << 10;
  /// Bytes, after which the next volume begins; the oldest of more than so many goes.
  std::uint64_t volume = std::uint64_t{4} << 20;
  std::uint64_t volumes = 16;
  /// For as long as one likes, and before anything is left out after a quiet time: what comes
  /// beyond that has its hops and no payload.
  std::uint64_t bytes_per_second = std::uint64_t{1} << 20;
  std::uint64_t burst = std::uint64_t{16} << 20;
  /// Ids that are withheld stay when their volume goes, while all together are no more than that.
  std::size_t most_old_secrets = std::size_t{1} << 16;
};

/// State thread only. Times are those of Loop::elapsed.
class Payloads {
 public:
  Payloads(storage::Store& store, PayloadLimits limits);

  /// In a transaction. How many bytes were stored; 0 where it is withheld or there have been too
  /// many.
  std::uint64_t keep(const services::Payload& payload, runtime::Duration now);
  void withhold(std::string_view id);
  bool is_withheld(std::string_view id) const;
  std::vector<services::KeptPayload> find(std::string_view id) const;
  void reset(const services::ResetScope& scope);

 private:
  using Key = std::tuple<std::uint64_t, std::string, std::string>;  // volume, id, resource
  using WithheldKey = std::tuple<std::uint64_t, std::string>;       // volume, id

  storage::Store& store_;
  PayloadLimits limits_;
  storage::Table<Key, services::KeptPayload> payloads_;
  storage::Table<WithheldKey, bool> withheld_;
  std::uint64_t volume_ = 1;
  std::uint64_t filled_ = 0;  // bytes of this volume
  std::uint64_t saved_;       // bytes that may be kept now; up to the burst
  std::optional<runtime::Duration> last_kept_ = {};
  /// Hashes of ids that are withheld: there are none, as a rule. Asked for each message that comes.
  std::unordered_set<std::size_t> secrets_;
  std::map<std::uint64_t, std::vector<std::size_t>> secrets_by_volume_;

  bool may_spend(std::uint64_t bytes, runtime::Duration now);
  void fill(std::uint64_t bytes);
  void forget_secrets(std::uint64_t first);
  void remember(std::uint64_t volume, std::size_t hash);
};

}  // namespace matinee::journal
