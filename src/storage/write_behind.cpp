#include "storage/write_behind.h"

#include <atomic>
#include <string>
#include <utility>

namespace matinee::storage {

namespace {

/// Shorter pieces are not worth a worker.
constexpr std::size_t long_piece = 128 * 1024;

}  // namespace

struct WriteBehind::Piece {
  enum class State { waiting, running, done };

  std::shared_ptr<runtime::WritableFile> file;
  std::string bytes;
  runtime::DiskResult<> result;
  std::atomic<State> state = State::waiting;

  /// Whoever comes first does it.
  bool claim() {
    State expected = State::waiting;
    return state.compare_exchange_strong(expected, State::running);
  }
  void run() {
    result = file->write(bytes);
    file.reset();
    state = State::done;
    state.notify_all();
  }
  void wait() { state.wait(State::running); }
};

WriteBehind::WriteBehind(std::unique_ptr<runtime::WritableFile> file, runtime::Workers* workers)
    : file_(std::move(file)), workers_(workers) {}

WriteBehind::~WriteBehind() {
  if (piece_ && !piece_->claim()) piece_->wait();
}

runtime::DiskResult<> WriteBehind::write(std::string_view bytes) {
  std::shared_ptr<Piece> before = piece_;
  if (auto ended = end_piece(); !ended) return ended;
  if (workers_ == nullptr || bytes.size() < long_piece) return file_->write(bytes);
  piece_ = std::make_shared<Piece>();
  // Its memory serves again, unless a worker still looks at it.
  if (before && before.use_count() == 1) piece_->bytes = std::move(before->bytes);
  piece_->bytes.assign(bytes);
  piece_->file = file_;
  workers_->post([piece = piece_] {
    if (piece->claim()) piece->run();
  });
  return {};
}

runtime::DiskResult<runtime::WritableFile*> WriteBehind::finish() {
  if (auto ended = end_piece(); !ended) return std::unexpected(ended.error());
  return file_.get();
}

runtime::DiskResult<> WriteBehind::end_piece() {
  if (!piece_) return {};
  if (piece_->claim())
    piece_->run();
  else
    piece_->wait();
  return std::exchange(piece_, nullptr)->result;
}

}  // namespace matinee::storage
