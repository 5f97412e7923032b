#include "services/sqs/queue.h"

#include "runtime/assertion.h"

namespace matinee::sqs {

namespace {

/// More pages than one receive or batch can touch, so that only long removals write in between.
constexpr std::size_t pages_at_a_time = 2 * max_page_messages;

}  // namespace

void undo_on_rollback(storage::Store& store, Queue& queue) {
  store.on_rollback([&queue] { queue.messages.reset(); });
}

PageChanges::~PageChanges() {
  // An exception leaves with changes unwritten: its transaction rolls back, and the index with it.
  if (std::uncaught_exceptions() == 0)
    runtime::expect(changes_.empty(), "changed messages are written");
}

PageChanges::Change& PageChanges::change_of(Slot slot) {
  if (!std::exchange(undone_on_rollback_, true)) undo_on_rollback(store_, queue_);
  const Entry& entry = queue_.messages->index[slot];
  const auto mark = [&](Change& change) -> Change& {
    change.changed |= static_cast<PageMask>(1U << entry.offset);
    return change;
  };
  for (Change& change : changes_)
    if (change.page == entry.page()) return mark(change);
  if (changes_.size() == pages_at_a_time) write();
  return mark(changes_.emplace_back(entry.page(), queue_.messages->index.page_start(slot)));
}

void PageChanges::touch(Slot slot) {
  change_of(slot);
}

void PageChanges::remove(Slot slot) {
  Change& change = change_of(slot);
  change.gone = queue_.messages->index.remove(slot);
}

void PageChanges::write() {
  ChangeLog& log = queue_.messages->changes;
  std::erase_if(changes_, [&](const Change& change) {
    if (!change.gone) return false;
    tables_.erase_page(queue_.record.number, change.page);
    log.forget(change.page);
    return true;
  });
  // The log's records are newer than the states of their pages.
  if (changes_.size() == 1 && !log.contains(changes_.front().page))
    put_states(changes_.front().first);
  else if (!changes_.empty())
    write_record();
  changes_.clear();
}

void PageChanges::put_states(Slot first) {
  const MessageIndex& index = queue_.messages->index;
  tables_.put_states(queue_.record.number, index[first].page(), encode_states(index, first));
}

void PageChanges::write_record() {
  Messages& messages = *queue_.messages;
  std::string bytes;
  storage::Writer out(bytes);
  for (const Change& change : changes_) {
    const PageMask changed = messages.changes.add(change.page, change.first, change.changed);
    write_update(out, messages.index, change.first, changed);
  }
  tables_.put_changes(queue_.record.number, messages.changes.end_record(), bytes);
  if (!messages.changes.is_long()) return;
  const ChangeLog::Retired retired = messages.changes.retire();
  for (const Slot first : retired.pages) put_states(first);
  tables_.erase_changes(queue_.record.number, retired.record);
}

}  // namespace matinee::sqs
