#include "cli/snapshot_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "archives/tar.h"
#include "archives/unpacker.h"
#include "runtime/links.h"

namespace matinee::cli {
namespace {

using runtime::Disk;
using runtime::DiskError;
using runtime::DiskResult;

constexpr std::size_t piece = std::size_t{256} << 10;

DiskError error(std::string message) {
  return {DiskError::Kind::other, std::move(message)};
}

bool is_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

/// Whether a snapshot has a file of that name: SNAPSHOT, store/NAME, blobs/2F/00000000000012AB.
bool is_name_in_snapshot(std::string_view name) {
  constexpr std::string_view of_database =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";
  if (name == "SNAPSHOT") return true;
  if (name.starts_with("store/")) {
    name.remove_prefix(6);
    return is_of(name, of_database) && name.front() != '.';
  }
  if (!name.starts_with("blobs/")) return false;
  name.remove_prefix(6);
  return name.size() > 3 && name[2] == '/' && is_of(name.substr(0, 2), hexadecimal) &&
         is_of(name.substr(3), hexadecimal);
}

/// Packs files into an archive.
class Packer {
 public:
  explicit Packer(runtime::WritableFile& target) : target_(target) {}

  DiskResult<> add(Disk& disk, const std::string& path, const std::string& name) {
    const auto file = disk.open(path);
    if (!file) return std::unexpected(file.error());
    const std::uint64_t size = (*file)->size();
    packed_.add(archives::tar_head(name, size));
    std::string buffer(piece, '\0');
    for (std::uint64_t offset = 0; offset < size;) {
      const auto count = (*file)->read_at(offset, buffer);
      if (!count) return std::unexpected(count.error());
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(*count, size - offset));
      if (taken == 0) return std::unexpected(error(path + " has become shorter"));
      packed_.add(std::string_view(buffer).substr(0, taken));
      offset += taken;
      if (auto written = target_.write(packed_.take()); !written) return written;
    }
    packed_.add(std::string(archives::tar_padding(size), '\0'));
    return {};
  }
  DiskResult<> finish() {
    packed_.add(archives::tar_end());
    if (auto written = target_.write(packed_.finish()); !written) return written;
    return target_.sync();
  }

 private:
  runtime::WritableFile& target_;
  archives::GzipWriter packed_;
};

/// All files below a directory, as paths from `base`.
DiskResult<> list_files(const Disk& disk, const std::string& base, const std::string& below,
                        std::vector<std::string>& names) {
  const auto found = disk.list(base + "/" + below);
  if (!found) return std::unexpected(found.error());
  for (const std::string& name : *found) names.push_back(below + "/" + name);
  return {};
}

DiskResult<std::vector<std::string>> files_of(const Disk& disk, const std::string& snapshot) {
  std::vector<std::string> names{"SNAPSHOT"};
  if (auto listed = list_files(disk, snapshot, "store", names); !listed)
    return std::unexpected(listed.error());
  const auto shards = disk.list(snapshot + "/blobs");
  if (!shards) return std::unexpected(shards.error());
  for (const std::string& shard : *shards)
    if (auto listed = list_files(disk, snapshot, "blobs/" + shard, names); !listed)
      return std::unexpected(listed.error());
  // Such as the lock of somebody who has looked through it.
  std::erase_if(names, [](const std::string& name) {
    return !is_name_in_snapshot(name) || name == "store/LOCK";
  });
  return names;
}

/// The bytes of an archive, one after the other. Throws PackingError.
class UnpackedFile {
 public:
  explicit UnpackedFile(std::shared_ptr<const runtime::ReadableFile> file)
      : file_(std::move(file)) {}

  /// So many bytes, or fewer at the end.
  std::string take(std::size_t size) {
    std::string out;
    while (out.size() < size && !is_at_end()) {
      if (unread_.empty() && !has_more_inside_ && !is_read()) fill();
      const std::size_t before = out.size();
      has_more_inside_ = !unpacker_.unpack(unread_, out, size - before);
      if (out.size() == before && unread_.empty() && is_read() && !unpacker_.is_at_end())
        throw archives::PackingError("it ends too early");
    }
    return out;
  }
  bool is_at_end() const {
    return unread_.empty() && !has_more_inside_ && is_read() && unpacker_.is_at_end();
  }

 private:
  std::shared_ptr<const runtime::ReadableFile> file_;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::string_view unread_;
  bool has_more_inside_ = false;  // the unpacker, than fitted the last time
  archives::Unpacker unpacker_{archives::Packing::gzip};

  bool is_read() const { return offset_ >= file_->size(); }
  void fill() {
    buffer_.resize(piece);
    const auto count = file_->read_at(offset_, buffer_);
    if (!count || *count == 0) throw archives::PackingError("it cannot be read to its end");
    offset_ += *count;
    unread_ = std::string_view(buffer_).substr(0, *count);
  }
};

/// Makes the files of an archive in a directory. Throws PackingError.
class Extraction {
 public:
  Extraction(Disk& disk, UnpackedFile& archive, std::string place)
      : disk_(disk), archive_(archive), place_(std::move(place)) {}

