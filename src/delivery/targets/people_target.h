// Mail, text messages and devices: kept, up to a number, and shown by `matinee outbox`.
#pragma once

#include "services/delivery_target.h"
#include "services/letters.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::delivery {

struct LetterRecord {
  runtime::Time time;
  std::string to;
  std::string subject;
  std::string text;
  std::string source;
  std::string account;
  std::string id;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&LetterRecord::time),    storage::field<2>(&LetterRecord::to),
      storage::field<3>(&LetterRecord::subject), storage::field<4>(&LetterRecord::text),
      storage::field<5>(&LetterRecord::source),  storage::field<6>(&LetterRecord::account),
      storage::field<7>(&LetterRecord::id)};
};

class PeopleTarget final : public services::DeliveryTarget, public services::Letters {
 public:
  static constexpr std::uint64_t most_letters = 1000;

  /// Both must outlive it.
  PeopleTarget(storage::Store& store, const runtime::Clock& clock);

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::optional<services::Refusals> take(std::vector<services::Delivery>& deliveries) override;
  std::size_t most() const override { return 10; }
  bool mixes_traces() const override { return true; }

  std::vector<services::Letter> last(const std::string& account, std::size_t most) const override;
  void reset(const services::ResetScope& scope);

 private:
  storage::Store& store_;
  const runtime::Clock& clock_;
  storage::Table<std::uint64_t, LetterRecord> table_;
  std::uint64_t last_number_ = 0;
};

}  // namespace matinee::delivery
