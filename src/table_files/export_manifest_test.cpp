#include "table_files/export_manifest.h"

#include <gmock/gmock.h>

#include "table_files/md5.h"

namespace matinee::table_files {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr runtime::Time noon{std::chrono::milliseconds(1'604'491'000'000)};

TEST(ExportManifest, is_as_aws_writes_it_and_is_read_again) {
  ExportSummary summary;
  summary.export_arn = "arn:aws:dynamodb:us-east-1:1:table/films/export/x";
  summary.started = summary.ended = noon;
  summary.time = noon;
  summary.table_arn = "arn:aws:dynamodb:us-east-1:1:table/films";
  summary.bucket = "b";
  summary.files_key = "AWSDynamoDB/x/manifest-files.json";
  summary.items = 8;
  summary.keys = {{"id", "S"}, {"year", "N"}};
  const std::string json = to_json(summary);
  EXPECT_THAT(json, HasSubstr(R"("s3Prefix":null,"s3SseAlgorithm":null,"s3SseKmsKeyId":null)"));
  EXPECT_THAT(json, HasSubstr(R"("itemCount":8,"outputFormat":"DYNAMODB_JSON")"));
  EXPECT_THAT(json, HasSubstr(R"("exportType":"FULL_EXPORT")"));
  EXPECT_THAT(json, Not(HasSubstr("outputView")));
  const auto read = read_summary(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->items, 8U);
  EXPECT_EQ(read->files_key, summary.files_key);
  ASSERT_EQ(read->keys.size(), 2U);
  EXPECT_EQ(read->keys[1].type, "N");
}

TEST(ExportManifest, tells_of_incremental_exports) {
  ExportSummary summary;
  summary.view = "NEW_AND_OLD_IMAGES";
  summary.from = summary.to = noon;
  const std::string json = to_json(summary);
  EXPECT_THAT(json, HasSubstr(R"("exportFromTime":")"));
  EXPECT_THAT(json, HasSubstr(R"("outputView":"NEW_AND_OLD_IMAGES","exportType":"INCREMENTAL)"));
}

TEST(ExportManifest, lists_files_line_by_line) {
  const std::vector<ExportedFile> files = {{.items = 3, .md5 = "m==", .etag = "e-1", .key = "a"},
                                           {.items = 0, .md5 = "n==", .etag = "f-1", .key = "b"}};
  const std::string lines = to_json_lines(files);
  EXPECT_THAT(lines,
              HasSubstr(R"({"itemCount":3,"md5Checksum":"m==","etag":"e-1","dataFileS3Key":"a"})"));
  const auto read = read_files(lines + "\n");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[1].key, "b");
  EXPECT_FALSE(read_files("{\"itemCount\":1}\n"));
  EXPECT_FALSE(read_files("nonsense\n"));
}

TEST(ExportManifest, refuses_what_is_no_summary) {
  EXPECT_FALSE(read_summary("[]"));
  EXPECT_FALSE(read_summary("{}"));
  EXPECT_FALSE(read_summary("no"));
}

TEST(TransferId, is_the_time_and_eight_digits) {
  EXPECT_EQ(transfer_id(runtime::Time(std::chrono::milliseconds(1'693'685'827'463)),
                        0xffff'ffff'2d87'52fd),
            "01693685827463-2d8752fd");
}

TEST(Md5, is_in_base64) {
  Md5 md5;
  md5.add("ab");
  md5.add("c");
  EXPECT_EQ(md5.finish(), "kAFQmDzST7DWlj99KOF/cg==");
  EXPECT_EQ(md5_base64(""), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

}  // namespace
}  // namespace matinee::table_files
