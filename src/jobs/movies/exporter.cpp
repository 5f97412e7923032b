// Writes the job's object. Parts are read a few ahead, and uploaded a few at the same time.
#include "jobs/movies/exporter.h"

#include <deque>

namespace matinee::jobs::movies {

namespace {

constexpr std::size_t reads_ahead = 4;
constexpr std::size_t uploads_at_once = 2;

}  // namespace

/// Reads the parts of a job in order, a few of them ahead of the one that is wanted.
struct Exporter::Reading {
  struct Slot {
    bool ready = false;
    std::optional<std::vector<Movie>> movies;
    std::exception_ptr error;
  };

  const JobTable& table;
  std::uint64_t parts;
  std::uint64_t next = 0;
  std::deque<Slot> slots = {};
  runtime::Event arrived = {};
  runtime::TaskGroup reads{reads_ahead};

  runtime::Task<> read(std::uint64_t part, Slot& slot) {
    try {
      slot.movies = co_await table.read_part(part);
    } catch (...) {
      slot.error = std::current_exception();
    }
    slot.ready = true;
    arrived.notify();
  }

  runtime::Task<std::optional<std::vector<Movie>>> take() {
    while (next < parts && slots.size() < reads_ahead) {
      // Elements of a deque stay where they are while others come and go at its ends.
      Slot& slot = slots.emplace_back();
      co_await reads.spawn(read(next++, slot));
    }
    while (!slots.front().ready) co_await arrived.wait();
    Slot slot = std::move(slots.front());
    slots.pop_front();
    if (slot.error) {
      // The reader that failed may be the one that is resuming this task: let it end before the
      // exception destroys it.
      co_await reads.join();
      std::rethrow_exception(slot.error);
    }
    co_return std::move(slot.movies);
  }
};

runtime::Task<> Exporter::run() {
  co_await abort_unfinished();
  std::exception_ptr error;
  try {
    co_await write_all();
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) co_return;
  // What is left of an upload costs money until it is aborted. The first error is the one to tell.
  try {
    if (!upload_id_.empty()) co_await abort(upload_id_);
  } catch (const protocol::ServiceError&) {
    std::rethrow_exception(error);
  }
  std::rethrow_exception(error);
}

runtime::Task<> Exporter::write_all() {
  {
    runtime::TaskGroup uploads(uploads_at_once);
    co_await write_parts(uploads);
    co_await uploads.join();
  }
  const int last = static_cast<int>(bytes_ / upload_part_bytes) + 1;
  bytes_ += text_.size();
  std::string rest = text_.take(text_.size());
  if (!upload_id_.empty()) {
    if (!rest.empty()) co_await upload(last, std::move(rest));
    co_await complete();
    co_return;
  }
  s3::PutObjectRequest request{.body = protocol::Body(std::move(rest)),
                               .bucket = parts_.options.bucket};
  request.key = parts_.options.object_key();
  request.content_type = "application/json";
  co_await parts_.s3.put_object(std::move(request));
}

runtime::Task<> Exporter::write_parts(runtime::TaskGroup& uploads) {
  Reading reading{.table = parts_.table, .parts = parts_.layout.parts()};
  for (std::uint64_t part = 0; part < parts_.layout.parts(); ++part) {
    const std::optional<std::vector<Movie>> movies = co_await reading.take();
    if (movies) {
      ++parts_found_;
      movies_ += movies->size();
      for (const Movie& movie : *movies) text_.add(movie);
    }
    if (part + 1 == parts_.layout.parts()) text_.finish();
    co_await upload_full_pieces(uploads);
    on_part();
  }
  co_await reading.reads.join();
}

runtime::Task<> Exporter::upload_full_pieces(runtime::TaskGroup& uploads) {
  while (text_.size() >= upload_part_bytes) {
    if (upload_id_.empty()) {
      s3::CreateMultipartUploadRequest request{.bucket = parts_.options.bucket};
      request.key = parts_.options.object_key();
      request.content_type = "application/json";
      const auto response = co_await parts_.s3.create_multipart_upload(std::move(request));
      upload_id_ = response.upload_id.value_or("");
    }
    const int number = static_cast<int>(bytes_ / upload_part_bytes) + 1;
    bytes_ += upload_part_bytes;
    co_await uploads.spawn(upload(number, text_.take(upload_part_bytes)));
  }
}

runtime::Task<> Exporter::upload(int number, std::string bytes) {
  s3::UploadPartRequest request{.body = protocol::Body(std::move(bytes)),
                                .bucket = parts_.options.bucket};
  request.key = parts_.options.object_key();
  request.part_number = number;
  request.upload_id = upload_id_;
  const auto response = co_await parts_.s3.upload_part(std::move(request));
  etags_[number] = response.etag.value_or("");
}

runtime::Task<> Exporter::complete() {
  s3::CompleteMultipartUploadRequest request{.bucket = parts_.options.bucket};
  request.key = parts_.options.object_key();
  request.upload_id = upload_id_;
  auto& list = request.multipart_upload.emplace().parts.emplace();
  for (const auto& [number, etag] : etags_) list.push_back({.etag = etag, .part_number = number});
  co_await parts_.s3.complete_multipart_upload(std::move(request));
}

runtime::Task<> Exporter::abort(std::string upload_id) {
  s3::AbortMultipartUploadRequest request{.bucket = parts_.options.bucket};
  request.key = parts_.options.object_key();
  request.upload_id = std::move(upload_id);
  co_await parts_.s3.abort_multipart_upload(std::move(request));
}

runtime::Task<> Exporter::abort_unfinished() {
  s3::ListMultipartUploadsRequest request{.bucket = parts_.options.bucket};
  request.prefix = parts_.options.object_key();
  const auto response = co_await parts_.s3.list_multipart_uploads(std::move(request));
  if (!response.uploads) co_return;
  for (const s3::MultipartUpload& upload : *response.uploads) {
    if (upload.key != parts_.options.object_key() || !upload.upload_id) continue;
    co_await abort(*upload.upload_id);
  }
}

}  // namespace matinee::jobs::movies
