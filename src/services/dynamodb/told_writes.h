// Which items a request has written, for the journal.
#pragma once

#include <string>
#include <vector>

#include "services/dynamodb/records.h"
#include "services/writes.h"

namespace matinee::dynamodb {

/// An item's key as people read it: "metropolis", "metropolis/1927".
std::string key_text(const KeySchema& keys, const Item& item);

/// What one transaction writes to one table. Costs nothing unless the journal wants to know.
class ToldWrites {
 public:
  ToldWrites(const services::Writes& writes, const services::Context& caller)
      : writes_(writes), caller_(caller), is_wanted_(writes.wants(caller)) {}

  /// `item` may be its key alone. Must outlive this.
  void wrote(const Item& item) {
    if (is_wanted_) written_.push_back(&item);
  }
  void removed(const Item& key) {
    if (is_wanted_) removed_.push_back(&key);
  }
  /// In the transaction; begins anew.
  void tell(const TableRecord& table);

 private:
  const services::Writes& writes_;
  const services::Context& caller_;
  bool is_wanted_;
  std::vector<const Item*> written_;
  std::vector<const Item*> removed_;

  void tell(const TableRecord& table, services::HopKind kind,
            std::vector<const Item*>& items) const;
};

}  // namespace matinee::dynamodb
