#include "services/sqs/page.h"

#include <cstring>

namespace matinee::sqs {

using runtime::Duration;
using runtime::Time;
using storage::DamagedRecord;
using storage::Reader;
using storage::Writer;

namespace {

constexpr std::uint8_t format_version = 1;

/// Which parts of a message follow.
enum MessagePart : std::uint8_t {
  has_attributes = 1,
  has_group = 2,
  has_deduplication = 4,
  has_trace = 8,
  was_moved = 16,
};

enum StatePart : std::uint8_t {
  is_present = 1,
  is_hidden = 2,     // visible_at follows
  was_received = 4,  // counts and times follow
  has_group_hash = 8,
  same_group = 16,  // as the message before
};

void write_array(Writer& out, const std::array<std::uint8_t, 16>& bytes) {
  for (const std::uint8_t byte : bytes) out.byte(byte);
}

std::array<std::uint8_t, 16> read_array(Reader& in) {
  std::array<std::uint8_t, 16> bytes;
  for (std::uint8_t& byte : bytes) byte = in.byte();
  return bytes;
}

void require_version(Reader& in) {
  if (in.byte() != format_version) throw DamagedRecord("a message of an unknown format");
}

std::uint64_t to_count(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

Time to_time(std::uint64_t count) {
  return Time(Duration(static_cast<std::int64_t>(count)));
}

Time sending_time(Sequence sequence) {
  return to_time(sequence >> 10);
}

void write_hash(Writer& out, const Hash96& hash) {
  for (const std::uint32_t word : hash.words)
    for (int shift = 0; shift < 32; shift += 8) out.byte(static_cast<std::uint8_t>(word >> shift));
}

Hash96 read_hash(Reader& in) {
  Hash96 hash;
  for (std::uint32_t& word : hash.words)
    for (int shift = 0; shift < 32; shift += 8)
      word |= static_cast<std::uint32_t>(in.byte()) << shift;
  return hash;
}

}  // namespace

void PageWriter::add(const MessageView& message) {
  Writer out(bytes_);
  const std::size_t start = out.begin_block();
  const bool moved = message.earlier_receives > 0 || !message.dead_letter_source_arn.empty();
  out.byte(static_cast<std::uint8_t>((message.attributes.empty() ? 0 : has_attributes) |
                                     (message.group_id.empty() ? 0 : has_group) |
                                     (message.deduplication_id.empty() ? 0 : has_deduplication) |
                                     (message.trace_header.empty() ? 0 : has_trace) |
                                     (moved ? was_moved : 0)));
  write_array(out, message.id);
  write_array(out, message.body_md5);
  out.bytes(message.sender_id);
  if (!message.attributes.empty()) out.bytes(message.attributes);
  if (!message.group_id.empty()) out.bytes(message.group_id);
  if (!message.deduplication_id.empty()) out.bytes(message.deduplication_id);
  if (!message.trace_header.empty()) out.bytes(message.trace_header);
  if (moved) {
    out.bytes(message.dead_letter_source_arn);
    out.varint(message.earlier_receives);
  }
  out.bytes(message.body);
  out.end_block(start);
  ++count_;
}

void PageWriter::clear() {
  bytes_.resize(1);
  count_ = 0;
}

MessageView read_message(std::string_view page, unsigned offset) {
  Reader in(page);
  require_version(in);
  for (unsigned i = 0; i < offset; ++i) in.bytes();
  Reader block = in.block();
  const std::uint8_t parts = block.byte();
  MessageView message;
  message.id = read_array(block);
  message.body_md5 = read_array(block);
  message.sender_id = block.bytes();
  if (parts & has_attributes) message.attributes = block.bytes();
  if (parts & has_group) message.group_id = block.bytes();
  if (parts & has_deduplication) message.deduplication_id = block.bytes();
  if (parts & has_trace) message.trace_header = block.bytes();
  if (parts & was_moved) {
    message.dead_letter_source_arn = block.bytes();
    message.earlier_receives = static_cast<std::uint32_t>(block.varint());
  }
  message.body = block.bytes();
  return message;
}

std::string encode_attributes(const std::map<std::string, MessageAttributeValue>& attributes) {
  std::string bytes;
  Writer out(bytes);
  for (const auto& [name, value] : attributes) {
    out.bytes(name);
    out.bytes(value.data_type);
    out.bytes(value.binary_value ? value.binary_value->bytes : value.string_value.value_or(""));
  }
  return bytes;
}

std::map<std::string, MessageAttributeValue> decode_attributes(std::string_view bytes) {
  std::map<std::string, MessageAttributeValue> attributes;
  for (Reader in(bytes); !in.at_end();) {
    MessageAttributeValue& value = attributes[std::string(in.bytes())];
    value.data_type = in.bytes();
    if (value.data_type.starts_with("Binary"))
      value.binary_value = protocol::Blob{std::string(in.bytes())};
    else
      value.string_value = in.bytes();
  }
  return attributes;
}

namespace {

std::uint8_t delivery_parts(const Entry& entry) {
  const bool hidden = entry.state != MessageState::visible;
  return static_cast<std::uint8_t>(is_present | (hidden ? is_hidden : 0) |
                                   (entry.receive_count > 0 ? was_received : 0));
}

void write_delivery(Writer& out, const Entry& entry) {
  if (entry.state != MessageState::visible) out.fixed64(to_count(entry.visible_at));
  if (entry.receive_count == 0) return;
  out.varint(entry.receive_count);
  out.varint(entry.first_received);
  out.varint(entry.last_received);
}

PageUpdate::Delivery read_delivery(Reader& in, std::uint8_t parts) {
  PageUpdate::Delivery delivery;
  if (parts & is_hidden) delivery.hidden_until = to_time(in.fixed64());
  if (!(parts & was_received)) return delivery;
  delivery.receive_count = static_cast<std::uint32_t>(in.varint());
  delivery.first_received = static_cast<std::uint32_t>(in.varint());
  delivery.last_received = static_cast<std::uint32_t>(in.varint());
  return delivery;
}

void write_state(Writer& out, const MessageIndex& index, Slot slot, Slot before) {
  const Entry& entry = index[slot];
  const bool grouped = entry.group != no_group;
  const bool repeated = grouped && before != no_slot && index[before].group == entry.group;
  out.byte(static_cast<std::uint8_t>(delivery_parts(entry) | (repeated  ? same_group
                                                              : grouped ? has_group_hash
                                                                        : 0)));
  out.signed_varint((entry.sent_at - sending_time(entry.sequence)).count());
  write_delivery(out, entry);
  if (grouped && !repeated) write_hash(out, index.group_hash(slot));
}

/// What is stored of one message of a page: nothing of one that was gone by then.
struct StoredState {
  runtime::Time sent_at;
  PageUpdate::Delivery delivery;
  Hash96 group;
};

std::optional<StoredState> read_state(Reader& in, Sequence sequence, const Hash96& group_before) {
  const std::uint8_t parts = in.byte();
  if (!(parts & is_present)) return std::nullopt;
  StoredState state;
  state.sent_at = sending_time(sequence) + Duration(in.signed_varint());
  state.delivery = read_delivery(in, parts);
  if (parts & same_group) state.group = group_before;
  if (parts & has_group_hash) state.group = read_hash(in);
  return state;
}

MessageIndex::Placement to_placement(const StoredState& state, const StateRules& rules) {
  const PageUpdate::Delivery& delivery = state.delivery;
  MessageIndex::Placement placement{.sent_at = state.sent_at,
                                    .visible_at = delivery.hidden_until.value_or(state.sent_at),
                                    .receive_count = delivery.receive_count,
                                    .first_received = delivery.first_received,
                                    .last_received = delivery.last_received,
                                    .group = state.group};
  if (rules.fifo_delay && placement.receive_count == 0)
    placement.visible_at = placement.sent_at + *rules.fifo_delay;
  return placement;
}

}  // namespace

std::string encode_states(const MessageIndex& index, Slot first) {
  std::string bytes;
  Writer out(bytes);
  out.byte(format_version);
  const unsigned count = index[first].page_size;
  out.byte(static_cast<std::uint8_t>(count));
  Slot before = no_slot;
  for (Slot slot = first; slot < first + count; ++slot) {
    if (index[slot].state == MessageState::gone) {
      out.byte(0);
      continue;
    }
    write_state(out, index, slot, before);
    before = slot;
  }
  return bytes;
}

void write_update(Writer& out, const MessageIndex& index, Slot first, PageMask changed) {
  out.fixed64(index[first].page());
  out.varint(changed);
  for (unsigned i = 0; i < max_page_messages; ++i) {
    if (!(changed >> i & 1)) continue;
    const Entry& entry = index[first + i];
    const bool gone = entry.state == MessageState::gone;
    out.byte(gone ? 0 : delivery_parts(entry));
    if (!gone) write_delivery(out, entry);
  }
}

PageUpdate read_update(Reader& in) {
  PageUpdate update;
  update.page = in.fixed64();
  update.changed = static_cast<PageMask>(in.varint());
  for (unsigned i = 0; i < max_page_messages; ++i) {
    if (!(update.changed >> i & 1)) continue;
    const std::uint8_t parts = in.byte();
    if (parts & is_present) update.deliveries[i] = read_delivery(in, parts);
  }
  return update;
}

Slot place_states(MessageIndex& index, const StoredStates& states, const StateRules& rules) {
  Reader in(states.bytes);
  require_version(in);
  const unsigned count = in.byte();
  if (count == 0 || count > max_page_messages) throw DamagedRecord("a page of no known size");
  const Slot first = index.add_page(states.page, count);
  Hash96 group;
  for (unsigned i = 0; i < count; ++i) {
    std::optional<StoredState> state = read_state(in, states.page + i, group);
    if (!state) continue;
    group = state->group;
    if (states.update && states.update->changed >> i & 1) {
      if (!states.update->deliveries[i]) continue;
      state->delivery = *states.update->deliveries[i];
    }
    index.place(first + i, to_placement(*state, rules), rules.now);
  }
  return first;
}

}  // namespace matinee::sqs