  DiskResult<> run() {
    for (const char* directory : {"/store", "/blobs"})
      if (auto made = disk_.create_directories(place_ + directory); !made) return made;
    for (;;) {
      const std::string head = archive_.take(archives::tar_block);
      if (head.size() == archives::tar_block && archives::is_tar_end(head)) return finish();
      const auto entry = archives::read_tar_head(head);
      if (!entry) throw archives::PackingError("it is no archive of a snapshot, or damaged");
      if (!entry->is_file || !is_name_in_snapshot(entry->name) ||
          !names_.insert(entry->name).second)
        throw archives::PackingError(fmt::format("it has a file \"{}\", which snapshots have not",
                                                 std::string_view(entry->name).substr(0, 100)));
      if (auto made = extract(*entry); !made) return made;
    }
  }
  std::uint64_t bodies() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        names_, [](const std::string& name) { return name.starts_with("blobs/"); }));
  }

 private:
  Disk& disk_;
  UnpackedFile& archive_;
  std::string place_;
  std::set<std::string> names_;

  DiskResult<> extract(const archives::TarEntry& entry) {
    const std::string path = place_ + "/" + entry.name;
    if (auto made = disk_.create_directories(path.substr(0, path.rfind('/'))); !made) return made;
    auto file = disk_.create(path);
    if (!file) return std::unexpected(file.error());
    for (std::uint64_t left = entry.size; left > 0;) {
      const std::string bytes =
          archive_.take(static_cast<std::size_t>(std::min<std::uint64_t>(left, piece)));
      if (bytes.empty()) throw archives::PackingError("it ends too early");
      if (auto written = (*file)->write(bytes); !written) return written;
      left -= bytes.size();
    }
    const std::size_t padding = archives::tar_padding(entry.size);
    if (archive_.take(padding).size() != padding) throw archives::PackingError("it ends too early");
    return {};
  }
  /// The checksum of the whole comes last.
  DiskResult<> finish() {
    while (!archive_.is_at_end()) {
      const std::string rest = archive_.take(piece);
      if (!archives::is_tar_end(rest))
        throw archives::PackingError("something follows behind its end");
    }
    return {};
  }
};

}  // namespace

DiskResult<> export_snapshot(Disk& disk, const NamedSnapshot& snapshot, const std::string& file) {
  storage::Snapshots snapshots(disk, snapshot.directory);
  if (const auto found = snapshots.find(snapshot.name); !found)
    return std::unexpected(found.error());
  if (disk.exists(file))
    return std::unexpected(
        DiskError{DiskError::Kind::already_exists, "there is a file " + file + " already"});
  const std::string place = snapshot.directory + "/snapshots/" + snapshot.name;
  const auto names = files_of(disk, place);
  if (!names) return std::unexpected(names.error());
  const std::string unfinished = file + ".unfinished";
  auto target = disk.create(unfinished);
  if (!target) return std::unexpected(target.error());
  Packer packer(**target);
  DiskResult<> done;
  for (const std::string& name : *names)
    if (done) done = packer.add(disk, place + "/" + name, name);
  if (done) done = packer.finish();
  target->reset();
  if (done) done = disk.rename(unfinished, file);
  // A file with half of it is of no use to anybody.
  if (!done) (void)disk.remove(unfinished);
  return done;
}

DiskResult<storage::Snapshot> import_snapshot(Disk& disk, const NamedSnapshot& snapshot,
                                              const std::string& file,
                                              const std::string& unfinished) {
  storage::Snapshots snapshots(disk, snapshot.directory);
  const auto opened = disk.open(file);
  if (!opened) return std::unexpected(opened.error());
  const std::string place = snapshot.directory + "/snapshots/." + unfinished;
  if (auto made = disk.create_private_directories(place); !made)
    return std::unexpected(made.error());
  UnpackedFile archive(*opened);
  Extraction extraction(disk, archive, place);
  DiskResult<> done;
  try {
    done = extraction.run();
  } catch (const archives::PackingError& damage) {
    done = std::unexpected(error(fmt::format("{} cannot be imported: {}", file, damage.what())));
  }
  DiskResult<storage::Snapshot> adopted = std::unexpected(DiskError());
  if (done) {
    adopted = snapshots.adopt(snapshot.name, unfinished, extraction.bodies());
    if (adopted) return adopted;
    done = std::unexpected(adopted.error());
  }
  // What cannot be removed now is left to the next start.
  (void)runtime::remove_tree(disk, place);
  return std::unexpected(done.error());
}

}  // namespace matinee::cli
