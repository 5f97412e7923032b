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
  const Sequence page = queue_.messages->index[slot].page();
  for (Change& change : changes_)
    if (change.page == page) return change;
  if (changes_.size() == pages_at_a_time) write();
  return changes_.emplace_back(page, queue_.messages->index.page_start(slot));
}

void PageChanges::touch(Slot slot) {
  change_of(slot);
}

void PageChanges::remove(Slot slot) {
  Change& change = change_of(slot);
  change.gone = queue_.messages->index.remove(slot);
}

void PageChanges::write() {
  for (const Change& change : changes_) {
    if (change.gone)
      tables_.erase_page(queue_.record.number, change.page);
    else
      tables_.put_states(queue_.record.number, change.page,
                         encode_states(queue_.messages->index, change.first));
  }
  changes_.clear();
}

}  // namespace matinee::sqs
