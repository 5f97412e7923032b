#include "services/sqs/change_log.h"

#include <utility>

namespace matinee::sqs {

PageMask ChangeLog::add(Sequence page, Slot first, PageMask changed) {
  Page& known =
      pages_.try_emplace(page, Page{.record = 0, .first = first, .changed = 0}).first->second;
  known.record = first_record_ + records_.size();
  known.changed |= changed;
  current_.push_back(page);
  return known.changed;
}

std::uint64_t ChangeLog::end_record() {
  records_.push_back(std::exchange(current_, {}));
  return first_record_ + records_.size() - 1;
}

ChangeLog::Retired ChangeLog::retire() {
  Retired retired{.record = first_record_++, .pages = {}};
  for (const Sequence page : records_.front()) {
    const auto known = pages_.find(page);
    if (known == pages_.end() || known->second.record != retired.record) continue;
    retired.pages.push_back(known->second.first);
    pages_.erase(known);
  }
  records_.pop_front();
  return retired;
}

ChangeLogReader::ChangeLogReader(const MessageTables& tables, std::uint64_t queue) {
  tables.each_changes(queue,
                      [this](std::uint64_t record, std::string_view bytes) { add(record, bytes); });
}

void ChangeLogReader::add(std::uint64_t record, std::string_view bytes) {
  if (log_.records_.empty()) log_.first_record_ = record;
  if (record != log_.first_record_ + log_.records_.size())
    throw storage::DamagedRecord("a record of changes is missing");
  for (storage::Reader in(bytes); !in.at_end();) {
    const PageUpdate update = read_update(in);
    updates_.insert_or_assign(update.page, update);
    log_.add(update.page, no_slot, update.changed);
  }
  log_.end_record();
}

const PageUpdate* ChangeLogReader::find(Sequence page) const {
  if (updates_.empty()) return nullptr;
  const auto found = updates_.find(page);
  return found == updates_.end() ? nullptr : &found->second;
}

void ChangeLogReader::placed(Sequence page, Slot first) {
  const auto known = log_.pages_.find(page);
  if (known != log_.pages_.end()) known->second.first = first;
}

ChangeLog ChangeLogReader::finish() {
  std::erase_if(log_.pages_, [](const auto& page) { return page.second.first == no_slot; });
  return std::move(log_);
}

}  // namespace matinee::sqs
