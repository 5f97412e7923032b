#include "services/dynamodb/item_encoding.h"

#include <stdexcept>
#include <utility>

namespace matinee::dynamodb {
namespace {

// More than the 32 levels that requests may have.
constexpr int max_stored_depth = 64;

// Values of the type byte. Booleans have one for each value.
enum class Tag : std::uint8_t {
  null = 0,
  no = 1,
  yes = 2,
  string = 3,
  number = 4,
  binary = 5,
  string_set = 6,
  number_set = 7,
  binary_set = 8,
  list = 9,
  map = 10
};

class Encoder {
 public:
  explicit Encoder(storage::Writer& out) : out_(out) {}

  void operator()(const Null&) { tag(Tag::null); }
  void operator()(bool truth) { tag(truth ? Tag::yes : Tag::no); }
  void operator()(const std::string& text) {
    tag(Tag::string);
    content(text);
  }
  void operator()(const Number& number) {
    tag(Tag::number);
    content(number);
  }
  void operator()(const Binary& binary) {
    tag(Tag::binary);
    content(binary);
  }
  void operator()(const StringSet& set) { write_set(Tag::string_set, set); }
  void operator()(const NumberSet& set) { write_set(Tag::number_set, set); }
  void operator()(const BinarySet& set) { write_set(Tag::binary_set, set); }
  void operator()(const List& list) {
    tag(Tag::list);
    out_.varint(list.size());
    for (const AttributeValue& element : list) std::visit(*this, element.content());
  }
  void operator()(const Map& map) {
    tag(Tag::map);
    write_map(map);
  }
  void operator()(const Fault&) {
    throw std::logic_error("An attribute value that was refused is about to be stored.");
  }
  void write_map(const Map& map) {
    out_.varint(map.size());
    for (const auto& [name, value] : map) {
      out_.bytes(name);
      std::visit(*this, value.content());
    }
  }

 private:
  storage::Writer& out_;

  void tag(Tag value) { out_.byte(std::to_underlying(value)); }
  void content(const std::string& text) { out_.bytes(text); }
  void content(const Binary& binary) { out_.bytes(binary.bytes); }
  void content(const Number& number) {
    const Number::Parts parts = number.parts();
    out_.signed_varint(parts.exponent);
    out_.varint(parts.low);
    out_.varint(parts.high << 1 | (parts.negative ? 1 : 0));
  }
  template <class T>
  void write_set(Tag kind, const Set<T>& set) {
    tag(kind);
    out_.varint(set.members.size());
    for (const T& member : set.members) content(member);
  }
};

class Decoder {
 public:
  explicit Decoder(storage::Reader& in) : in_(in) {}

  AttributeValue read_value(int depth) {
    if (depth > max_stored_depth) throw storage::DamagedRecord("an item is nested too deeply");
    switch (static_cast<Tag>(in_.byte())) {
      case Tag::null:
        return Null{};
      case Tag::no:
        return false;
      case Tag::yes:
        return true;
      case Tag::string:
        return read<std::string>();
      case Tag::number:
        return read<Number>();
      case Tag::binary:
        return read<Binary>();
      case Tag::string_set:
        return read_set<std::string>();
      case Tag::number_set:
        return read_set<Number>();
      case Tag::binary_set:
        return read_set<Binary>();
      case Tag::list:
        return read_list(depth);
      case Tag::map:
        return read_map(depth);
    }
    throw storage::DamagedRecord("an attribute of an unknown type");
  }

  Map read_map(int depth) {
    Map map;
    for (std::uint64_t count = read_count(); count > 0; --count) {
      std::string name(in_.bytes());
      map.emplace_hint(map.end(), std::move(name), read_value(depth + 1));
    }
    return map;
  }

 private:
  storage::Reader& in_;

  // Of elements, each of which takes a byte at least.
  std::uint64_t read_count() {
    const std::uint64_t count = in_.varint();
    if (count > in_.remaining()) throw storage::DamagedRecord("an item ends early");
    return count;
  }

  template <class T>
  T read() {
    if constexpr (std::is_same_v<T, Number>) {
      Number::Parts parts;
      parts.exponent = in_.signed_varint();
      parts.low = in_.varint();
      const std::uint64_t high = in_.varint();
      parts.high = high >> 1;
      parts.negative = (high & 1) != 0;
      const std::optional<Number> number = Number::from_parts(parts);
      if (!number) throw storage::DamagedRecord("a stored number is out of range");
      return *number;
    } else {
      return T{std::string(in_.bytes())};
    }
  }

  template <class T>
  Set<T> read_set() {
    Set<T> set;
    const std::uint64_t count = read_count();
    set.members.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) set.members.push_back(read<T>());
    return set;
  }

  List read_list(int depth) {
    List list;
    const std::uint64_t count = read_count();
    list.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) list.push_back(read_value(depth + 1));
    return list;
  }
};

}  // namespace

void encode_record(storage::Writer& out, const AttributeValue& value) {
  Encoder encoder(out);
  std::visit(encoder, value.content());
}

void decode_record(storage::Reader& in, AttributeValue& value) {
  value = Decoder(in).read_value(0);
}

void encode_record(storage::Writer& out, const StoredItem& item) {
  out.varint(item.bytes);
  Encoder(out).write_map(item.attributes);
}

void decode_record(storage::Reader& in, StoredItem& item) {
  item.bytes = in.varint();
  item.attributes = Decoder(in).read_map(0);
}

void encode_record(storage::Writer& out, const StoredSize& size) {
  out.varint(size.bytes);
}

void decode_record(storage::Reader& in, StoredSize& size) {
  size.bytes = in.varint();
}

}  // namespace matinee::dynamodb

void matinee::storage::Codec<matinee::dynamodb::StoredView>::write(
    Writer& out, const dynamodb::StoredView& item) {
  out.varint(item.bytes);
  dynamodb::Encoder(out).write_map(*item.attributes);
}
