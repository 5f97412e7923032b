// An export: the table as it was at a moment, or what changed between two, in files of some
// megabytes and two manifests. After each file it is noted how far it is.
#include <fmt/format.h>

#include "archives/unpacker.h"
#include "protocol/json_writer.h"
#include "runtime/elsewhere.h"
#include "runtime/log.h"
#include "services/dynamodb/history/table_view.h"
#include "services/dynamodb/transfers/transfer_requests.h"
#include "table_files/export_manifest.h"
#include "table_files/md5.h"
#include "table_files/records.h"

namespace matinee::dynamodb::transfers {
namespace {

/// Packed.
constexpr std::size_t file_bytes = std::size_t{8} << 20;
/// What is gathered before a worker makes lines of it.
constexpr std::size_t most_gathered_bytes = std::size_t{1} << 20;
constexpr std::chrono::seconds wait_for_disk{10};

struct Change {
  Item keys;
  std::optional<Item> old_image;
  std::optional<Item> new_image;
};

/// Some of what is to be written, and where it ends.
struct Gathered {
  std::vector<Item> items;      // of a full export
  std::vector<Change> changes;  // of an incremental one
  ItemKey last;
  bool is_all = false;
  bool has_last = false;

  std::size_t size() const { return items.size() + changes.size(); }
};

/// A data file that workers fill.
struct DataFile {
  archives::GzipWriter packed;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
};

struct Packed {
  std::string bytes;
  std::string md5;
};

Item keys_of(const KeySchema& schema, const Item& item) {
  Item keys;
  for_each_key(schema, [&](const KeyAttribute& attribute) {
    if (const auto found = item.find(attribute.name); found != item.end()) keys.insert(*found);
  });
  return keys;
}

void append_image(std::string& lines, std::string_view name, const std::optional<Item>& image) {
  if (!image) return;
  lines += fmt::format(R"(,"{}":)", name);
  table_files::append_item(*image, lines);
}

/// As AWS writes a change: when it happened, the key, and the images that the view has.
void append_change(std::string& lines, const Change& change, std::int64_t microseconds) {
  lines +=
      fmt::format(R"({{"Metadata":{{"WriteTimestampMicros":{{"N":"{}"}}}},"Keys":)", microseconds);
  table_files::append_item(change.keys, lines);
  append_image(lines, "NewImage", change.new_image);
  append_image(lines, "OldImage", change.old_image);
  lines += "}\n";
}

class ExportRun {
 public:
  ExportRun(RunnerParts& parts, Exports& exports, TransferKey key)
      : parts_(parts), exports_(exports), key_(std::move(key)) {}

  runtime::Task<> run();

 private:
  RunnerParts& parts_;
  Exports& exports_;
  TransferKey key_;
  ExportRecord record_;
  ExportTableToPointInTimeRequest request_;
  services::Context caller_;

