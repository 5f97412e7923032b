// An import: objects in the order of their keys, their records written to the new table a turn at a
// time. What is written of an object is noted in the same transaction.
#include <fmt/format.h>

#include "protocol/json.h"
#include "protocol/json_writer.h"
#include "runtime/elsewhere.h"
#include "runtime/log.h"
#include "services/dynamodb/transfers/runner.h"
#include "table_files/records.h"

namespace matinee::dynamodb::transfers {
namespace {

namespace json = protocol::json;
using table_files::Block;
using table_files::BlockReader;

constexpr std::uint64_t piece_bytes = std::uint64_t{256} << 10;
constexpr std::chrono::seconds wait_for_disk{10};
constexpr std::string_view log_group = "/aws-dynamodb/imports";

/// Why an import ends before its end.
struct Failure {
  std::string code;
  std::string message;
};

table_files::FileForm form_of(const ImportTableRequest& request, const TableRecord& table) {
  table_files::FileForm form;
  form.format =
      request.input_format == "CSV" ? table_files::Format::csv : table_files::Format::dynamodb_json;
  const std::string compression = request.input_compression_type.value_or("NONE");
  form.compression = compression == "GZIP"   ? table_files::Compression::gzip
                     : compression == "ZSTD" ? table_files::Compression::zstd
                                             : table_files::Compression::none;
  if (request.input_format_options && request.input_format_options->csv) {
    const CsvOptions& csv = *request.input_format_options->csv;
    if (csv.delimiter) form.delimiter = csv.delimiter->front();
    if (csv.header_list) form.header = *csv.header_list;
  }
  for (const KeyAttribute& attribute : table.attributes) {
    bool is_needed = false;
    for_each_key(table.keys, [&](const KeyAttribute& key) {
      is_needed = is_needed || key.name == attribute.name;
    });
    form.keys.push_back({attribute.name, to_type(attribute.type), is_needed});
  }
  return form;
}

/// AWS's codes for what S3 answers.
Failure failure_of(const protocol::ServiceError& error) {
  if (error.code() == "NoSuchBucket" || error.code() == "NoSuchKey")
    return {"S3" + error.code(), error.message()};
  if (error.status() == 403) return {"S3AccessDenied", error.message()};
  return {error.code(), error.message()};
}

struct Step {
  std::optional<Block> block;
  std::string failure;
};

/// What a worker does: the next piece of the object, if there is one, and a block of it.
Step next_block(BlockReader& reader, std::optional<std::string> piece) {
  if (piece && piece->empty()) reader.end();
  if (piece && !piece->empty()) reader.add(*std::move(piece));
  Step step;
  try {
    step.block = reader.next();
  } catch (const table_files::FileError& error) {
    step.failure = error.what();
  }
  return step;
}

class ImportRun {
 public:
  ImportRun(RunnerParts& parts, Imports& imports, TransferKey key)
      : parts_(parts), imports_(imports), key_(std::move(key)) {}

  /// Ends when the import has ended, or is no more.
  runtime::Task<> run();

 private:
  RunnerParts& parts_;
  Imports& imports_;
  TransferKey key_;
  ImportRecord record_;
  ImportTableRequest request_;
  services::Context caller_;

