#include "services/s3/transfer/digest_batch.h"

#include <algorithm>
#include <span>

#include "checksums/md5_many.h"
#include "services/s3/transfer/content.h"

namespace matinee::s3 {

namespace {

using Contents = std::span<const std::shared_ptr<ReceivedContent>>;

/// A group takes as long as this many texts like its longest do one by one.
constexpr std::uint64_t cost_of_group = 3;

/// Whether the texts, the longest first, are worth a group.
bool is_worth_a_group(Contents contents) {
  std::uint64_t bytes = 0;
  for (const auto& content : contents) bytes += content->size;
  return contents.size() > cost_of_group && bytes > cost_of_group * contents.front()->size;
}

void digest_group(Contents contents) {
  std::array<std::string_view, checksums::md5_lanes> texts;
  std::array<checksums::Md5Digest, checksums::md5_lanes> digests;
  for (std::size_t i = 0; i < contents.size(); ++i) texts[i] = contents[i]->bytes;
  checksums::md5_many(std::span(texts).first(contents.size()),
                      std::span(digests).first(contents.size()));
  for (std::size_t i = 0; i < contents.size(); ++i)
    contents[i]->md5.assign(digests[i].begin(), digests[i].end());
}

}  // namespace

void DigestBatch::add(const protocol::Body& body) {
  auto content = std::dynamic_pointer_cast<ReceivedContent>(body.received);
  if (content && content->md5.empty()) waiting_.push_back(std::move(content));
}

void DigestBatch::finish() {
  if (waiting_.empty()) return;
  std::ranges::sort(waiting_, std::ranges::greater(),
                    [](const auto& content) { return content->size; });
  for (Contents left = waiting_; !left.empty();) {
    const Contents group = left.first(std::min(left.size(), checksums::md5_lanes));
    if (checksums::can_md5_many() && is_worth_a_group(group)) {
      digest_group(group);
      left = left.subspan(group.size());
    } else {
      left.front()->md5 = digest(Algorithm::md5, left.front()->bytes);
      left = left.subspan(1);
    }
  }
  waiting_.clear();
}

}  // namespace matinee::s3
