// A file of items, one record after the other: lines of DynamoDB JSON as AWS exports and imports
// them, or rows of CSV. What is wrong with a record is told with its place, and the next one read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/values/attribute_value.h"

namespace matinee::table_files {

using dynamodb::Item;

enum class Format : std::uint8_t { dynamodb_json, csv };

/// `automatic` is none, gzip or Zstandard, by the first bytes.
enum class Compression : std::uint8_t { none, gzip, zstd, automatic };

/// An attribute whose type is known: of a key, of the table or of an index.
struct TypedName {
  std::string name;
  dynamodb::Type type = dynamodb::Type::string;
  bool is_needed = false;  // every item has it: a key of the table
};

/// What a file is and what its items must have.
struct FileForm {
  Format format = Format::dynamodb_json;
  Compression compression = Compression::automatic;
  char delimiter = ',';             // of CSV
  std::vector<std::string> header;  // of CSV; empty: the first row of the file
  std::vector<TypedName> keys;
};

/// A file that cannot be read, or not any further. what() is a clause, without the file's name.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a record says: this item is in the table; or, in an incremental export, nothing is under
/// that key any more.
struct Record {
  std::uint64_t line = 0;   // where it begins, from 1
  std::uint64_t index = 0;  // among the records of the file, from 0
  bool removes = false;
  Item content;           // the item, or its key
  std::size_t begin = 0;  // of its text in the block's
  std::size_t length = 0;
};

struct BadRecord {
  std::uint64_t line = 0;
  std::uint64_t index = 0;
  std::string reason;  // a sentence
};

/// How far a file has been read: so many lines, and a checksum of all that is in them.
struct Mark {
  std::uint64_t lines = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of text
  std::uint64_t checksum = 0;
  bool operator==(const Mark&) const = default;
};

/// Records that stand together, some hundred kilobytes of them.
struct Block {
  std::string text;
  std::vector<Record> records;
  std::vector<BadRecord> bad;
  Mark end;  // behind it
};

/// Reads one record of DynamoDB JSON or, with `header`, of CSV. Throws protocol::ServiceError,
/// whose message is the reason.
class RecordReader {
 public:
  explicit RecordReader(FileForm form);
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  const FileForm& form() const { return form_; }
  bool needs_header() const { return form_.format == Format::csv && form_.header.empty(); }
  /// Takes a row of CSV for the names of the columns. Throws FileError where it cannot be.
  void take_header(std::string_view row);
  /// Fills the content of a record.
  void read(std::string_view text, Record& record);

 private:
  FileForm form_;
  std::string padded_;

  void read_line(std::string_view text, Record& record);
  void read_row(std::string_view text, Record& record) const;
  void require_keys(const Item& item) const;
};

/// A file from its beginning to its end, in blocks. Give it bytes until `next` has a block; used by
/// one thread at a time.
class BlockReader {
 public:
  explicit BlockReader(FileForm form);
  ~BlockReader();
  BlockReader(BlockReader&&) noexcept;
  BlockReader& operator=(BlockReader&&) noexcept;

  /// What comes before `mark` was read earlier: it is passed over. Before the first bytes.
  void pass_over(const Mark& mark);
  /// False where the file is not the one any more of which `pass_over` spoke: begin again without.
  bool is_the_same() const;

  /// The next bytes of the file.
  void add(std::string bytes);
  /// There are no more.
  void end();
  /// Nothing where more bytes are needed first, or after the end. Throws FileError: what came
  /// before was read, and nothing more can be.
  std::optional<Block> next();
  bool is_done() const;
  /// With the names of the columns, once there is a block; they change no more.
  const FileForm& form() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `{"id":{"S":"1"}}`
void append_item(const Item& item, std::string& out);
/// `{"Item":{...}}` and a newline.
void append_item_line(const Item& item, std::string& out);

}  // namespace matinee::table_files
