#include "gateway/response_writer.h"

#include <fmt/compile.h>
#include <fmt/format.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "protocol/vouching_source.h"

namespace matinee::gateway {

namespace {

/// A body up to this size is copied behind the head: cheaper than a second piece.
constexpr std::size_t small_body = 16 * 1024;
constexpr std::size_t kept_capacity = 4 * 1024;
constexpr std::size_t most_pieces_at_once = 16;
constexpr std::uint64_t most_file_bytes_at_once = 4 * 1024 * 1024;
/// Then it is somebody else's turn, even if the reader is as fast as the writer.
constexpr std::uint64_t most_bytes_a_turn = 16 * 1024 * 1024;

/// Line ends in a name or a value would be the end of the header, and begin another.
void append_text(std::string& head, std::string_view text) {
  const std::size_t start = head.size();
  head.append(text);
  if (!text.contains('\r') && !text.contains('\n') && !text.contains('\0')) return;
  for (std::size_t i = start; i < head.size(); ++i)
    if (head[i] == '\r' || head[i] == '\n' || head[i] == '\0') head[i] = ' ';
}

/// Replies with these statuses end with their head, whatever their headers say (RFC 9110).
bool never_has_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

void ResponseWriter::start(protocol::HttpResponse response, const ReplyFrame& frame) {
  response_ = std::move(response);
  piece_ = 0;
  sent_ = 0;
  const int status = response_.status;
  const std::uint64_t size = response_.body.size();
  const std::uint64_t length = frame.head_only ? response_.head_length.value_or(size) : size;

  head_.clear();
  auto out = std::back_inserter(head_);
  fmt::format_to(out, FMT_COMPILE("HTTP/1.1 {} {}\r\n"), status, reason_phrase(status));
  for (const auto& [name, value] : response_.headers) {
    append_text(head_, name);
    head_.append(": ");
    append_text(head_, value);
    head_.append("\r\n");
  }
  start_live(frame);
  if (live_) {
    if (is_chunked_) head_.append("Transfer-Encoding: chunked\r\n");
  } else if (!never_has_body(status)) {
    fmt::format_to(out, FMT_COMPILE("Content-Length: {}\r\n"), length);
  }
  head_.append("Date: ").append(frame.date).append("\r\nServer: Matinee\r\n");
  if (!frame.keep_alive) {
    head_.append("Connection: close\r\n");
  } else if (frame.is_http_1_0) {
    head_.append("Connection: keep-alive\r\n");
  }
  head_.append("\r\n");

  if (frame.head_only || never_has_body(status)) {
    response_.body = {};
  } else if (response_.body.slices.empty() && response_.body.bytes.size() <= small_body) {
    head_.append(response_.body.bytes);
    response_.body = {};
  }
}

ResponseWriter::Progress ResponseWriter::advance(Transport& transport) {
  for (std::uint64_t turn = 0;;) {
    while (piece_ < piece_count() && sent_ == piece_size(piece_)) {
      ++piece_;
      sent_ = 0;
    }
    if (piece_ == piece_count()) {
      if (!live_) return Progress::done;
      // A body that lacks its end cannot be told from a whole one but by ending the connection.
      if (live_->has_ended() && live_->was_cut()) return Progress::failed;
      if (!take_live_piece()) return Progress::waiting;
      continue;
    }
    if (turn >= most_bytes_a_turn) return Progress::blocked;
    const std::int64_t sent =
        piece_descriptor(piece_) >= 0 ? send_file(transport) : send_memory(transport);
    // A file that ends early, or is not what was stored, cannot be told to the client but by ending
    // the connection.
    if (sent == 0) return Progress::failed;
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::blocked : Progress::failed;
    }
    skip(static_cast<std::uint64_t>(sent));
    turn += static_cast<std::uint64_t>(sent);
  }
}

/// A body that was asked for with HEAD is of no interest: its writer notices that nobody reads it.
void ResponseWriter::start_live(const ReplyFrame& frame) {
  is_live_ending_ = false;
  live_ = protocol::find_live_source(response_.body);
  if (!live_) return;
  is_chunked_ = !frame.is_http_1_0;
  response_.body.slices.clear();
  if (frame.head_only || never_has_body(response_.status)) live_ = nullptr;
}

/// Puts the next piece in place of what has been sent. False where there is none yet.
bool ResponseWriter::take_live_piece() {
  std::optional<std::string> piece = live_->take();
  if (!piece && !is_live_ending_ && !live_->has_ended()) return false;
  head_.clear();
  response_.body.bytes.clear();
  piece_ = 0;
  sent_ = 0;
  if (piece) {
    if (is_chunked_) {
      fmt::format_to(std::back_inserter(head_), FMT_COMPILE("{:x}\r\n"), piece->size());
      piece->append("\r\n");
    }
    response_.body.bytes = std::move(*piece);
    return true;
  }
  if (is_chunked_) head_ = "0\r\n\r\n";
  live_ = nullptr;
  return true;
}

void ResponseWriter::clear() {
  response_ = {};
  live_ = nullptr;
  head_.clear();
  if (head_.capacity() > kept_capacity) head_.shrink_to_fit();
}

std::uint64_t ResponseWriter::piece_size(std::size_t piece) const {
  return piece < 2 ? piece_memory(piece).size() : response_.body.slices[piece - 2].length;
}

int ResponseWriter::piece_descriptor(std::size_t piece) const {
  return piece < 2 ? -1 : response_.body.slices[piece - 2].source->descriptor();
}

std::string_view ResponseWriter::piece_memory(std::size_t piece) const {
  if (piece == 0) return head_;
  if (piece == 1) return response_.body.bytes;
  const protocol::Slice& slice = response_.body.slices[piece - 2];
  return slice.source->bytes().substr(slice.offset, slice.length);
}

void ResponseWriter::skip(std::uint64_t bytes) {
  while (bytes > 0) {
    const std::uint64_t here = std::min(bytes, piece_size(piece_) - sent_);
    sent_ += here;
    bytes -= here;
    if (bytes == 0) return;
    ++piece_;
    sent_ = 0;
  }
}

std::int64_t ResponseWriter::send_memory(Transport& transport) const {
  std::array<iovec, most_pieces_at_once> vectors;
  std::size_t count = 0;
  std::size_t piece = piece_;
  for (; piece < piece_count() && count < vectors.size(); ++piece) {
    if (piece_descriptor(piece) >= 0) break;
    const std::string_view memory = piece_memory(piece).substr(piece == piece_ ? sent_ : 0);
    if (memory.empty()) continue;
    vectors[count++] = {.iov_base = const_cast<char*>(memory.data()), .iov_len = memory.size()};
  }
  // What is left goes out with the first bytes of the file that follows.
  return transport.send({vectors.data(), count}, piece < piece_count());
}

std::int64_t ResponseWriter::send_file(Transport& transport) const {
  const protocol::Slice& slice = response_.body.slices[piece_ - 2];
  const std::uint64_t size = std::min(slice.length - sent_, most_file_bytes_at_once);
  const auto* vouching = dynamic_cast<const protocol::VouchingSource*>(slice.source.get());
  if (vouching != nullptr && !vouching->vouches_to(slice.offset + sent_ + size)) return 0;
  return transport.send_file(slice.source->descriptor(), slice.offset + sent_, size);
}

}  // namespace matinee::gateway
