// A large request body on its way from the socket to a service's sink. The I/O thread fills one
// buffer while a worker, who hashes and writes, empties the other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/intake.h"
#include "gateway/request_handler.h"
#include "runtime/workers.h"

namespace matinee::gateway {

/// Used on its I/O thread; `work` alone runs elsewhere. No further piece goes to a worker once
/// `on_progress` is empty.
class Upload final : public Intake, public std::enable_shared_from_this<Upload> {
 public:
  /// Bodies up to this size are not worth a worker.
  static constexpr std::size_t small_body = 64 * 1024;
  static constexpr std::size_t buffer_size = 512 * 1024;

  /// `at_work` counts the uploads that a worker has in hand; it must outlive them all.
  Upload(std::unique_ptr<services::BodySink> sink, runtime::Workers& workers,
         std::shared_ptr<IoQueue> queue, std::size_t& at_work)
      : sink_(std::move(sink)), workers_(workers), queue_(std::move(queue)), at_work_(at_work) {}

  void add(std::string_view bytes) override;
  bool has_room() const override { return filling_.size() < buffer_size; }
  void end(protocol::Headers trailers) override;

  bool has_ended() const override {
    return !is_busy_ && (error_ != nullptr || result_.has_value());
  }
  const std::shared_ptr<protocol::ServiceError>& error() const override { return error_; }
  protocol::Body take_result() override { return std::move(*result_); }

 private:
  std::unique_ptr<services::BodySink> sink_;
  runtime::Workers& workers_;
  std::shared_ptr<IoQueue> queue_;
  std::size_t& at_work_;
  std::string filling_;
  std::string writing_;  // the worker's while is_busy_
  bool is_busy_ = false;
  bool is_last_ = false;  // the worker's piece is the last
  bool is_complete_ = false;
  std::shared_ptr<protocol::ServiceError> error_;
  std::optional<protocol::Body> result_;

  void pass_on();
  void work();
  void worked();
};

/// Writes a small body at once. Throws ServiceError.
protocol::Body write_at_once(services::BodySink& sink, std::string_view bytes);

/// The exception being handled, as an error for the caller.
std::shared_ptr<protocol::ServiceError> current_error();

}  // namespace matinee::gateway
