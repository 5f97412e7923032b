#include "storage/record.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"

namespace matinee::storage {

namespace foreign {

/// A type of another library, of a value and its children.
struct Tree {
  std::string name;
  std::map<std::string, Tree> children;
  bool operator==(const Tree&) const = default;
};

void encode_record(Writer& out, const Tree& tree) {
  out.bytes(tree.name);
  write_value(out, tree.children);
}

void decode_record(Reader& in, Tree& tree) {
  tree.name = in.bytes();
  read_value(in, tree.children);
}

}  // namespace foreign

namespace {

enum class Color : std::uint8_t { red, green };

struct Inner {
  std::string text;
  std::int32_t number = 7;
  bool operator==(const Inner&) const = default;
  static constexpr auto fields = std::tuple{field<1>(&Inner::text), field<2>(&Inner::number)};
};

struct Everything {
  bool flag = true;
  std::int64_t number = 30;
  std::uint8_t small = 0;
  Color color = Color::red;
  double real = 0;
  std::string text;
  runtime::Time time;
  std::chrono::seconds delay{0};
  std::optional<std::string> maybe;
  std::optional<std::int32_t> maybe_number;
  Inner inner;
  std::vector<Inner> inners;
  std::vector<std::optional<std::string>> maybes;
  std::vector<std::uint8_t> bytes;
  std::set<std::string> names;
  std::map<std::string, std::vector<std::int32_t>> lists;
  std::vector<std::pair<std::string, std::uint64_t>> pairs;
  foreign::Tree tree;
  std::map<std::string, foreign::Tree> item;
  bool operator==(const Everything&) const = default;
  static constexpr auto fields =
      std::tuple{field<1>(&Everything::flag),    field<2>(&Everything::number),
                 field<3>(&Everything::small),   field<4>(&Everything::color),
                 field<5>(&Everything::real),    field<6>(&Everything::text),
                 field<7>(&Everything::time),    field<8>(&Everything::delay),
                 field<9>(&Everything::maybe),   field<10>(&Everything::maybe_number),
                 field<11>(&Everything::inner),  field<12>(&Everything::inners),
                 field<13>(&Everything::maybes), field<14>(&Everything::bytes),
                 field<15>(&Everything::names),  field<16>(&Everything::lists),
                 field<17>(&Everything::pairs),  field<18>(&Everything::tree),
                 field<19>(&Everything::item)};
};

Everything full() {
  Everything record;
  record.flag = false;
  record.number = INT64_MIN;
  record.small = 255;
  record.color = Color::green;
  record.real = -0.1;
  record.text = std::string(5000, 'x') + std::string("\0\xff", 2);
  record.time = runtime::Time(runtime::Duration(-1));
  record.delay = std::chrono::seconds(900);
  record.maybe = "";
  record.maybe_number = -5;
  record.inner = {"inner", INT32_MIN};
  record.inners = {{"a", 1}, {std::string(200, 'b'), 2}, {}};
  record.maybes = {std::nullopt, "", "value"};
  record.bytes = {0, 1, 255};
  record.names = {"", "b", "a"};
  record.lists = {{"empty", {}}, {"three", {1, -2, 3}}};
  record.pairs = {{"first", 1}, {"second", UINT64_MAX}};
  record.tree = {"root", {{"left", {"leaf", {}}}, {"right", {"", {{"deep", {"x", {}}}}}}}};
  record.item = {{"key", record.tree}};
  return record;
}

template <class T>
std::string encode(const T& record) {
  std::string bytes;
  encode_record_bytes(bytes, record);
  return bytes;
}

TEST(Record, every_kind_of_field_comes_back_as_it_went) {
  EXPECT_EQ(decode_record_bytes<Everything>(encode(full())), full());
  EXPECT_EQ(decode_record_bytes<Everything>(encode(Everything())), Everything());
  EXPECT_EQ(decode_record_bytes<std::string>(encode(std::string("text"))), "text");
  EXPECT_EQ(decode_record_bytes<std::uint64_t>(encode(std::uint64_t{300})), 300u);
}

struct Older {
  std::string name;
  std::int32_t count = 1;
  bool operator==(const Older&) const = default;
  static constexpr auto fields = std::tuple{field<1>(&Older::name), field<2>(&Older::count)};
};

/// `count` is gone; everything else is new.
struct Newer {
  std::string name;
  std::optional<std::string> note;
  std::vector<Older> history;
  std::int32_t limit = 42;
  double ratio = 0.5;
  bool operator==(const Newer&) const = default;
  static constexpr auto fields =
      std::tuple{field<1>(&Newer::name), field<3>(&Newer::note), field<4>(&Newer::history),
                 field<5>(&Newer::limit), field<6>(&Newer::ratio)};
};

TEST(Record, a_newer_program_reads_an_older_record_and_fills_in_its_own_values) {
  EXPECT_EQ(decode_record_bytes<Newer>(encode(Older{"queue", 9})),
            (Newer{"queue", std::nullopt, {}, 42, 0.5}));
}

TEST(Record, an_older_program_reads_a_newer_record_and_skips_what_it_does_not_know) {
  Newer newer{"queue", "note", {{"a", 1}, {"b", 2}}, 1, 2.0};
  EXPECT_EQ(decode_record_bytes<Older>(encode(newer)), (Older{"queue", 1}));
}

struct Renamed {
  std::string name;
  std::string count;
  static constexpr auto fields = std::tuple{field<1>(&Renamed::name), field<2>(&Renamed::count)};
};

TEST(Record, a_field_of_another_type_is_damage_and_not_a_guess) {
  EXPECT_THROW(decode_record_bytes<Renamed>(encode(Older{"queue", 9})), DamagedRecord);
}

struct Wide {
  std::int64_t number = 0;
  static constexpr auto fields = std::tuple{field<1>(&Wide::number)};
};
struct Narrow {
  std::int8_t number = 0;
  static constexpr auto fields = std::tuple{field<1>(&Narrow::number)};
};

TEST(Record, a_number_too_large_for_its_field_is_damage) {
  EXPECT_EQ(decode_record_bytes<Narrow>(encode(Wide{-128})).number, -128);
  EXPECT_THROW(decode_record_bytes<Narrow>(encode(Wide{128})), DamagedRecord);
}

TEST(Record, every_truncation_is_damage) {
  std::string bytes = encode(full());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode_record_bytes<Everything>(bytes.substr(0, length)), DamagedRecord) << length;
  }
  EXPECT_THROW(decode_record_bytes<Everything>(bytes + "x"), DamagedRecord);
}

TEST(Record, random_bytes_are_damage_or_a_record_but_nothing_worse) {
  runtime::SeededRandom random(1);
  Everything record = full();
  record.text = "short";
  const std::string good = encode(record);
  int damaged = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (std::uint64_t n = random.below(4) + 1; n > 0; --n) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    try {
      decode_record_bytes<Everything>(bytes);
    } catch (const DamagedRecord&) {
      ++damaged;
    }
  }
  EXPECT_GT(damaged, 1000);
}

}  // namespace
}  // namespace matinee::storage
