// A reply's body that goes on: one side writes pieces as they come about, the other sends them on.
//
// An operation makes a pair, keeps the writer, and gives the source as the only slice of its
// response's body (`live_body`). The gateway sends it in chunks, without a length. The two ends may
// be on different threads, and each notices when the other one is destroyed.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "protocol/body.h"
#include "runtime/clock.h"

namespace matinee::protocol {

/// What may lie between the two ends. A piece always fits where nothing lies there.
struct LiveRoom {
  std::size_t pieces = 10;
  std::size_t bytes = std::size_t{8} << 20;
};

/// What the two ends share. Callbacks run under its lock, on the other end's thread: they only
/// post.
class LivePipe {
 public:
  LivePipe(LiveRoom room, runtime::Callback on_reader)
      : room_(room), on_reader_(std::move(on_reader)) {}

  bool write(std::string& piece);
  bool drop_oldest();
  void end_writing(bool is_cut);
  bool is_read() const;

  std::optional<std::string> take();
  bool has_ended() const;
  bool was_cut() const;
  void on_writer(runtime::Callback callback);
  void end_reading();

 private:
  mutable std::mutex mutex_;
  LiveRoom room_;
  std::deque<std::string> pieces_;
  std::size_t bytes_ = 0;
  bool is_refused_ = false;  // a piece was, since something was taken
  bool has_writer_ = true;
  bool is_cut_ = false;  // its writer could not finish
  bool has_reader_ = true;
  runtime::Callback on_reader_;
  runtime::Callback on_writer_;
};

/// The end that writes. Destroying it ends the body, behind what has been written.
class LiveWriter {
 public:
  explicit LiveWriter(std::shared_ptr<LivePipe> pipe) : pipe_(std::move(pipe)) {}
  ~LiveWriter() { pipe_->end_writing(false); }
  LiveWriter(const LiveWriter&) = delete;
  LiveWriter& operator=(const LiveWriter&) = delete;

  /// False where there is no room: the piece stays as it is. Without a reader it is dropped.
  bool write(std::string&& piece) { return pipe_->write(piece); }
  /// Forgets the oldest piece that nobody has begun to send; false where there is none.
  bool drop_oldest() { return pipe_->drop_oldest(); }
  bool is_read() const { return pipe_->is_read(); }
  /// Ends the body behind what has been written, and so that its reader knows that more was to
  /// come. Nothing may be written afterwards.
  void cut() { pipe_->end_writing(true); }

 private:
  std::shared_ptr<LivePipe> pipe_;
};

/// The end that is sent. Whoever sends it recognizes it by its type.
class LiveSource final : public Source {
 public:
  explicit LiveSource(std::shared_ptr<LivePipe> pipe) : pipe_(std::move(pipe)) {}
  ~LiveSource() override { pipe_->end_reading(); }
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  int descriptor() const override { return -1; }
  std::string_view bytes() const override { return {}; }

  /// The next piece; nothing where none is there.
  std::optional<std::string> take() const { return pipe_->take(); }
  /// Whether no piece will come any more, and none is there.
  bool has_ended() const { return pipe_->has_ended(); }
  /// Of one that has ended: whether it lacks its end.
  bool was_cut() const { return pipe_->was_cut(); }
  /// Calls `callback` whenever there may be something to take, on the writer's thread, or at once
  /// on this one. It must only post. An empty one stops that.
  void on_writer(runtime::Callback callback) const { pipe_->on_writer(std::move(callback)); }

 private:
  std::shared_ptr<LivePipe> pipe_;
};

struct LiveBody {
  std::unique_ptr<LiveWriter> writer;
  Body body;
};

/// `on_reader` is called on the reader's thread once the reader has gone, and when there is room
/// again after a piece was refused. It must only post.
LiveBody make_live_body(runtime::Callback on_reader, LiveRoom room = {});

/// The source of such a body; null of others.
std::shared_ptr<const LiveSource> find_live_source(const Body& body);

}  // namespace matinee::protocol
