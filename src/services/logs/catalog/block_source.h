// Blocks of a group, or of some of its streams, one after the other in the order of their starts.
// They are those of the moment when the source was made, outside of a transaction.
#pragma once

#include <memory>

#include "services/logs/catalog/block.h"
#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

struct BlockKey {
  Milliseconds start = 0;
  Sequence sequence = 0;

  auto operator<=>(const BlockKey&) const = default;
};

enum class Direction : std::uint8_t { forward, backward };

class BlockSource {
 public:
  virtual ~BlockSource() = default;

  /// To the first block at or after the key; backward, to the last one at or before it.
  virtual void seek(const BlockKey& key) = 0;
  virtual bool valid() const = 0;
  virtual void next() = 0;
  virtual BlockKey key() const = 0;
  /// The time of the last event.
  virtual Milliseconds end() const = 0;
  /// Until the source moves or the store is used. Nothing where the block is gone by now.
  virtual std::optional<BlockView> view() const = 0;
};

/// All blocks of a group.
std::unique_ptr<BlockSource> blocks_of_group(const Catalog& catalog, GroupNumber group,
                                             Direction direction);
/// Those of these streams.
std::unique_ptr<BlockSource> blocks_of_streams(const Catalog& catalog, GroupNumber group,
                                               const std::vector<StreamNumber>& streams,
                                               Direction direction);

}  // namespace matinee::logs