  services::Context owner() const {
    return {.account = std::get<0>(key_), .region = std::get<1>(key_)};
  }
  runtime::Turns& turns() const { return parts_.runtime.loop.turns(); }
  /// Null where the import, or its table, is no more.
  std::shared_ptr<const TableRecord> find_table() const;
  runtime::Task<std::optional<Failure>> read_all();
  runtime::Task<bool> read_object(const services::BucketFile& file);
  runtime::Task<bool> take_block(const services::BucketFile& file, Block block);
  void end_object(const services::BucketFile& file, const std::string& failure);
  bool put(const TableRecord& table, const table_files::Record& record, std::string& reason) const;
  void tell(const services::BucketFile& file, std::vector<table_files::BadRecord> bad) const;
  void end(const std::optional<Failure>& failure);
};

std::shared_ptr<const TableRecord> ImportRun::find_table() const {
  if (!imports_.find(key_)) return nullptr;
  try {
    auto table = std::make_shared<const TableRecord>(
        parts_.catalog.require_named(owner(), record_.transfer.table));
    return table->number == record_.transfer.number ? table : nullptr;
  } catch (const protocol::ServiceError&) {
    return nullptr;
  }
}

runtime::Task<> ImportRun::run() {
  const auto found = imports_.find(key_);
  if (!found || found->transfer.status != Status::in_progress) co_return;
  record_ = *found;
  std::string text = record_.transfer.request;
  json::read(ImportTableRequest::shape, text, &request_, nullptr);
  caller_ = caller_of(key_, record_.transfer.caller);
  for (;;) {
    try {
      const std::optional<Failure> failure = co_await read_all();
      if (find_table()) end(failure);
      co_return;
    } catch (const storage::StoreFailure& error) {
      spdlog::error("The import {} is tried again in a while: {}", std::get<2>(key_), error.what());
    } catch (const std::exception& error) {
      spdlog::error("The import {} has ended: {}", std::get<2>(key_), error.what());
      co_return;
    }
    co_await runtime::sleep_until(parts_.runtime.clock, parts_.runtime.clock.now() + wait_for_disk);
    record_ = imports_.find(key_).value_or(record_);
  }
}

/// Gives why it failed, if it did; objects that cannot be read to their end are no failure of all.
runtime::Task<std::optional<Failure>> ImportRun::read_all() {
  services::BucketPlace place{.bucket = request_.s3_bucket_source.s3_bucket,
                              .prefix = request_.s3_bucket_source.s3_key_prefix.value_or("")};
  place.after = record_.done;
  bool has_objects = !record_.done.empty();
  try {
    for (;;) {
      const auto files = co_await parts_.neighbours.files->list(caller_, place);
      if (files.empty()) break;
      for (const services::BucketFile& file : files) {
        has_objects = true;
        if (file.size == 0 && file.key.ends_with('/')) continue;
        if (!co_await read_object(file)) co_return std::nullopt;
      }
      place.after = files.back().key;
    }
  } catch (const storage::StoreFailure&) {
    throw;
  } catch (const protocol::ServiceError& error) {
    co_return failure_of(error);
  }
  if (!has_objects)
    co_return Failure{"S3NoSuchKey", "There is no object under the given S3KeyPrefix."};
  if (record_.errors > 0)
    co_return Failure{"ItemValidationError",
                      "Some of the items failed validation checks and were not imported. Please "
                      "check CloudWatch error logs for more details."};
  co_return std::nullopt;
}

/// False where the import is no more.
runtime::Task<bool> ImportRun::read_object(const services::BucketFile& file) {
  const auto table = find_table();
  if (!table) co_return false;
  const auto reader = std::make_shared<BlockReader>(form_of(request_, *table));
  std::string etag;
  if (record_.key == file.key) {
    reader->pass_over({record_.lines, record_.records, record_.text_bytes, record_.checksum});
    etag = record_.etag;
  }
  std::uint64_t offset = 0;
  std::optional<std::string> piece;
  bool is_last = false;
  std::string failure;
  for (;;) {
    Step step = co_await runtime::elsewhere<Step>(
        parts_.runtime, [reader, piece = std::exchange(piece, std::nullopt)]() mutable {
          return next_block(*reader, std::move(piece));
        });
    if (!step.failure.empty()) {
      failure = step.failure;
      break;
    }
    if (step.block) {
      const bool was_read = record_.key == file.key && step.block->end.lines <= record_.lines;
      if (was_read) continue;
      record_.etag = etag;
      if (!co_await take_block(file, *std::move(step.block))) co_return false;
      continue;
    }
    if (is_last) break;
    piece.emplace();
    if (offset < file.size) {
      services::ReadPart part = co_await parts_.neighbours.files->read(
          caller_, {request_.s3_bucket_source.s3_bucket, file.key, offset, piece_bytes, etag});
      etag = part.etag;
      offset += part.bytes.size();
      piece = std::move(part.bytes);
    }
    is_last = piece->empty();
  }
  end_object(file, failure);
  co_return true;
}

/// False, and a reason, where the table does not take the item.
bool ImportRun::put(const TableRecord& table, const table_files::Record& record,
                    std::string& reason) const {
  try {
    if (record.removes) throw validation_error("There is no Item in this line");
    require_item_keys(table, record.content);
  } catch (const protocol::ServiceError& error) {
    reason = error.message();
    return false;
  }
  parts_.items.put(table, item_key(table.keys, record.content), record.content);
  return true;
}

/// As AWS's log of errors has them.
void ImportRun::tell(const services::BucketFile& file,
                     std::vector<table_files::BadRecord> bad) const {
  if (bad.empty() || !parts_.neighbours.logs) return;
  std::vector<std::string> texts;
  for (const table_files::BadRecord& each : bad) {
    std::string text = R"({"itemS3Pointer":{"bucket":)";
    json::append_string(text, request_.s3_bucket_source.s3_bucket);
    text += R"(,"key":)";
    json::append_string(text, file.key);
    text += fmt::format(R"(,"itemIndex":{}}},"importArn":)", each.index);
    json::append_string(text,
                        fmt::format("{}/import/{}", record_.transfer.table_arn, std::get<2>(key_)));
    text += R"(,"errorMessages":[)";
    json::append_string(text, each.reason);
    texts.push_back(text + "]}");
  }
  std::vector<services::LogLine> lines;
  for (const std::string& text : texts)
    lines.push_back({.time = parts_.runtime.clock.now(), .text = text});
  parts_.neighbours.logs->put({.account = std::get<0>(key_),
                               .region = std::get<1>(key_),
                               .group = std::string(log_group),
                               .stream = std::get<2>(key_) + "/error"},
                              lines);
}

/// Writes a block, in several transactions where that takes long; the last one notes it.
runtime::Task<bool> ImportRun::take_block(const services::BucketFile& file, Block block) {
  std::vector<table_files::BadRecord> bad = std::move(block.bad);
  const std::size_t processed = block.records.size() + bad.size();
  std::size_t imported = 0;
  std::size_t next = 0;
  bool is_noted = false;
  while (!is_noted) {
    if (turns().is_over()) co_await turns().next();
    if (parts_.store.is_behind()) {
      constexpr std::chrono::milliseconds apart{1};
      co_await runtime::sleep_until(parts_.runtime.clock, parts_.runtime.clock.now() + apart);
    }
    storage::Transaction transaction(parts_.store);
    const auto table = find_table();
    if (!table) co_return false;
    do {
      if (next == block.records.size()) {
        is_noted = true;
        break;
      }
      const table_files::Record& record = block.records[next++];
      std::string reason;
      if (put(*table, record, reason))
        ++imported;
      else
        bad.push_back({record.line, record.index, reason});
    } while (!turns().is_over());
    if (is_noted) {
      ImportRecord now = record_;
      const std::uint64_t before = now.key == file.key ? now.text_bytes : 0;
      now.bytes += static_cast<std::int64_t>(block.end.bytes - before);
      now.processed += static_cast<std::int64_t>(processed);
      now.imported += static_cast<std::int64_t>(imported);
      now.errors += static_cast<std::int64_t>(bad.size());
      now.key = file.key;
      now.lines = block.end.lines;
      now.records = block.end.records;
      now.text_bytes = block.end.bytes;
      now.checksum = block.end.checksum;
      imports_.put(key_, now);
      tell(file, std::move(bad));
      transaction.commit();
      record_ = std::move(now);
    } else {
      transaction.commit();
    }
  }
  co_return true;
}

void ImportRun::end_object(const services::BucketFile& file, const std::string& failure) {
  storage::Transaction transaction(parts_.store);
  ImportRecord now = record_;
  if (!failure.empty()) {
    ++now.errors;
    ++now.processed;
    const std::uint64_t index = now.key == file.key ? now.records : 0;
    tell(file, {{.line = 0, .index = index, .reason = "The object cannot be read: " + failure}});
  }
  now.done = file.key;
  now.key.clear();
  now.etag.clear();
  imports_.put(key_, now);
  transaction.commit();
  record_ = std::move(now);
}

/// The table is there for others from now on, also where not all of its items are.
void ImportRun::end(const std::optional<Failure>& failure) {
  storage::Transaction transaction(parts_.store);
  TableRecord table = *find_table();
  table.is_being_made = false;
  parts_.catalog.update(table);
  record_.transfer.status = failure ? Status::failed : Status::completed;
  record_.transfer.ended = parts_.runtime.clock.now();
  if (failure) {
    record_.transfer.failure_code = failure->code;
    record_.transfer.failure = failure->message;
  }
  imports_.put(key_, record_);
  transaction.commit();
}

}  // namespace

runtime::Task<> Runner::run_import(TransferKey key) {
  ImportRun import(parts_, imports_, std::move(key));
  co_await import.run();
}

}  // namespace matinee::dynamodb::transfers
