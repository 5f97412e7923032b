#include "gateway/connection.h"

#include <cerrno>

#include "gateway/malformed_reply.h"
#include "gateway/relays.h"

namespace matinee::gateway {

namespace {

/// What a client's word about the length of its body is worth in memory reserved at once.
constexpr std::uint64_t most_reserved = 1024 * 1024;

/// A chunk's size with its extensions.
constexpr std::size_t most_chunk_line_bytes = 16 * 1024;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Connection::Connection(Link& link, ConnectionHost& host, Peer peer)
    : link_(link), host_(host), peer_(std::move(peer)) {}

Connection::~Connection() {
  if (upload_) upload_->on_progress = nullptr;
  forget_live_body();
}

std::optional<std::uint64_t> Connection::idle_since() const {
  if (state_ == State::head || state_ == State::lingering) return idle_since_;
  return std::nullopt;
}

void Connection::start() {
  idle_since_ = ++host_.moments;
  set_deadline(host_.patience.idle);
  arm();
}

void Connection::on_readable() {
  is_read_armed_ = false;
  if (state_ == State::closed) return;
  if (state_ == State::waiting || state_ == State::writing || state_ == State::uploading ||
      state_ == State::asking) {
    look_for_end();
    return;
  }
  receive();
}

void Connection::on_writable() {
  is_write_armed_ = false;
  if (state_ == State::writing) drive();
}

void Connection::receive() {
  const std::int64_t received = link_.transport().receive(host_.buffer);
  if (received < 0 && errno == EINTR) link_.still_readable();
  if (received < 0 && would_block(errno)) return wait_for_more();
  if (received < 0) return close();
  if (static_cast<std::size_t>(received) == host_.buffer.size()) link_.still_readable();
  if (received == 0) {
    has_ended_ = true;
    return close();
  }
  const std::string_view bytes(host_.buffer.data(), static_cast<std::size_t>(received));
  if (rest_.empty()) {
    input_ = bytes;
  } else {
    rest_.append(bytes);
    input_ = rest_;
  }
  drive();
}

/// A client that has begun to open a TLS connection has as long for it as for a head.
void Connection::wait_for_more() {
  if (link_.transport().is_opening() != is_opening_) {
    is_opening_ = !is_opening_;
    set_deadline(is_opening_ ? host_.patience.head : host_.patience.idle);
  }
  arm();
}

/// While a reply is due only the end of the connection matters; further requests can wait.
void Connection::look_for_end() {
  const std::int64_t peeked = link_.transport().peek();
  if (peeked > 0) return link_.still_readable();
  if (peeked < 0 && errno == EINTR) link_.still_readable();
  if (peeked < 0 && would_block(errno)) return arm();
  if (peeked < 0) return close();
  // It is how clients end a reply that goes on.
  if (state_ == State::writing && writer_.is_live()) return close();
  // The client may only have shut down its side, so the reply is still sent.
  has_ended_ = true;
  set_deadline(host_.patience.body);
  if (exchange_) exchange_->cancel();
}

/// Does all that can be done without waiting.
void Connection::drive() {
  if (is_driving_ || state_ == State::closed) return;
  is_driving_ = true;
  while (step()) {
  }
  is_driving_ = false;
  if (state_ == State::closed) return;
  if (input_.empty()) {
    rest_.clear();
    if (rest_.capacity() > most_skipped_of_body) rest_.shrink_to_fit();
  } else if (input_.size() != rest_.size()) {
    rest_ = std::string(input_);
  }
  input_ = rest_;
  arm();
}

bool Connection::step() {
  switch (state_) {
    case State::head:
      return read_head();
    case State::body:
      return read_body();
    case State::uploading:
      return finish_upload();
    case State::writing:
      return write();
    case State::skipping:
      return skip_body();
    case State::lingering:
      input_ = {};
      return false;
    case State::asking:
    case State::waiting:
    case State::closed:
      return false;
  }
  return false;
}

bool Connection::wants_input() const {
  if (has_ended_) return false;
  switch (state_) {
    case State::body:
      return !upload_ || upload_->has_room();
    case State::head:
    case State::skipping:
    case State::lingering:
      return true;
    case State::asking:
    case State::waiting:
    case State::uploading:
      return input_.empty();
    case State::writing:
      return writer_.is_live() && input_.empty();
    case State::closed:
      return false;
  }
  return false;
}

void Connection::arm() {
  if (is_read_armed_ || !wants_input()) return;
  is_read_armed_ = true;
  link_.wait_readable();
}

bool Connection::read_head() {
  if (parser_.is_fresh()) {
    // RFC 9112 asks servers to overlook empty lines before a request.
    while (input_.starts_with('\r') || input_.starts_with('\n')) input_.remove_prefix(1);
    if (input_.empty()) return false;
    set_deadline(host_.patience.head);
  }
  if (input_.empty()) return false;
  const ParseProgress progress = parser_.put_head(input_);
  input_.remove_prefix(progress.consumed);
  switch (progress.state) {
    case ParseProgress::State::need_more:
      return false;
    case ParseProgress::State::failed:
      refuse_malformed(progress.status, progress.reason);
      break;
    case ParseProgress::State::done:
      begin_request();
      break;
  }
  return true;
}

void Connection::begin_request() {
  framing_ = parser_.framing();
  body_left_ = framing_.content_length;
  body_received_ = 0;
  is_body_complete_ = !framing_.is_chunked && body_left_ == 0;
  must_close_ = !framing_.keep_alive;
  protocol::HttpRequest request = parser_.take_request();
  is_head_request_ = request.method == "HEAD";
  if (request.method == "CONNECT") return open_tunnel(request);
  peer_.is_secure = link_.transport().is_secure();
  Admission admission = host_.handler->begin(std::move(request), peer_);
  if (!admission.exchange) return respond(std::move(admission.refusal));
  exchange_ = std::move(admission.exchange);
  try {
    admit();
  } catch (...) {
    refuse(*current_error());
  }
}

/// The client takes this server for its proxy, and asks for another one that this server stands
/// for: what it will send there comes here.
void Connection::open_tunnel(const protocol::HttpRequest& request) {
  const std::string_view target = request.target;
  if (!host_.has_tunnels)
    return refuse_malformed(405, "There are no tunnels here: start Matinee with --tls.");
  const bool leads_here = host_.tunnels.lead_here(target, std::to_string(peer_.port));
  if (!leads_here && !host_.tunnels.others)
    return refuse_malformed(403, "Tunnels lead to AWS's names and to this machine only.");
  if (link_.transport().is_secure() || !is_body_complete_ || !input_.empty())
    return refuse_malformed(400, "A tunnel begins on a plain connection, and after its answer.");
  if (!leads_here) {
    state_ = State::closed;
    deadline_ = 0;
    return host_.tunnels.others->start(link_.release(), std::string(target));
  }
  send_at_once("HTTP/1.1 200 Connection established\r\n\r\n");
  link_.transport().begin_anew();
  begin_next();
}

void Connection::admit() {
  body_limit_ = exchange_->body_limit();
  if (framing_.content_length > body_limit_) throw exchange_->too_large();
  sink_ = exchange_->open_sink();
  state_ = State::body;
  set_deadline(host_.patience.body);
  if (is_body_complete_) return;
  if (sink_ && (framing_.is_chunked || body_left_ > Upload::small_body)) {
    upload_ = std::make_shared<Upload>(std::move(sink_), *host_.workers, host_.queue,
                                       host_.uploads_at_work);
  } else if (!sink_) {
    upload_ = exchange_->open_intake();
  }
  if (upload_) {
    upload_->on_progress = [this] {
      if (state_ == State::body) set_deadline(host_.patience.body);
      drive();
    };
  } else {
    body_.reserve(std::min(body_left_, most_reserved));
  }
  if (!framing_.expects_continue || !input_.empty()) return;
  state_ = State::asking;
  deadline_ = 0;
  exchange_->ask([this](std::optional<protocol::HttpResponse> refusal) {
    decide(std::move(refusal));
    drive();
  });
}

void Connection::decide(std::optional<protocol::HttpResponse> refusal) {
  if (refusal) return respond(std::move(*refusal));
  state_ = State::body;
  set_deadline(host_.patience.body);
  send_at_once("HTTP/1.1 100 Continue\r\n\r\n");
}

/// The first bytes on an empty socket always fit; one that fails shows it when it is read.
void Connection::send_at_once(std::string_view text) {
  const iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  static_cast<void>(link_.transport().send({&piece, 1}, false));
}

bool Connection::read_body() {
  if (upload_ && upload_->has_ended()) return finish_upload();
  if (is_body_complete_) return finish_body();
  if (input_.empty()) return false;
  set_deadline(host_.patience.body);
  return framing_.is_chunked ? take_chunked_body() : take_sized_body();
}

bool Connection::take_sized_body() {
  const std::size_t here = std::min<std::uint64_t>(body_left_, input_.size());
  keep_body(input_.substr(0, here));
  input_.remove_prefix(here);
  body_left_ -= here;
  is_body_complete_ = body_left_ == 0;
  return is_body_complete_;
}

bool Connection::take_chunked_body() {
  std::string content;
  const ParseProgress progress = parser_.put_chunks(input_, content);
  input_.remove_prefix(progress.consumed);
  if (progress.state == ParseProgress::State::failed) {
    refuse_malformed(progress.status, progress.reason);
    return true;
  }
  body_received_ += content.size();
  if (body_received_ > body_limit_) {
    refuse(exchange_->too_large());
    return true;
  }
  if (input_.size() > most_chunk_line_bytes) {
    refuse_malformed(400, "A chunk header is too long.");
    return true;
  }
  keep_body(content);
  is_body_complete_ = progress.state == ParseProgress::State::done;
  return is_body_complete_;
}

void Connection::keep_body(std::string_view bytes) {
  if (upload_) {
    upload_->add(bytes);
  } else {
    body_.append(bytes);
  }
}

bool Connection::finish_body() {
  deadline_ = 0;
  if (upload_) {
    state_ = State::uploading;
    upload_->end(framing_.is_chunked ? parser_.take_trailers() : protocol::Headers());
    return true;
  }
  if (!sink_) {
    run(protocol::Body(std::move(body_)));
    return true;
  }
  try {
    run(write_at_once(*sink_, body_));
  } catch (...) {
    refuse(*current_error());
  }
  return true;
}

bool Connection::finish_upload() {
  if (!upload_->has_ended()) return false;
  if (upload_->error()) {
    refuse(*upload_->error());
  } else {
    run(upload_->take_result());
  }
  return true;
}

void Connection::run(protocol::Body body) {
  state_ = State::waiting;
  deadline_ = 0;
  exchange_->run(std::move(body), [this](protocol::HttpResponse response) {
    respond(std::move(response));
    drive();
  });
  // Those that waited already were told when the stop began.
  if (host_.is_stopping && state_ == State::waiting) exchange_->cancel();
}

void Connection::refuse(const protocol::ServiceError& error) {
  respond(exchange_->refuse(error));
}

void Connection::refuse_malformed(int status, std::string reason) {
  must_close_ = true;
  is_body_complete_ = false;
  respond(malformed_reply(status, reason));
}

bool Connection::skip_body() {
  const std::size_t here = std::min<std::uint64_t>(body_left_, input_.size());
  input_.remove_prefix(here);
  body_left_ -= here;
  if (body_left_ > 0) return false;
  begin_next();
  return true;
}

void Connection::begin_next() {
  if (upload_) upload_->on_progress = nullptr;
  upload_ = nullptr;
  sink_ = nullptr;
  exchange_ = nullptr;
  body_.clear();
  if (body_.capacity() > most_reserved / 64) body_.shrink_to_fit();
  parser_.reset();
  framing_ = {};
  is_body_complete_ = true;
  is_head_request_ = false;
  state_ = State::head;
  idle_since_ = ++host_.moments;
  set_deadline(host_.patience.idle);
}

void Connection::linger() {
  state_ = State::lingering;
  input_ = {};
  set_deadline(host_.patience.linger);
  if (!link_.transport().end_sending()) close();
}

void Connection::sweep() {
  if (deadline_ == 0 || host_.tick < deadline_) return;
  deadline_ = 0;
  switch (state_) {
    case State::head:
      if (parser_.is_fresh()) return close();
      refuse_malformed(408, "The request's head did not arrive in time.");
      return drive();
    case State::body:
      // It is not the client who is slow where the workers have not made room for more.
      if (upload_ && !upload_->has_room()) return set_deadline(host_.patience.body);
      must_close_ = true;
      refuse(protocol::ServiceError(
          "RequestTimeout", 400,
          "Your socket connection to the server was not read from or written to within the "
          "timeout period. Idle connections will be closed."));
      return drive();
    default:
      return close();
  }
}

void Connection::begin_stop() {
  if (state_ == State::head && parser_.is_fresh() && input_.empty()) return close();
  if (state_ == State::lingering) return close();
  must_close_ = true;
  if (exchange_ && state_ == State::waiting) exchange_->cancel();
  if (state_ != State::writing || !writer_.is_live()) return;
  writer_.end_live();
  if (!is_write_armed_) drive();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  deadline_ = 0;
  if (exchange_) exchange_->cancel();
  if (upload_) upload_->on_progress = nullptr;
  upload_ = nullptr;
  sink_ = nullptr;
  writer_.clear();
  forget_live_body();
  link_.close();
}

}  // namespace matinee::gateway
