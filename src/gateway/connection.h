// One client connection as a state machine over a non-blocking socket: head, body, wait for the
// reply, write it, and again. It owns no buffer while it is idle, and knows nothing of the loop
// that tells it when its socket is ready.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/head_parser.h"
#include "gateway/listener.h"
#include "gateway/request_handler.h"
#include "gateway/response_writer.h"
#include "gateway/transport.h"
#include "gateway/upload.h"

namespace matinee::gateway {

/// A refused body up to this size is read to its end, so that the connection can go on.
inline constexpr std::uint64_t most_skipped_of_body = 1024 * 1024;

/// What a connection asks of its loop. Both waits are for once. A connection that is told that its
/// socket is readable reads all there is, or says that it has not.
class Link {
 public:
  virtual ~Link() = default;
  virtual Transport& transport() = 0;
  virtual void wait_readable() = 0;
  virtual void still_readable() = 0;
  virtual void wait_writable() = 0;
  /// Closes the socket. The connection is destroyed at the end of the loop's round.
  virtual void close() = 0;
  /// The socket goes to somebody else, and the connection ends without it.
  virtual OwnedDescriptor release() = 0;
};

/// How long a connection may take, in ticks of its I/O thread's sweep.
struct Patience {
  std::uint64_t head = 0;    // for a whole head, from its first byte
  std::uint64_t body = 0;    // between two pieces of a body
  std::uint64_t idle = 0;    // between two requests
  std::uint64_t write = 0;   // between two pieces of a reply
  std::uint64_t linger = 0;  // for the client to close, where the server ends a connection
};

/// What the connections of one I/O thread share.
struct ConnectionHost {
  RequestHandler* handler = nullptr;
  std::shared_ptr<IoQueue> queue;
  runtime::Workers* workers = nullptr;
  Patience patience;
  std::span<char> buffer;  // everybody reads into this, one at a time
  std::uint64_t tick = 0;  // of the sweep
  std::string date;        // of the Date header
  bool is_stopping = false;
  bool has_tunnels = false;  // CONNECT is known at all
  Tunnels tunnels = {};
  std::size_t uploads_at_work = 0;  // pieces that workers have in hand
  std::uint64_t moments = 0;        // at which some connection has become idle
};

class Connection {
 public:
  Connection(Link& link, ConnectionHost& host, Peer peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void on_readable();
  void on_writable();
  /// Once a tick: ends what takes too long.
  void sweep();
  /// The moment since when it waits for a request, or for the rest of its head; nothing where it is
  /// busy.
  std::optional<std::uint64_t> idle_since() const;
  /// Closes an idle connection, for somebody else.
  void give_way() { close(); }
  /// The server ends: an idle connection closes now, another after its reply.
  void begin_stop();

 private:
  enum class State : std::uint8_t {
    head,       // reading a head, or idle before it
    asking,     // whether the client may send the body
    body,       // reading a body
    uploading,  // the body is here, its sink has not finished
    waiting,    // for the reply
    writing,    // the reply
    skipping,   // the rest of a body that was refused
    lingering,  // until the client closes too
    closed
  };

  Link& link_;
  ConnectionHost& host_;
  Peer peer_;
  State state_ = State::head;
  bool is_driving_ = false;
  bool is_read_armed_ = false;
  bool is_write_armed_ = false;
  bool has_ended_ = false;   // the client sends nothing any more
  bool must_close_ = false;  // after this reply
  bool is_head_request_ = false;
  bool is_opening_ = false;     // TLS: the client has begun to, and must come to an end
  std::uint64_t deadline_ = 0;  // tick; 0: none
  std::uint64_t idle_since_ = 0;
  std::string_view input_;  // not consumed yet, in the shared buffer or in rest_
  std::string rest_;        // what a round left over

  HeadParser parser_;
  Framing framing_;
  std::uint64_t body_left_ = 0;  // of a body with a length
  std::uint64_t body_received_ = 0;
  std::uint64_t body_limit_ = 0;
  bool is_body_complete_ = true;
  std::string body_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<services::BodySink> sink_;
  std::shared_ptr<Intake> upload_;
  ResponseWriter writer_;
  /// Where those find this connection who write a reply that goes on; empty once it has ended.
  std::shared_ptr<Connection*> live_place_;

  void receive();
  void wait_for_more();
  void drive();
  bool step();
  void arm();
  bool wants_input() const;
  void set_deadline(std::uint64_t ticks) { deadline_ = host_.tick + ticks + 1; }

  bool read_head();
  void begin_request();
  void open_tunnel(const protocol::HttpRequest& request);
  void admit();
  void decide(std::optional<protocol::HttpResponse> refusal);
  void send_at_once(std::string_view text);
  bool read_body();
  bool take_sized_body();
  bool take_chunked_body();
  void keep_body(std::string_view bytes);
  bool finish_body();
  bool finish_upload();
  void run(protocol::Body body);
  void look_for_end();

  void refuse(const protocol::ServiceError& error);
  void refuse_malformed(int status, std::string reason);
  void respond(protocol::HttpResponse response);
  void listen_to_live_body();
  void forget_live_body();
  bool write();
  bool finish_reply();
  bool skip_body();
  void begin_next();
  void linger();
  void close();
  void cut();
};

}  // namespace matinee::gateway
