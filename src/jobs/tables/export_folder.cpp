// An export's own folder: data files of some megabytes, each of one segment, and the manifests.
#include <fmt/format.h>

#include "archives/unpacker.h"
#include "jobs/report.h"
#include "jobs/tables/export_target.h"
#include "runtime/elsewhere.h"
#include "table_files/md5.h"

namespace matinee::jobs::tables {
namespace {

using table_files::ExportedFile;

/// Packed; at most one such file a segment is in memory.
constexpr std::size_t file_bytes = std::size_t{8} << 20;

std::string full_place(const ExportOptions& options, const std::string& name) {
  const std::string& root = options.target.prefix;
  return root.empty() ? name : root + "/" + name;
}

class FolderTarget final : public ExportTarget {
 public:
  FolderTarget(const ExportOptions& options, ExportParts& parts)
      : options_(options),
        runtime_(parts.files.runtime),
        root_(open_files(parts.files, options.target)),
        segments_(options.segments) {}

  runtime::Task<> begin() override {
    started_ = runtime_.clock.now();
    const std::string summary(table_files::summary_name);
    if (co_await root_->find_size(summary)) {
      if (!options_.overwrites)
        throw JobError(
            fmt::format("There is an export in {} already; name another place, or add "
                        "--overwrite.",
                        options_.target.name()));
      // From here to its end this is no export.
      co_await root_->remove(summary);
    }
    co_await root_->write("_started", "");
  }

  runtime::Task<> add(std::size_t segment, Items items) override {
    if (!segments_[segment]) segments_[segment] = std::make_shared<DataFile>();
    const std::shared_ptr<DataFile> file = segments_[segment];
    file->items += items.size();
    const bool is_full = co_await runtime::elsewhere<bool>(
        runtime_, [file, items = std::move(items)] { return file->add(items); });
    if (is_full) co_await write(segment);
  }

  runtime::Task<> end(const TableKeys& table, std::uint64_t items) override {
    for (std::size_t segment = 0; segment < segments_.size(); ++segment)
      if (segments_[segment]) co_await write(segment);
    // Of a table without items there is a file all the same, as on AWS.
    if (written_.empty()) {
      segments_[0] = std::make_shared<DataFile>();
      co_await write(0);
    }
    co_await remove_left();
    table_files::ExportSummary summary;
    const std::string id = table_files::transfer_id(started_, runtime_.random.next());
    summary.export_arn = fmt::format("{}/export/{}", table.arn, id);
    summary.started = started_;
    summary.ended = runtime_.clock.now();
    summary.table_arn = table.arn;
    summary.table_id = table.id;
    summary.time = started_;
    summary.bucket = options_.target.bucket;
    summary.prefix = options_.target.prefix;
    summary.files_key = full_place(options_, std::string(table_files::files_name));
    summary.items = items;
    summary.keys = table.keys;
    co_await write_manifest("manifest-files", table_files::to_json_lines(written_));
    co_await write_manifest("manifest-summary", to_json(summary));
  }

 private:
  /// Filled by workers, one at a time.
  struct DataFile {
    archives::GzipWriter packed;
    std::string lines;
    std::uint64_t items = 0;

    /// True once it has what a file should.
    bool add(const Items& more) {
      lines.clear();
      for (const table_files::Item& item : more) table_files::append_item_line(item, lines);
      packed.add(lines);
      return packed.size() >= file_bytes;
    }
  };

  const ExportOptions& options_;
  runtime::Runtime& runtime_;
  std::unique_ptr<Files> root_;
  std::vector<std::shared_ptr<DataFile>> segments_;  // the one that is being filled
  std::vector<ExportedFile> written_;
  std::uint64_t next_ = 0;
  runtime::Time started_;

  static std::string data_name(std::uint64_t number) {
    return fmt::format("data/{:08}.json.gz", number);
  }

  runtime::Task<> write(std::size_t segment) {
    const std::shared_ptr<DataFile> file = std::exchange(segments_[segment], nullptr);
    struct Packed {
      std::string bytes;
      std::string md5;
    };
    Packed packed = co_await runtime::elsewhere<Packed>(runtime_, [file] {
      Packed result{.bytes = file->packed.finish(), .md5 = {}};
      result.md5 = table_files::md5_base64(result.bytes);
      return result;
    });
    const std::string name = data_name(++next_);
    ++files_;
    bytes_ += packed.bytes.size();
    co_await root_->write(name, std::move(packed.bytes));
    written_.push_back({.items = file->items,
                        .md5 = packed.md5,
                        .etag = packed.md5,
                        .key = full_place(options_, name)});
  }

  /// What a run that was killed has left behind beyond the last file.
  runtime::Task<> remove_left() {
    for (;;) {
      const std::string name = data_name(++next_);
      if (!co_await root_->find_size(name)) co_return;
      co_await root_->remove(name);
    }
  }

  runtime::Task<> write_manifest(std::string name, std::string json) {
    co_await root_->write(name + ".md5", table_files::md5_base64(json));
    co_await root_->write(name + ".json", std::move(json));
  }
};

}  // namespace

std::unique_ptr<ExportTarget> make_folder_target(const ExportOptions& options, ExportParts& parts) {
  return std::make_unique<FolderTarget>(options, parts);
}

}  // namespace matinee::jobs::tables
