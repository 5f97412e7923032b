// Stores the movies that arrive, and makes parts of them.
#include "jobs/movies/collector.h"

#include <fmt/format.h>

#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {

namespace {

constexpr std::size_t max_batch_reads = 100;

/// Cuts a list into pieces that one BatchGetItem can ask for.
std::vector<std::vector<std::uint64_t>> cut(const std::vector<std::uint64_t>& numbers) {
  std::vector<std::vector<std::uint64_t>> pieces;
  for (const std::uint64_t number : numbers) {
    if (pieces.empty() || pieces.back().size() == max_batch_reads) pieces.emplace_back();
    pieces.back().push_back(number);
  }
  return pieces;
}

}  // namespace

std::vector<std::uint64_t> Collector::all_chunks(std::uint64_t part) const {
  const Range chunks = ledger_.layout().chunks_of(part);
  std::vector<std::uint64_t> all;
  for (std::uint64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) all.push_back(chunk);
  return all;
}

void Collector::enter(std::uint64_t index) {
  const std::uint64_t part = Layout::part_of(index);
  if (ledger_.add(index) && ledger_.is_full(part)) full_parts_.insert(part);
}

runtime::Task<std::uint64_t> Collector::store(std::vector<OwnMovie> movies) {
  std::map<std::uint64_t, ChunkMovies> by_chunk;
  for (const OwnMovie& own : movies) {
    std::string& json = by_chunk[Layout::chunk_of(own.index)][own.index];
    json.clear();
    append_json(own.movie, json);
  }
  std::uint64_t added = 0;
  for (auto& [chunk, content] : by_chunk) {
    std::vector<std::uint64_t> indexes;
    for (const auto& [index, json] : content) indexes.push_back(index);
    const bool whole = content.size() == ledger_.layout().chunk(chunk).size();
    co_await table_.store(chunk, std::move(content), whole);
    const std::uint64_t before = ledger_.stored();
    for (const std::uint64_t index : indexes) enter(index);
    added += ledger_.stored() - before;
  }
  co_return added;
}

runtime::Task<> Collector::assemble_full_parts() {
  while (!full_parts_.empty()) {
    const std::uint64_t part = *full_parts_.begin();
    full_parts_.erase(full_parts_.begin());
    co_await assemble(part);
  }
}

runtime::Task<> Collector::assemble(std::uint64_t part) {
  const Range range = ledger_.layout().part(part);
  std::vector<std::uint64_t> chunks = all_chunks(part);
  ChunkMovies found;
  for (std::vector<std::uint64_t>& piece : cut(chunks))
    found.merge(co_await table_.read_chunks(std::move(piece)));
  if (found.size() != range.size()) {
    co_await take_stock(part, std::move(found));
    co_return;
  }
  dynamodb::List list;
  list.reserve(found.size());
  for (auto& [index, json] : found) {
    Movie movie;
    if (!reader_.read_movie(json, movie))
      throw JobError(
          fmt::format("What the table holds for movie {} of the job is no movie: {}", index, json));
    list.push_back(to_attribute(std::move(movie)));
  }
  found.clear();
  co_await table_.put_part(part, range, std::move(list));
  co_await table_.delete_chunks(std::move(chunks));
  ledger_.add_assembled(part);
}

runtime::Task<> Collector::take_stock(std::uint64_t part, ChunkMovies found) {
  std::vector<std::uint64_t> one;
  one.push_back(part);
  const std::map<std::uint64_t, std::uint64_t> counts = co_await table_.count_parts(std::move(one));
  if (counts.contains(part)) {  // another process was faster
    co_await table_.delete_chunks(all_chunks(part));
    ledger_.add_assembled(part);
    co_return;
  }
  ledger_.forget(part);
  for (const auto& [index, json] : found) enter(index);
}

runtime::Task<> Collector::load() {
  co_await find_assembled(true);
  co_await read_open_parts();
  co_await assemble_full_parts();
}

runtime::Task<> Collector::refresh() {
  co_await find_assembled(false);
  co_await read_open_parts();
  co_await assemble_full_parts();
}

runtime::Task<> Collector::find_assembled(bool at_start) {
  std::vector<std::uint64_t> open;
  for (std::uint64_t part = 0; part < ledger_.layout().parts(); ++part)
    if (!ledger_.is_assembled(part)) open.push_back(part);
  for (std::vector<std::uint64_t>& piece : cut(open))
    co_await enter_assembled(std::move(piece), at_start);
}

runtime::Task<> Collector::find_next_assembled() {
  std::vector<std::uint64_t> open;
  for (std::uint64_t part = 0; part < ledger_.layout().parts() && open.size() < max_batch_reads;
       ++part)
    if (!ledger_.is_assembled(part)) open.push_back(part);
  if (!open.empty()) co_await enter_assembled(std::move(open), true);
}

runtime::Task<> Collector::enter_assembled(std::vector<std::uint64_t> parts, bool at_start) {
  const std::map<std::uint64_t, std::uint64_t> counts =
      co_await table_.count_parts(std::move(parts));
  for (const auto& [part, count] : counts) {
    if (count != ledger_.layout().part(part).size())
      throw JobError(fmt::format("Part {} in the table has {} movies instead of {}.", part + 1,
                                 count, ledger_.layout().part(part).size()));
    co_await finish_assembled(part, at_start);
  }
}

runtime::Task<> Collector::finish_assembled(std::uint64_t part, bool at_start) {
  // Chunks go after their part has come, the last of them last. A killed run can have left some,
  // and so can this one, if it stored a movie again that another process had put into the part
  // already.
  std::vector<std::uint64_t> chunks = all_chunks(part);
  std::vector<std::uint64_t> last;
  last.push_back(chunks.back());
  const bool left = at_start ? !(co_await table_.find_chunks(std::move(last))).empty() : true;
  if (left) co_await table_.delete_chunks(std::move(chunks));
  full_parts_.erase(part);
  ledger_.add_assembled(part);
}

runtime::Task<> Collector::read_open_parts() {
  for (std::uint64_t part = 0; part < ledger_.layout().parts(); ++part) {
    if (ledger_.is_assembled(part)) continue;
    for (std::vector<std::uint64_t>& piece : cut(all_chunks(part))) {
      const ChunkMovies found = co_await table_.read_chunks(std::move(piece));
      for (const auto& [index, json] : found) enter(index);
    }
    if (ledger_.is_full(part)) full_parts_.insert(part);
  }
}

}  // namespace matinee::jobs::movies
