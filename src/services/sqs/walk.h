// A walk over the messages of a queue in the order of their sending, which takes turns: it survives
// what happens to them, and notices that the queue is gone.
#pragma once

#include "services/sqs/service.h"

namespace matinee::sqs {

class Service::Walk {
 public:
  /// From the first message on. The queue's messages are in memory.
  Walk(Service& service, Queue& queue)
      : service_(service), key_(queue.key), number_(queue.record.number), queue_(&queue) {
    go_to(index().oldest());
  }

  Queue& queue() const { return *queue_; }
  bool ended() const { return slot_ == no_slot; }
  Slot slot() const { return slot_; }
  /// Over with the next access to the store.
  MessageView view() const {
    const Entry& entry = index()[slot_];
    return read_message(service_.tables_.require_page(number_, entry.page()), entry.offset);
  }

  void next() { go_to(index()[slot_].newer); }
  void go_to(Slot slot) {
    slot_ = slot;
    if (slot == no_slot) return;
    sequence_ = index()[slot].sequence;
    sent_at_ = index()[slot].sent_at;
  }
  /// After a turn: the message where it was, or the first after it. Throws where the queue is gone.
  void find_again() {
    queue_ = service_.find_queue(key_);
    if (!queue_ || queue_->record.number != number_) throw no_such_queue();
    service_.messages_of(*queue_);
    if (ended()) return;
    const Slot slot = index().find(sequence_, slot_);
    go_to(slot == no_slot ? index().first_after(sent_at_, sequence_) : slot);
  }

 private:
  Service& service_;
  QueueKey key_;
  std::uint64_t number_;
  Queue* queue_;
  Slot slot_ = no_slot;
  Sequence sequence_ = 0;
  runtime::Time sent_at_;

  const MessageIndex& index() const { return queue_->messages->index; }
};

}  // namespace matinee::sqs
