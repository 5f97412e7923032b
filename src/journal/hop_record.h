// A hop as the journal stores it.
#pragma once

#include <string>
#include <vector>

#include "services/journal.h"
#include "storage/record.h"

namespace matinee::journal {

struct MessageRecord {
  std::string id;
  std::string cause;
  std::uint64_t bytes = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&MessageRecord::id), storage::field<2>(&MessageRecord::cause),
                 storage::field<3>(&MessageRecord::bytes)};
};

struct HopRecord {
  services::HopKind kind = services::HopKind::sent;
  runtime::Time time;
  std::string account;
  std::string region;
  std::string trace;  // the whole header; empty without one
  std::string resource;
  std::string peer;
  std::string reason;
  std::string caller;
  std::vector<MessageRecord> messages;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&HopRecord::kind),    storage::field<2>(&HopRecord::time),
                 storage::field<3>(&HopRecord::account), storage::field<4>(&HopRecord::region),
                 storage::field<5>(&HopRecord::trace),   storage::field<6>(&HopRecord::resource),
                 storage::field<7>(&HopRecord::peer),    storage::field<8>(&HopRecord::reason),
                 storage::field<9>(&HopRecord::caller),  storage::field<10>(&HopRecord::messages)};
};

}  // namespace matinee::journal
