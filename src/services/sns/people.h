// Takes what goes to people and their devices, and keeps the last of it to be shown.
#pragma once

#include <tuple>

#include "runtime/clock.h"
#include "services/delivery_target.h"
#include "services/reset.h"
#include "services/unsent_messages.h"
#include "storage/table.h"

namespace matinee::sns {

struct KeptRecord {
  std::string to;
  std::string subject;
  std::string body;
  std::string source_arn;
  std::string id;
  runtime::Time at;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&KeptRecord::to),   storage::field<2>(&KeptRecord::subject),
                 storage::field<3>(&KeptRecord::body), storage::field<4>(&KeptRecord::source_arn),
                 storage::field<5>(&KeptRecord::id),   storage::field<6>(&KeptRecord::at)};
};

class People final : public services::DeliveryTarget, public services::UnsentMessages {
 public:
  /// So many are kept for each account and region; older ones go.
  static constexpr std::uint64_t most_kept = 1000;

  /// Both must outlive it.
  People(storage::Store& store, runtime::Clock& clock);

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::optional<services::Refusals> take(
      const std::vector<services::Delivery>& deliveries) override;
  std::size_t most() const override { return 10; }

  std::vector<services::UnsentMessage> unsent(std::string_view account,
                                              std::size_t most) const override;
  void reset(const services::ResetScope& scope);

 private:
  /// Account, region, number.
  using Key = std::tuple<std::string, std::string, std::uint64_t>;

  storage::Store& store_;
  runtime::Clock& clock_;
  storage::Table<Key, KeptRecord> table_;
};

}  // namespace matinee::sns