  bool is_incremental() const { return request_.export_type == "INCREMENTAL_EXPORT"; }
  bool has_old_images() const {
    return request_.incremental_export_specification->export_view_type.value_or(
               "NEW_AND_OLD_IMAGES") == "NEW_AND_OLD_IMAGES";
  }
  bool is_there() const { return exports_.find(key_).has_value(); }
  runtime::Turns& turns() const { return parts_.runtime.loop.turns(); }
  /// Below the prefix: "AWSDynamoDB/...".
  std::string root() const;
  std::string folder() const { return fmt::format("{}{}/", root(), std::get<2>(key_)); }
  std::string data_key() const;
  runtime::Task<std::string> write(std::string key, std::string body);
  runtime::Task<> write_all();
  Gathered gather(const std::optional<ItemKey>& after) const;
  runtime::Task<> fill(const std::shared_ptr<DataFile>& file, Gathered gathered) const;
  runtime::Task<> write_data(std::shared_ptr<DataFile> file, const Gathered& last);
  runtime::Task<> write_manifests();
  void end(Status status, const std::string& code, const std::string& message);
};

std::string ExportRun::root() const {
  std::string prefix = request_.s3_prefix.value_or("");
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return prefix + "AWSDynamoDB/";
}

/// A name of 26 letters and digits that nobody else has.
std::string ExportRun::data_key() const {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr int letters = 26;
  std::string name;
  for (int i = 0; i < letters; ++i) name += alphabet[parts_.runtime.random.below(alphabet.size())];
  // Files of changes are shared by all exports of a prefix, as on AWS.
  return fmt::format("{}data/{}.json.gz", is_incremental() ? root() : folder(), name);
}

runtime::Task<std::string> ExportRun::write(std::string key, std::string body) {
  co_return co_await parts_.neighbours.files->write(
      caller_, {.bucket = request_.s3_bucket, .key = std::move(key), .body = std::move(body)});
}

/// The next items, until the turn is over.
Gathered ExportRun::gather(const std::optional<ItemKey>& after) const {
  Gathered result;
  std::size_t bytes = 0;
  const history::TableView view(parts_.store, record_.transfer.number);
  const auto goes_on = [&](const ItemKey& key) {
    result.last = key;
    result.has_last = true;
    return bytes < most_gathered_bytes && !turns().is_over();
  };
  if (!is_incremental()) {
    result.is_all =
        view.visit_at(record_.to, after, [&](const ItemKey& key, const StoredItem* item) {
          if (item) {
            bytes += item->bytes;
            result.items.push_back(item->attributes);
          }
          return goes_on(key);
        });
    return result;
  }
  result.is_all = view.visit_changes(
      {record_.from, record_.to}, after,
      [&](const ItemKey& key, const std::optional<StoredItem>& old,
          const std::optional<StoredItem>& now) {
        const bool is_change = old.has_value() != now.has_value() ||
                               (old && now && old->attributes != now->attributes);
        if (is_change) {
          Change change{.keys = keys_of(record_.keys, old ? old->attributes : now->attributes)};
          if (old && has_old_images()) change.old_image = old->attributes;
          if (now) change.new_image = now->attributes;
          bytes += (old ? old->bytes : 0) + (now ? now->bytes : 0);
          result.changes.push_back(std::move(change));
        }
        return goes_on(key);
      });
  return result;
}

runtime::Task<> ExportRun::fill(const std::shared_ptr<DataFile>& file, Gathered gathered) const {
  file->items += gathered.size();
  // What is kept of the past does not say when an item changed last: the end of the window does.
  const std::int64_t micros = record_.to.time.time_since_epoch().count();
  file->bytes += co_await runtime::elsewhere<std::size_t>(
      parts_.runtime, [file, gathered = std::move(gathered), micros] {
        std::string lines;
        for (const Item& item : gathered.items) table_files::append_item_line(item, lines);
        for (const Change& change : gathered.changes) append_change(lines, change, micros);
        file->packed.add(lines);
        return lines.size();
      });
}

/// The file, and with it how far the export is.
runtime::Task<> ExportRun::write_data(std::shared_ptr<DataFile> file, const Gathered& last) {
  Packed packed = co_await runtime::elsewhere<Packed>(parts_.runtime, [file] {
    Packed result{.bytes = file->packed.finish(), .md5 = {}};
    result.md5 = table_files::md5_base64(result.bytes);
    return result;
  });
  const std::string key = data_key();
  const std::string etag = co_await write(key, std::move(packed.bytes));
  if (!is_there()) co_return;
  ExportRecord now = record_;
  now.files.push_back({.items = file->items, .md5 = packed.md5, .etag = etag, .key = key});
  now.items += static_cast<std::int64_t>(file->items);
  now.bytes += static_cast<std::int64_t>(file->bytes);
  if (last.has_last) {
    now.hash = last.last.hash;
    now.key = last.last.bytes;
  }
  storage::Transaction transaction(parts_.store);
  exports_.put(key_, now);
  transaction.commit();
  record_ = std::move(now);
}

runtime::Task<> ExportRun::write_all() {
  if (record_.files.empty()) co_await write(folder() + "_started", "");
  std::optional<ItemKey> after;
  if (!record_.key.empty()) after = ItemKey{record_.hash, record_.key};
  auto file = std::make_shared<DataFile>();
  for (bool is_all = false; !is_all;) {
    if (turns().is_over()) co_await turns().next();
    if (!is_there()) co_return;
    Gathered gathered = gather(after);
    is_all = gathered.is_all;
    if (gathered.has_last) after = gathered.last;
    const Gathered place{.last = gathered.last, .has_last = gathered.has_last};
    if (gathered.size() > 0) co_await fill(file, std::move(gathered));
    const bool is_needed = file->items > 0 || record_.files.empty();
    if (file->packed.size() >= file_bytes || (is_all && is_needed))
      co_await write_data(std::exchange(file, std::make_shared<DataFile>()), place);
  }
  co_await write_manifests();
}

runtime::Task<> ExportRun::write_manifests() {
  table_files::ExportSummary summary;
  summary.export_arn = fmt::format("{}/export/{}", record_.transfer.table_arn, std::get<2>(key_));
  summary.started = record_.transfer.started;
  summary.ended = parts_.runtime.clock.now();
  summary.table_arn = record_.transfer.table_arn;
  summary.table_id = record_.transfer.table_id;
  if (is_incremental()) {
    const auto& wanted = *request_.incremental_export_specification;
    summary.version = "2023-08-01";
    summary.from = wanted.export_from_time;
    summary.to = wanted.export_to_time.value_or(record_.transfer.started);
    summary.view = wanted.export_view_type.value_or("NEW_AND_OLD_IMAGES");
  } else {
    summary.time = record_.to.time;
  }
  summary.bucket = request_.s3_bucket;
  summary.prefix = request_.s3_prefix.value_or("");
  summary.sse_algorithm = request_.s3_sse_algorithm.value_or("AES256");
  summary.files_key = folder() + std::string(table_files::files_name);
  summary.billed_bytes = static_cast<std::uint64_t>(record_.bytes);
  summary.items = static_cast<std::uint64_t>(record_.items);
  std::vector<table_files::ExportedFile> files;
  for (const WrittenFile& file : record_.files)
    files.push_back({.items = file.items, .md5 = file.md5, .etag = file.etag, .key = file.key});
  const std::string lines = table_files::to_json_lines(files);
  co_await write(folder() + "manifest-files.md5", table_files::md5_base64(lines));
  co_await write(folder() + "manifest-files.json", lines);
  const std::string json = to_json(summary);
  co_await write(folder() + "manifest-summary.md5", table_files::md5_base64(json));
  co_await write(folder() + "manifest-summary.json", json);
}

void ExportRun::end(Status status, const std::string& code, const std::string& message) {
  storage::Transaction transaction(parts_.store);
  record_.transfer.status = status;
  record_.transfer.ended = parts_.runtime.clock.now();
  record_.transfer.failure_code = code;
  record_.transfer.failure = message;
  parts_.past.release(record_.transfer.number, record_.to, NeedKind::export_, record_.need);
  if (record_.from != record_.to)
    parts_.past.release(record_.transfer.number, record_.from, NeedKind::export_, record_.need);
  exports_.put(key_, record_);
  transaction.commit();
}

runtime::Task<> ExportRun::run() {
  const auto found = exports_.find(key_);
  if (!found || found->transfer.status != Status::in_progress) co_return;
  record_ = *found;
  request_ = request_of<ExportTableToPointInTimeRequest>(record_.transfer);
  caller_ = caller_of(key_, record_.transfer.caller);
  for (;;) {
    try {
      co_await write_all();
      if (is_there()) end(Status::completed, "", "");
      co_return;
    } catch (const protocol::ServiceError& error) {
      const std::string code = error.code() == "NoSuchBucket" ? "S3NoSuchBucket"
                               : error.status() == 403        ? "S3AccessDenied"
                                                              : error.code();
      if (is_there()) end(Status::failed, code, error.message());
      co_return;
    } catch (const storage::StoreFailure& error) {
      spdlog::error("The export {} is tried again in a while: {}", std::get<2>(key_), error.what());
    } catch (const std::exception& error) {
      spdlog::error("The export {} has ended: {}", std::get<2>(key_), error.what());
      co_return;
    }
    co_await runtime::sleep_until(parts_.runtime.clock, parts_.runtime.clock.now() + wait_for_disk);
    record_ = exports_.find(key_).value_or(record_);
  }
}

}  // namespace

runtime::Task<> Runner::run_export(TransferKey key) {
  ExportRun transfer(parts_, exports_, std::move(key));
  co_await transfer.run();
}

}  // namespace matinee::dynamodb::transfers
