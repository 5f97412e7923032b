#include "services/logs/catalog/event_writer.h"

#include "services/logs/catalog/block.h"

namespace matinee::logs {

void write_events(Catalog& catalog, GroupNumber group, Stream& stream, const NewEvents& batch) {
  const auto& [events, now, positions] = batch;
  if (events.empty()) return;
  GroupCounters counters = catalog.counters_of(group);
  StreamRecord& record = stream.record;
  const std::optional<Milliseconds> last_event_before = record.last_event;
  BlockBuilder builder(record.number, now);
  const auto write_block = [&] {
    const Milliseconds start = builder.start();
    const BlockEntry entry{.end = builder.end(), .bytes = builder.counted_bytes()};
    const std::string bytes = builder.finish();
    const Sequence sequence = ++counters.last_sequence;
    catalog.blocks.put({group, start, sequence}, {bytes});
    catalog.blocks_of_streams.put({group, record.number, start, sequence}, entry);
    counters.stored_bytes += entry.bytes;
    record.stored_bytes += entry.bytes;
    record.longest_block = std::max(record.longest_block, entry.end - start);
    record.last_sequence = sequence;
  };
  std::uint16_t index = 0;  // in the block
  for (const NewEvent& event : events) {
    if (!builder.takes(event.time, event.text)) {
      write_block();
      index = 0;
    }
    builder.add(event.time, event.text);
    if (positions)
      positions->push_back(
          {.time = event.time, .sequence = counters.last_sequence + 1, .index = index});
    ++index;
  }
  write_block();
  counters.longest_block = std::max(counters.longest_block, record.longest_block);
  record.first_event =
      std::min(record.first_event.value_or(events.front().time), events.front().time);
  record.last_event = std::max(record.last_event.value_or(events.back().time), events.back().time);
  record.last_ingestion = now;
  catalog.counters.put(group, counters);
  catalog.change(group, stream, last_event_before);
}

}  // namespace matinee::logs
