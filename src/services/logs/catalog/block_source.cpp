#include "services/logs/catalog/block_source.h"

#include <algorithm>

namespace matinee::logs {

namespace {

class BlocksOfGroup final : public BlockSource {
 public:
  BlocksOfGroup(const Catalog& catalog, GroupNumber group, Direction direction)
      : group_(group),
        direction_(direction),
        cursor_(catalog.blocks.cursor(catalog.blocks.prefix(group))) {}

  void seek(const BlockKey& key) override {
    if (direction_ == Direction::forward)
      cursor_.seek(std::tuple(group_, key.start, key.sequence));
    else
      cursor_.seek_before(std::tuple(group_, key.start, key.sequence + 1));
  }
  bool valid() const override { return cursor_.valid(); }
  void next() override { direction_ == Direction::forward ? cursor_.next() : cursor_.previous(); }
  BlockKey key() const override {
    const auto [group, start, sequence] = cursor_.key();
    return {.start = start, .sequence = sequence};
  }
  Milliseconds end() const override { return view()->end(); }
  std::optional<BlockView> view() const override {
    return BlockView(key().start, cursor_.record().bytes);
  }

 private:
  GroupNumber group_;
  Direction direction_;
  storage::TableCursor<std::tuple<GroupNumber, Milliseconds, Sequence>, BlockBytes> cursor_;
};

class BlocksOfStream final : public BlockSource {
 public:
  using Key = std::tuple<GroupNumber, StreamNumber, Milliseconds, Sequence>;

  BlocksOfStream(const Catalog& catalog, GroupNumber group, StreamNumber stream,
                 Direction direction)
      : catalog_(catalog),
        group_(group),
        stream_(stream),
        direction_(direction),
        cursor_(catalog.blocks_of_streams.cursor(catalog.blocks_of_streams.prefix(group, stream))) {
  }

  void seek(const BlockKey& key) override {
    if (direction_ == Direction::forward)
      cursor_.seek(Key(group_, stream_, key.start, key.sequence));
    else
      cursor_.seek_before(Key(group_, stream_, key.start, key.sequence + 1));
  }
  bool valid() const override { return cursor_.valid(); }
  void next() override { direction_ == Direction::forward ? cursor_.next() : cursor_.previous(); }
  BlockKey key() const override {
    const auto [group, stream, start, sequence] = cursor_.key();
    return {.start = start, .sequence = sequence};
  }
  Milliseconds end() const override { return cursor_.record().end; }
  std::optional<BlockView> view() const override {
    const BlockKey here = key();
    const auto block = catalog_.blocks.find({group_, here.start, here.sequence});
    if (!block) return std::nullopt;
    return BlockView(here.start, block->bytes);
  }

 private:
  const Catalog& catalog_;
  GroupNumber group_;
  StreamNumber stream_;
  Direction direction_;
  storage::TableCursor<Key, BlockEntry> cursor_;
};

/// Several streams as one. There are at most a hundred of them, so that looking at each is as good
/// as keeping them in order.
class MergedBlocks final : public BlockSource {
 public:
  MergedBlocks(std::vector<BlocksOfStream> streams, Direction direction)
      : streams_(std::move(streams)), direction_(direction) {}

  void seek(const BlockKey& key) override {
    for (BlocksOfStream& stream : streams_) stream.seek(key);
    choose();
  }
  bool valid() const override { return chosen_ != nullptr; }
  void next() override {
    chosen_->next();
    choose();
  }
  BlockKey key() const override { return chosen_->key(); }
  Milliseconds end() const override { return chosen_->end(); }
  std::optional<BlockView> view() const override { return chosen_->view(); }

 private:
  std::vector<BlocksOfStream> streams_;
  Direction direction_;
  BlocksOfStream* chosen_ = nullptr;

  void choose() {
    chosen_ = nullptr;
    for (BlocksOfStream& stream : streams_) {
      if (!stream.valid()) continue;
      const bool is_next =
          chosen_ == nullptr || (direction_ == Direction::forward ? stream.key() < chosen_->key()
                                                                  : stream.key() > chosen_->key());
      if (is_next) chosen_ = &stream;
    }
  }
};

}  // namespace

std::unique_ptr<BlockSource> blocks_of_group(const Catalog& catalog, GroupNumber group,
                                             Direction direction) {
  return std::make_unique<BlocksOfGroup>(catalog, group, direction);
}

std::unique_ptr<BlockSource> blocks_of_streams(const Catalog& catalog, GroupNumber group,
                                               const std::vector<StreamNumber>& streams,
                                               Direction direction) {
  if (streams.size() == 1)
    return std::make_unique<BlocksOfStream>(catalog, group, streams.front(), direction);
  std::vector<BlocksOfStream> sources;
  sources.reserve(streams.size());
  for (const StreamNumber stream : streams) sources.emplace_back(catalog, group, stream, direction);
  return std::make_unique<MergedBlocks>(std::move(sources), direction);
}

}  // namespace matinee::logs
