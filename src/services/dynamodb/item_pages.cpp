#include "services/dynamodb/item_pages.h"

#include "services/dynamodb/expressions/evaluate.h"

namespace matinee::dynamodb {
namespace {

using expressions::KeyCondition;
using expressions::Operator;
using storage::KeyRange;

constexpr std::uint32_t hash_count = 65536;

KeyRange from_here(KeyRange range, const KeyRange& start) {
  range.from = start.from;
  return range;
}

KeyRange up_to(KeyRange range, std::string end) {
  range.to = std::move(end);
  return range;
}

void add(Item item, const PageRequest& request, Page& page) {
  ++page.count;
  if (request.only_count) return;
  page.items.push_back(request.projection ? expressions::project(*request.projection, item)
                                          : std::move(item));
}

}  // namespace

runtime::Task<Page> PageReader::read(const PageRequest& request) const {
  if (request.index) return read_from(entries_.cursor(request.range), request);
  return read_from(table_items_.cursor(request.range), request);
}

template <class TableCursor>
runtime::Task<Page> PageReader::read_from(TableCursor cursor, const PageRequest& request) const {
  Page page;
  std::optional<ItemSnapshot> whole_items;
  std::size_t fetched = 0;  // beside what is read of the index
  if (request.whole_items) whole_items.emplace(table_items_.store());
  if (request.backward) cursor.seek_last();
  while (cursor.valid()) {
    if (turns_.is_over()) co_await turns_.next();
    StoredItem item = cursor.record();
    page.bytes += item.bytes;
    ++page.scanned;
    if (whole_items) {
      const ItemKey key = item_key(request.table->keys, item.attributes);
      if (std::optional<StoredItem> whole = whole_items->find(*request.table, key))
        item = *std::move(whole);
      page.fetched_bytes.push_back(item.bytes);
      fetched += item.bytes;
    }
    const bool limit_reached =
        request.limit && static_cast<std::size_t>(page.scanned) >= *request.limit;
    if (limit_reached || page.bytes + fetched >= max_page_bytes) {
      page.last_key = request.index
                          ? entry_key_attributes(*request.table, *request.index, item.attributes)
                          : key_attributes(request.table->keys, item.attributes);
    }
    bool matches = true;
    if (request.filter && HeavyConditions::is_heavy(*request.filter, item.bytes))
      matches = co_await heavy_.matches_elsewhere(*request.filter, item.attributes);
    else if (request.filter)
      matches = expressions::matches(*request.filter, item.attributes);
    if (matches) add(std::move(item.attributes), request, page);
    if (page.last_key) break;
    request.backward ? cursor.previous() : cursor.next();
  }
  co_return page;
}

storage::KeyRange PageReader::whole(const TableRecord& table, const IndexRecord* index) const {
  return index ? entries_.prefix(table.number, index->number) : table_items_.prefix(table.number);
}

storage::KeyRange PageReader::hashes(const TableRecord& table, const IndexRecord* index,
                                     std::uint32_t from, std::uint32_t to) const {
  storage::KeyRange range = whole(table, index);
  const auto start_of = [&](std::uint32_t hash) {
    const auto part = static_cast<std::uint16_t>(hash);
    return index ? entries_.prefix(table.number, index->number, part).from
                 : table_items_.prefix(table.number, part).from;
  };
  if (from >= hash_count) return {range.to, range.to};
  range.from = start_of(from);
  if (to < hash_count) range.to = start_of(to);
  return range;
}

storage::KeyRange PageReader::partition(const TableRecord& table, const IndexRecord* index,
                                        const ItemKey& key) const {
  return index ? entries_.raw_prefix(key.bytes, table.number, index->number, key.hash)
               : table_items_.raw_prefix(key.bytes, table.number, key.hash);
}

storage::KeyRange PageReader::search(const PageRequest& page, const ItemKey& partition_key,
                                     const KeyCondition& condition) const {
  const auto keys_of = [&](const AttributeValue& value) {
    ItemKey key = partition_key;
    append_key_value(key.bytes, value);
    return partition(*page.table, page.index, key);
  };
  const KeyRange all = partition(*page.table, page.index, partition_key);
  const AttributeValue& value = *condition.values.front();
  switch (condition.op) {
    case Operator::begins_with: {
      ItemKey key = partition_key;
      append_key_prefix(key.bytes, value);
      return partition(*page.table, page.index, key);
    }
    case Operator::less:
      return up_to(all, keys_of(value).from);
    case Operator::less_equal:
      return up_to(all, keys_of(value).to);
    case Operator::greater:
      return from_here(all, {keys_of(value).to, {}});
    case Operator::greater_equal:
      return from_here(all, keys_of(value));
    case Operator::between:
      return {keys_of(value).from, keys_of(*condition.values[1]).to};
    default:
      return keys_of(value);
  }
}

storage::KeyRange PageReader::after(storage::KeyRange range, const PageRequest& request,
                                    const ItemKey& key) const {
  // The key's own place is the start of the range of all keys that begin with it.
  std::string place = partition(*request.table, request.index, key).from;
  if (request.backward) {
    if (place < range.to) range.to = std::move(place);
    return range;
  }
  place.push_back('\0');
  if (place > range.from) range.from = std::move(place);
  return range;
}

}  // namespace matinee::dynamodb
