// How a connection sends its replies: those that are here as a whole, and those that go on.
#include "gateway/connection.h"

namespace matinee::gateway {

void Connection::respond(protocol::HttpResponse response) {
  if (response.status == cut_connection) return cut();
  // Nobody knows whether a client that was not told to continue will send its body.
  if (!is_body_complete_ && (framing_.is_chunked || framing_.expects_continue ||
                             body_left_ > most_skipped_of_body || has_ended_))
    must_close_ = true;
  if (host_.is_stopping) must_close_ = true;
  // Where there are no chunks, only the end of the connection ends such a body.
  if (framing_.is_http_1_0 && protocol::find_live_source(response.body)) must_close_ = true;
  writer_.start(std::move(response), {.head_only = is_head_request_,
                                      .keep_alive = !must_close_,
                                      .is_http_1_0 = framing_.is_http_1_0,
                                      .date = host_.date});
  state_ = State::writing;
  if (writer_.is_live()) listen_to_live_body();
  set_deadline(host_.patience.write);
}

/// The client gets a reset, and not the end of a connection that was closed in order.
void Connection::cut() {
  link_.transport().reset_when_closed();
  close();
}

/// While the socket takes no more, nothing is done: the next piece waits, and so does the writer.
void Connection::listen_to_live_body() {
  if (host_.is_stopping) writer_.end_live();
  live_place_ = std::make_shared<Connection*>(this);
  writer_.on_more([queue = host_.queue, place = live_place_] {
    queue->post([place] {
      Connection* connection = *place;
      if (connection && connection->state_ == State::writing && !connection->is_write_armed_)
        connection->drive();
    });
  });
}

void Connection::forget_live_body() {
  if (live_place_) *live_place_ = nullptr;
  live_place_ = nullptr;
}

bool Connection::write() {
  switch (writer_.advance(link_.transport())) {
    case ResponseWriter::Progress::done:
      return finish_reply();
    case ResponseWriter::Progress::failed:
      close();
      return false;
    case ResponseWriter::Progress::waiting:
      deadline_ = 0;
      return false;
    case ResponseWriter::Progress::blocked:
      break;
  }
  set_deadline(host_.patience.write);
  if (!is_write_armed_) {
    is_write_armed_ = true;
    link_.wait_writable();
  }
  return false;
}

bool Connection::finish_reply() {
  writer_.clear();
  forget_live_body();
  if (has_ended_) {
    close();
    return false;
  }
  if (must_close_) {
    // Closing with bytes unread resets the connection, and the reply might be lost with it.
    if (is_body_complete_ && input_.empty()) {
      close();
    } else {
      linger();
    }
    return false;
  }
  if (is_body_complete_) {
    begin_next();
  } else {
    state_ = State::skipping;
    set_deadline(host_.patience.body);
  }
  return true;
}

}  // namespace matinee::gateway
