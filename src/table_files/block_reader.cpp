// Bytes of a file, unpacked and cut into records.
#include <fmt/format.h>

#include "archives/unpacker.h"
#include "checksums/crc.h"
#include "protocol/error.h"
#include "table_files/records.h"

namespace matinee::table_files {
namespace {

/// Text of a block, unless one record is longer.
constexpr std::size_t block_bytes = std::size_t{128} << 10;
/// An item of 400 KB has fewer, however it is escaped.
constexpr std::size_t longest_record = std::size_t{8} << 20;

/// What text in Amazon Ion begins with, the binary form and the other.
bool is_ion(std::string_view beginning) {
  return beginning.starts_with(std::string_view("\xe0\x01\x00\xea", 4)) ||
         beginning.starts_with("$ion_1_0");
}

}  // namespace

struct BlockReader::State {
  RecordReader records;
  archives::Unpacker unpacker{archives::Packing::none};
  std::string packed;  // not unpacked yet
  std::string_view rest;
  std::string text;  // not cut yet, from `cut` on
  std::size_t cut = 0;
  std::size_t looked = 0;      // where the search for the end of a record goes on
  bool in_quotes = false;      // there, in CSV
  std::uint64_t newlines = 0;  // between `cut` and `looked`: inside of quotes
  bool has_begun = false;
  bool has_looked_at_text = false;
  bool has_ended = false;
  bool is_same = true;
  bool is_compared = false;
  Mark mark;
  Mark earlier;

  explicit State(FileForm form) : records(std::move(form)) {}

  void begin();
  bool fill();
  std::optional<std::size_t> find_end();
  std::size_t cut_record(Block& block);
  void take(Block& block, Record record);
  void compare();
};

/// Once the first bytes are there.
void BlockReader::State::begin() {
  has_begun = true;
  const archives::Packing found = archives::packing_of(rest);
  switch (records.form().compression) {
    case Compression::none:
      return;
    case Compression::automatic:
      unpacker = archives::Unpacker(found);
      return;
    case Compression::gzip:
      if (found != archives::Packing::gzip && !rest.empty()) throw FileError("it is no gzip file");
      unpacker = archives::Unpacker(archives::Packing::gzip);
      return;
    case Compression::zstd:
      if (found != archives::Packing::zstd && !rest.empty())
        throw FileError("it is no Zstandard file");
      unpacker = archives::Unpacker(archives::Packing::zstd);
  }
}

/// More text; false where bytes are needed for that, or there are none.
bool BlockReader::State::fill() {
  constexpr std::size_t enough_to_tell = 8;
  if (!has_begun) {
    if (rest.size() < enough_to_tell && !has_ended) return false;
    begin();
  }
  text.erase(0, cut);
  looked -= cut;
  cut = 0;
  const std::size_t before = text.size();
  try {
    unpacker.unpack(rest, text, block_bytes);
    if (text.size() == before && has_ended && rest.empty() && !unpacker.is_at_end())
      throw FileError("it is cut off");
  } catch (const archives::PackingError& error) {
    throw FileError(error.what());
  }
  if (!has_looked_at_text && (text.size() >= enough_to_tell || has_ended)) {
    has_looked_at_text = true;
    if (is_ion(text))
      throw FileError("it is in Amazon Ion, which is not read; export it as DYNAMODB_JSON");
    if (text.starts_with("\xef\xbb\xbf")) {
      cut = looked = 3;
    }
  }
  return text.size() > before;
}

/// Where the record that begins at `cut` has its newline, or, in the last one, the text its end.
std::optional<std::size_t> BlockReader::State::find_end() {
  const bool has_quotes = records.form().format == Format::csv;
  for (;;) {
    const std::size_t newline = text.find('\n', looked);
    const std::size_t end = newline == std::string::npos ? text.size() : newline;
    if (has_quotes)
      in_quotes ^= std::count(text.begin() + static_cast<std::ptrdiff_t>(looked),
                              text.begin() + static_cast<std::ptrdiff_t>(end), '"') %
                       2 ==
                   1;
    looked = end;
    if (newline == std::string::npos) return std::nullopt;
    if (!in_quotes) return newline;
    ++looked;
    ++newlines;
  }
}

/// Takes the record up to `looked` into the block. Returns how many bytes it has in the file.
std::size_t BlockReader::State::cut_record(Block& block) {
  const bool has_newline = looked < text.size();
  const std::size_t size = looked - cut + (has_newline ? 1 : 0);
  Record record{.line = mark.lines + 1, .index = mark.records};
  record.begin = block.text.size();
  record.length = looked - cut;
  const std::string_view bytes(text.data() + cut, size);
  block.text += bytes;
  mark.lines += newlines + 1;
  mark.bytes += size;
  if (record.length > 0 && bytes[record.length - 1] == '\r') --record.length;
  looked = cut = cut + size;
  newlines = 0;
  in_quotes = false;
  take(block, std::move(record));
  return size;
}

void BlockReader::State::take(Block& block, Record record) {
  const std::string_view bytes = std::string_view(block.text).substr(record.begin, record.length);
  if (bytes.find_first_not_of(" \t") == std::string_view::npos) return;
  if (records.needs_header()) return records.take_header(bytes);
  ++mark.records;
  if (record.line <= earlier.lines) return;
  try {
    records.read(bytes, record);
    block.records.push_back(std::move(record));
  } catch (const protocol::ServiceError& error) {
    block.bad.push_back({record.line, record.index, error.message()});
  }
}

/// Where an earlier run had come, what is in the file has to be what was there then.
void BlockReader::State::compare() {
  if (is_compared || earlier.lines == 0 || mark.lines < earlier.lines) return;
  is_compared = true;
  is_same = mark == earlier;
}

BlockReader::BlockReader(FileForm form) : state_(std::make_unique<State>(std::move(form))) {}
BlockReader::~BlockReader() = default;
BlockReader::BlockReader(BlockReader&&) noexcept = default;
BlockReader& BlockReader::operator=(BlockReader&&) noexcept = default;

void BlockReader::pass_over(const Mark& mark) {
  state_->earlier = mark;
}

bool BlockReader::is_the_same() const {
  return state_->is_same && !(is_done() && state_->mark.lines < state_->earlier.lines);
}

void BlockReader::add(std::string bytes) {
  if (state_->rest.empty()) {
    state_->packed = std::move(bytes);
  } else {
    state_->packed = std::string(state_->rest) + bytes;
  }
  state_->rest = state_->packed;
}

void BlockReader::end() {
  state_->has_ended = true;
}

bool BlockReader::is_done() const {
  const State& state = *state_;
  return state.has_ended && state.has_begun && state.rest.empty() &&
         state.cut == state.text.size() && state.unpacker.is_at_end();
}

std::optional<Block> BlockReader::next() {
  State& state = *state_;
  Block block;
  while (block.text.size() < block_bytes) {
    if (!state.find_end()) {
      if (state.looked - state.cut > longest_record)
        throw FileError(
            fmt::format("line {} has more than {} bytes", state.mark.lines + 1, longest_record));
      if (state.fill()) continue;
      if (!state.has_ended || state.cut == state.text.size()) break;
      state.looked = state.text.size();
    }
    state.cut_record(block);
    // A block ends where an earlier run had come, so that what was read can be compared.
    if (state.mark.lines == state.earlier.lines) break;
  }
  if (block.text.empty()) return std::nullopt;
  state.mark.checksum = crc::update(crc::crc64nvme, state.mark.checksum, block.text);
  state.compare();
  block.end = state.mark;
  return block;
}

const FileForm& BlockReader::form() const {
  return state_->records.form();
}

}  // namespace matinee::table_files
