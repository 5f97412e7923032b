#include "services/sqs/message_tables.h"

#include <cstring>

#include "runtime/assertion.h"
#include "services/sqs/records.h"
#include "storage/key.h"

namespace matinee::sqs {

namespace {

using storage::KeyRange;
using storage::TableId;

const std::string& make_key(std::string& out, TableId table, std::uint64_t queue, Sequence page) {
  out.clear();
  storage::KeyWriter writer(out);
  writer.add(table);
  writer.add(queue);
  writer.add(page);
  return out;
}

KeyRange of_queue(TableId table, std::uint64_t queue) {
  return KeyRange::of_prefix(storage::encode_key(std::tuple(table, queue)));
}

}  // namespace

void MessageTables::put_page(std::uint64_t queue, Sequence page, std::string_view bytes) {
  store_.put(make_key(key_, pages_table, queue, page), bytes);
}

std::string_view MessageTables::require_page(std::uint64_t queue, Sequence page, Reading reading) {
  if (const std::string_view cached = cache_.find(page); !cached.empty()) return cached;
  const auto bytes = store_.find(make_key(key_, pages_table, queue, page));
  runtime::expect(bytes.has_value(), "every message in an index has its page");
  if (reading == Reading::not_last) cache_.put(page, *bytes);
  return *bytes;
}

void MessageTables::put_states(std::uint64_t queue, Sequence page, std::string_view bytes) {
  store_.put(make_key(key_, states_table, queue, page), bytes);
}

void MessageTables::erase_page(std::uint64_t queue, Sequence page) {
  store_.erase(make_key(key_, pages_table, queue, page));
  store_.erase(make_key(key_, states_table, queue, page));
  cache_.erase(page);
}

void MessageTables::put_changes(std::uint64_t queue, std::uint64_t record, std::string_view bytes) {
  store_.put(make_key(key_, changes_table, queue, record), bytes);
}

void MessageTables::erase_changes(std::uint64_t queue, std::uint64_t record) {
  store_.erase(make_key(key_, changes_table, queue, record));
}

void MessageTables::put_deduplication(std::uint64_t queue, Sequence first,
                                      std::span<const Hash96> hashes) {
  std::string bytes(hashes.size_bytes(), '\0');
  std::memcpy(bytes.data(), hashes.data(), bytes.size());
  store_.put(make_key(key_, deduplication_table, queue, first), bytes);
}

void MessageTables::erase_deduplication(std::uint64_t queue, Sequence end) {
  KeyRange range = of_queue(deduplication_table, queue);
  range.to = make_key(key_, deduplication_table, queue, end);
  store_.erase_range(range);
}

void MessageTables::erase_all(std::uint64_t queue) {
  store_.erase_range(of_queue(pages_table, queue));
  store_.erase_range(of_queue(states_table, queue));
  store_.erase_range(of_queue(changes_table, queue));
  store_.erase_range(of_queue(deduplication_table, queue));
}

storage::Cursor MessageTables::states_of(std::uint64_t queue) const {
  return store_.cursor(of_queue(states_table, queue));
}

storage::Cursor MessageTables::changes_of(std::uint64_t queue) const {
  return store_.cursor(of_queue(changes_table, queue));
}

storage::Cursor MessageTables::deduplication_of(std::uint64_t queue, Sequence start) const {
  KeyRange range = of_queue(deduplication_table, queue);
  range.from = storage::encode_key(std::tuple(deduplication_table, queue, start));
  return store_.cursor(range);
}

Sequence MessageTables::sequence_of(std::string_view key) {
  return std::get<2>(storage::decode_key<std::tuple<TableId, std::uint64_t, Sequence>>(key));
}

std::string_view MessageTables::checked_hashes(std::string_view bytes) {
  if (bytes.size() % sizeof(Hash96) != 0)
    throw storage::DamagedRecord("deduplication hashes of no known size");
  return bytes;
}

}  // namespace matinee::sqs
