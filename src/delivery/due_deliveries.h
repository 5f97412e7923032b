// When deliveries that were not taken are tried again.
#pragma once

#include "delivery/delivery_record.h"
#include "services/due_source.h"
#include "storage/table.h"

namespace matinee::delivery {

inline constexpr storage::TableId lanes_table{0x0802};
inline constexpr storage::TableId deliveries_table{0x0803};

/// Of each lane the first one: others of it come after that.
class DueDeliveries final : public services::DueSource {
 public:
  explicit DueDeliveries(storage::Store& store)
      : lanes_(store, lanes_table), deliveries_(store, deliveries_table) {}

  /// Lanes are of no region. Of very many lanes only the first are looked at.
  std::vector<services::DueThing> due(const services::Context& context, runtime::Time now,
                                      std::size_t most) const override;

 private:
  storage::Table<std::uint64_t, LaneRecord> lanes_;
  storage::Table<DeliveryKey, DeliveryRecord> deliveries_;
};

}  // namespace matinee::delivery
