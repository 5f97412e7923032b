// Which items a request has written, for the journal.
#pragma once

#include <string>
#include <vector>

#include "services/dynamodb/change_log.h"
#include "services/dynamodb/records.h"
#include "services/writes.h"

namespace matinee::dynamodb {

/// An item's key as people read it: "metropolis", "metropolis/1927".
std::string key_text(const KeySchema& keys, const Item& item);

/// Who hears of what is written to tables.
struct TableJournal {
  services::Writes items;
  ChangeLog* changes = nullptr;  // that are part of it
};

/// What one transaction writes to one table. Costs nothing unless the journal wants to know.
class ToldWrites {
 public:
  ToldWrites(const TableJournal& writes, const services::Context& caller)
      : writes_(writes), caller_(caller), is_wanted_(writes.items.wants(caller)) {}

  /// `item` may be its key alone. Must outlive this.
  void wrote(const Item& item) {
    if (is_wanted_) written_.push_back(&item);
  }
  void removed(const Item& key) {
    if (is_wanted_) removed_.push_back(&key);
  }
  /// In the transaction; begins anew. The changes that the table's stream has are told after it.
  void tell(const TableRecord& table);

 private:
  const TableJournal& writes_;
  const services::Context& caller_;
  bool is_wanted_;
  std::vector<const Item*> written_;
  std::vector<const Item*> removed_;

  void tell(const TableRecord& table, services::HopKind kind,
            std::vector<const Item*>& items) const;
};

}  // namespace matinee::dynamodb
