#include "table_files/records.h"

#include <gmock/gmock.h>

#include "archives/unpacker.h"
#include "protocol/error.h"

namespace matinee::table_files {
namespace {

using dynamodb::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

FileForm form_with_key() {
  FileForm form;
  form.keys = {{"id", Type::string, true}, {"rank", Type::number, false}};
  return form;
}

FileForm csv_form() {
  FileForm form = form_with_key();
  form.format = Format::csv;
  return form;
}

struct WholeFile {
  std::vector<Record> records;
  std::vector<BadRecord> bad;
  Mark end;
};

/// Reads a file that comes in pieces of `piece` bytes.
WholeFile read_all(BlockReader& reader, std::string_view bytes, std::size_t piece = 1000) {
  WholeFile file;
  const auto take = [&] {
    while (auto block = reader.next()) {
      for (Record& record : block->records) file.records.push_back(std::move(record));
      for (BadRecord& bad : block->bad) file.bad.push_back(std::move(bad));
      file.end = block->end;
    }
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.add(std::string(bytes.substr(0, piece)));
    take();
  }
  reader.end();
  take();
  return file;
}

WholeFile read_all(const FileForm& form, std::string_view bytes, std::size_t piece = 1000) {
  BlockReader reader(form);
  return read_all(reader, bytes, piece);
}

std::string line_of(const std::string& id) {
  return R"({"Item":{"id":{"S":")" + id + R"("}}})" + "\n";
}

std::string id_of(const Record& record) {
  return *record.content.at("id").find<std::string>();
}

std::string many_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += line_of(std::to_string(i));
  return lines;
}

TEST(BlockReader, reads_each_line_of_a_file_however_it_comes) {
  const std::string lines = many_lines(10'000);
  for (const std::size_t piece : {std::size_t{11}, std::size_t{70'000}}) {
    for (const std::string& bytes : {lines, archives::gzip(lines)}) {
      const WholeFile file = read_all(form_with_key(), bytes, piece);
      ASSERT_THAT(file.records, SizeIs(10'000));
      EXPECT_THAT(file.bad, IsEmpty());
      EXPECT_EQ(id_of(file.records[7654]), "7654");
      EXPECT_EQ(file.records[7654].line, 7655U);
      EXPECT_EQ(file.end.lines, 10'000U);
      EXPECT_EQ(file.end.bytes, lines.size());
    }
  }
}

TEST(BlockReader, reads_a_last_line_without_a_newline_and_skips_empty_ones) {
  const WholeFile file = read_all(
      form_with_key(), "\xef\xbb\xbf" + line_of("a") + "\r\n\n" + R"({"Item":{"id":{"S":"b"}}})");
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_EQ(file.records[1].line, 4U);
  EXPECT_EQ(file.records[1].index, 1U);
}

TEST(BlockReader, tells_bad_lines_and_reads_all_others) {
  const std::string bytes =
      line_of("a") + "nonsense\n" + R"({"Item":{"id":{"N":"1"}}})" + "\n" +
      R"({"Item":{"x":{"S":"1"}}})" + "\n" + R"({"Item":{"id":{"S":"1"},"n":{"N":"ten"}}})" + "\n" +
      R"({"Thing":{}})" + "\n" + R"({"Item":{"id":{"S":"1"},"rank":{"S":"1"}}})" + "\n" +
      R"({"Item":{"id":{"S":"1"},"big":{"S":")" + std::string(std::size_t{400} << 10, 'x') +
      "\"}}}\n" + line_of("z");
  const WholeFile file = read_all(form_with_key(), bytes);
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_EQ(id_of(file.records[1]), "z");
  EXPECT_EQ(file.records[1].line, 9U);
  std::vector<std::string> reasons;
  for (const BadRecord& bad : file.bad) reasons.push_back(bad.reason);
  EXPECT_THAT(
      reasons,
      ElementsAre(HasSubstr("no DynamoDB JSON"),
                  "One or more parameter values were invalid: Type mismatch for key id expected: S "
                  "actual: N",
                  "One or more parameter values were invalid: Missing the key id in the item",
                  HasSubstr("cannot be converted to a numeric value"),
                  "There is no Item in this line", HasSubstr("Type mismatch for key rank"),
                  "Item size has exceeded the maximum allowed size"));
  EXPECT_EQ(file.bad[1].line, 3U);
  EXPECT_EQ(file.bad[1].index, 2U);
}

TEST(BlockReader, reads_incremental_exports_as_puts_and_removals) {
  const std::string metadata = R"({"Metadata":{"WriteTimestampMicros":{"N":"1"}},)";
  const std::string key = R"("Keys":{"id":{"S":"a"}})";
  const WholeFile file =
      read_all(form_with_key(),
               metadata + key +
                   R"(,"NewImage":{"id":{"S":"a"},"v":{"N":"2"}},"OldImage":{"id":{"S":"a"}}})" +
                   "\n" + metadata + key + R"(,"OldImage":{"id":{"S":"a"}}})" + "\n");
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_FALSE(file.records[0].removes);
  EXPECT_EQ(file.records[0].content.count("v"), 1U);
  EXPECT_TRUE(file.records[1].removes);
  EXPECT_EQ(id_of(file.records[1]), "a");
}

TEST(BlockReader, refuses_ion_and_files_that_are_cut_or_not_what_is_said) {
  const std::string_view ion("\xe0\x01\x00\xea\x0f\x0f\x0f\x0f", 8);
  BlockReader binary(form_with_key());
  EXPECT_THROW(read_all(binary, ion), FileError);
  BlockReader text(form_with_key());
  EXPECT_THROW(read_all(text, "$ion_1_0 {Item:{}}\n"), FileError);
  const std::string packed = archives::gzip(many_lines(1000));
  BlockReader cut(form_with_key());
  EXPECT_THROW(read_all(cut, std::string_view(packed).substr(0, packed.size() / 2)), FileError);
  FileForm form = form_with_key();
  form.compression = Compression::gzip;
  BlockReader plain(form);
  EXPECT_THROW(read_all(plain, line_of("a")), FileError);
}

TEST(BlockReader, goes_on_behind_a_mark) {
  const std::string lines = many_lines(20'000);
  BlockReader first(form_with_key());
  first.add(lines);
  const auto block = first.next();
  ASSERT_TRUE(block);
  ASSERT_LT(block->end.lines, 20'000U);
  BlockReader second(form_with_key());
  second.pass_over(block->end);
  const WholeFile rest = read_all(second, archives::gzip(lines), 333);
  EXPECT_TRUE(second.is_the_same());
  EXPECT_EQ(rest.records.size() + block->records.size(), 20'000U);
  EXPECT_EQ(rest.records.front().line, block->end.lines + 1);
}

TEST(BlockReader, notices_that_what_is_before_a_mark_has_changed) {
  std::string lines = many_lines(20'000);
  BlockReader first(form_with_key());
  first.add(lines);
  const Mark mark = first.next()->end;
  lines[lines.find("\"17\"") + 1] = '2';
  BlockReader changed(form_with_key());
  changed.pass_over(mark);
  read_all(changed, lines);
  EXPECT_FALSE(changed.is_the_same());
  BlockReader shorter(form_with_key());
  shorter.pass_over(mark);
  read_all(shorter, many_lines(3));
  EXPECT_FALSE(shorter.is_the_same());
}

TEST(BlockReader, reads_rows_of_csv_by_the_types_of_keys) {
  const WholeFile file = read_all(csv_form(),
                                  "id,rank,title\n"
                                  "a,1.50,\"Ran, \"\"the\"\" film\nof 1985\"\r\n"
                                  "b,,\n"
                                  "c,two,x\n"
                                  "d,4,x,y\n"
                                  ",5,x\n",
                                  5);
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_EQ(file.records[0].content.at("rank"),
            dynamodb::AttributeValue(dynamodb::Number::parse("1.5")));
  EXPECT_EQ(file.records[0].content.at("title"), "Ran, \"the\" film\nof 1985");
  EXPECT_THAT(file.records[1].content, SizeIs(1));
  EXPECT_EQ(file.records[1].line, 4U);
  ASSERT_THAT(file.bad, SizeIs(3));
  EXPECT_EQ(file.bad[0].line, 5U);
  EXPECT_EQ(file.bad[1].reason, "This row has 4 fields, and there are 3 columns");
  EXPECT_THAT(file.bad[2].reason, HasSubstr("Missing the key id"));
}

TEST(BlockReader, takes_the_names_of_columns_that_are_given) {
  FileForm form = csv_form();
  form.header = {"id", "note"};
  form.delimiter = '|';
  const WholeFile file = read_all(form, "id|note\n1|\"open\n");
  ASSERT_THAT(file.records, SizeIs(1));
  EXPECT_EQ(id_of(file.records[0]), "id");
  EXPECT_THAT(file.bad, SizeIs(1));
}

TEST(AppendItemLine, writes_what_is_read_again) {
  const std::string line =
      R"({"Item":{"id":{"S":"a\"b\n"},"l":{"L":[{"NULL":true},{"BOOL":false}]},)"
      R"("n":{"N":"1.5"},"ns":{"NS":["1","2"]}}})"
      "\n";
  const WholeFile file = read_all(form_with_key(), line);
  ASSERT_THAT(file.records, SizeIs(1));
  std::string out;
  append_item_line(file.records[0].content, out);
  EXPECT_EQ(out, line);
}

}  // namespace
}  // namespace matinee::table_files
