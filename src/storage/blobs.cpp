#include "storage/blobs.h"

#include "runtime/assertion.h"
#include "storage/blobs_implementation.h"
#include "storage/write_behind.h"

namespace matinee::storage {

struct BlobWriter::State {
  std::shared_ptr<BlobFiles> files;
  std::uint64_t id = 0;
  std::optional<WriteBehind> file;
  std::uint64_t size = 0;
  bool finished = false;

  ~State() {
    if (!files) return;
    file.reset();
    // Should this fail, the next start removes the file.
    (void)files->remove_now(id);
  }
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&& other) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&& other) noexcept = default;
BlobWriter::~BlobWriter() = default;

runtime::DiskResult<> BlobWriter::write(std::string_view bytes) {
  runtime::expect(state_ && !state_->finished, "a blob is written before it is finished");
  state_->size += bytes.size();
  if (auto room = state_->files->check_room(); !room) return room;
  return state_->file->write(bytes);
}

runtime::DiskResult<BlobRef> BlobWriter::finish() {
  runtime::expect(state_ && !state_->finished, "a blob is finished once");
  auto file = state_->file->finish();
  if (!file) return std::unexpected(file.error());
  if (auto finished = state_->files->finish(state_->id, **file); !finished) {
    return std::unexpected(finished.error());
  }
  state_->finished = true;
  state_->file.reset();
  return BlobRef{state_->id, state_->size};
}

std::uint64_t BlobWriter::size() const {
  return state_->size;
}

Blobs::Blobs(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Blobs::~Blobs() = default;

runtime::DiskResult<BlobWriter> Blobs::create() {
  auto created = implementation_->files->create();
  if (!created) return std::unexpected(created.error());
  auto state = std::make_unique<BlobWriter::State>();
  state->files = implementation_->files;
  state->id = created->id;
  state->file.emplace(std::move(created->file), implementation_->workers);
  return BlobWriter(std::move(state));
}

BlobRef Blobs::keep(BlobWriter&& writer) {
  runtime::expect(writer.state_ && writer.state_->finished, "a blob is kept once it is finished");
  BlobRef blob{writer.state_->id, writer.state_->size};
  implementation_->live.put(blob.id, blob.size);
  // The writer lives on in whichever of the two runs, or is dropped with it.
  std::shared_ptr<BlobWriter::State> state = std::move(writer.state_);
  implementation_->live.store().on_commit([state] { state->files.reset(); });
  return blob;
}

void Blobs::remove(const BlobRef& blob) {
  implementation_->live.erase(blob.id);
  implementation_->live.store().on_commit(
      [this, id = blob.id] { implementation_->files->removal_committed(id); });
}

bool Blobs::is_old(const BlobRef& blob) const {
  return implementation_->files->is_of_earlier_run(blob.id);
}

runtime::DiskResult<std::shared_ptr<const Blob>> Blobs::open(const BlobRef& blob) const {
  return implementation_->files->open(blob);
}

}  // namespace matinee::storage
