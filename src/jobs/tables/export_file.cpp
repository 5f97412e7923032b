// One file of lines, or standard output. In a packed file each page is a gzip stream of its own,
// which together are one.
#include <fmt/format.h>

#include <filesystem>

#include "archives/unpacker.h"
#include "jobs/report.h"
#include "jobs/tables/export_target.h"
#include "runtime/elsewhere.h"

namespace matinee::jobs::tables {
namespace {

template <class T>
T require(runtime::DiskResult<T> result) {
  if (!result) throw JobError(fmt::format("This does not work: {}.", result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class FileTarget final : public ExportTarget {
 public:
  FileTarget(const ExportOptions& options, ExportParts& parts)
      : options_(options),
        parts_(parts),
        runtime_(parts.files.runtime),
        is_packed_(options.target.path.ends_with(".gz")) {}

  runtime::Task<> begin() override {
    if (is_out()) co_return;
    const std::string& path = options_.target.path;
    if (runtime_.disk.exists(path) && !options_.overwrites)
      throw JobError(
          fmt::format("There is a file {} already; name another one, or add "
                      "--overwrite.",
                      path));
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!folder.empty()) require(runtime_.disk.create_directories(folder));
    file_ = require(runtime_.disk.create(part_name()));
    files_ = 1;
  }

  runtime::Task<> add(std::size_t, Items items) override {
    std::string bytes = co_await runtime::elsewhere<std::string>(
        runtime_, [is_packed = is_packed_, items = std::move(items)] {
          std::string lines;
          for (const table_files::Item& item : items) table_files::append_item_line(item, lines);
          return is_packed ? archives::gzip(lines) : lines;
        });
    bytes_ += bytes.size();
    if (is_out()) {
      parts_.terminal.out(bytes);
      if (parts_.terminal.has_lost_output()) throw JobError("The output could not be written.");
      co_return;
    }
    co_await write(std::move(bytes));
  }

  runtime::Task<> end(const TableKeys&, std::uint64_t) override {
    if (is_out()) co_return;
    if (is_packed_ && bytes_ == 0) co_await write(archives::gzip(""));
    using Done = runtime::DiskResult<>;
    require(
        co_await runtime::elsewhere<Done>(runtime_,
                                          [file = file_, &disk = runtime_.disk, from = part_name(),
                                           to = options_.target.path]() -> Done {
                                            if (auto synced = file->sync(); !synced) return synced;
                                            return disk.rename(from, to);
                                          }));
  }

 private:
  const ExportOptions& options_;
  ExportParts& parts_;
  runtime::Runtime& runtime_;
  bool is_packed_;
  std::shared_ptr<runtime::WritableFile> file_;
  bool is_writing_ = false;
  runtime::Event written_;

  bool is_out() const { return options_.target.kind == Place::Kind::standard_output; }
  /// Under its own name the file is whole.
  std::string part_name() const { return options_.target.path + ".part"; }

  /// One after the other: segments are added side by side.
  runtime::Task<> write(std::string bytes) {
    while (is_writing_) co_await written_.wait();
    is_writing_ = true;
    using Done = runtime::DiskResult<>;
    const Done done = co_await runtime::elsewhere<Done>(
        runtime_, [file = file_, bytes = std::move(bytes)] { return file->write(bytes); });
    is_writing_ = false;
    written_.notify();
    require(done);
  }
};

}  // namespace

std::unique_ptr<ExportTarget> make_file_target(const ExportOptions& options, ExportParts& parts) {
  return std::make_unique<FileTarget>(options, parts);
}

}  // namespace matinee::jobs::tables
