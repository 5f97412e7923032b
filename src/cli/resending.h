// Sending again what the journal knows of a message, an event or a call: as whoever asks, by the
// operation that took it in.
#pragma once

#include <string>

#include "client/channel.h"
#include "insight/shapes.h"
#include "runtime/task.h"

namespace matinee::cli {

/// Whether there is an operation for it: messages of queues and topics, events, and calls of
/// functions; what wrote an item or an object is none of them, nor is what a function has answered
/// or an endpoint was sent.
bool is_sendable(const insight::Payload& payload);

/// What became of it.
struct Resent {
  std::string resource;  // its ARN
  std::string id;        // of the new message or event; empty of a call
};

/// With another body where the payload has been given one. `fresh` is an id that nobody has used: a
/// FIFO queue or topic would take the old one for a duplicate. Throws what clients throw, and
/// std::runtime_error with a sentence where the payload is no event.
runtime::Task<Resent> send_again(client::Channel& channel, insight::Payload payload,
                                 std::string fresh);

}  // namespace matinee::cli
