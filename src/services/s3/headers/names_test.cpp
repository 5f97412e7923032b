#include "services/s3/headers/names.h"

#include <gtest/gtest.h>

#include "s3/errors.h"

namespace matinee::s3 {
namespace {

TEST(BucketName, follows_the_rules_of_aws) {
  for (const char* name : {"abc", "movie-bucket", "a.b.c", "1bucket", "192.168.5", "a-1.b-2"})
    EXPECT_TRUE(is_bucket_name(name)) << name;
  for (const char* name :
       {"", "ab", "Movies", "movie_bucket", "-abc", "abc-", ".abc", "abc.", "a..b", "192.168.5.4",
        "xn--abc", "sthree-abc", "abc-s3alias", "abc--ol-s3", "abc--x-s3", "a b", "\xc3\xa4hm"})
    EXPECT_FALSE(is_bucket_name(name)) << name;
  EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
}

TEST(Key, is_utf8_of_at_most_1024_bytes) {
  EXPECT_NO_THROW(check_key(std::string(1024, 'k')));
  EXPECT_THROW(check_key(std::string(1025, 'k')), KeyTooLongError);
  EXPECT_NO_THROW(check_key("\xc3\xa4/\xe2\x82\xac"));
  EXPECT_THROW(check_key("\xff"), InvalidURI);
}

TEST(CopySource, is_a_bucket_and_a_key_in_percent_encoding) {
  const CopySource source = parse_copy_source("bucket/some%20key/with+space+and%2Bplus");
  EXPECT_EQ(source.bucket, "bucket");
  EXPECT_EQ(source.key, "some key/with space and+plus");
  EXPECT_FALSE(source.version_id);
  EXPECT_EQ(parse_copy_source("/bucket/key").key, "key");
  EXPECT_EQ(parse_copy_source("bucket%2Fsome%2Fkey").key, "some/key");
  EXPECT_EQ(parse_copy_source("bucket/key%3FversionId=x").key, "key?versionId=x");
  EXPECT_EQ(parse_copy_source("bucket/key?versionId=null").version_id, "null");
}

TEST(CopySource, without_bucket_or_key_is_refused) {
  for (const char* text : {"", "/", "bucket", "bucket/", "//key", "%zz/a"})
    EXPECT_THROW(parse_copy_source(text), InvalidArgument) << text;
}

TEST(Tagging, is_read_as_a_query_string) {
  const std::map<std::string, std::string> tags = parse_tagging("a=1&b%20c=%C3%A4&d");
  EXPECT_EQ(tags, (std::map<std::string, std::string>{{"a", "1"}, {"b c", "\xc3\xa4"}, {"d", ""}}));
}

TEST(Tagging, beyond_its_limits_is_refused) {
  EXPECT_THROW(parse_tagging("a=1&a=2"), InvalidArgument);
  EXPECT_THROW(parse_tagging("=1"), InvalidTag);
  EXPECT_THROW(parse_tagging("aws:a=1"), InvalidTag);
  EXPECT_THROW(parse_tagging("a=%zz"), InvalidArgument);
  EXPECT_THROW(parse_tagging(std::string(129, 'k') + "=1"), InvalidTag);
  EXPECT_THROW(parse_tagging("k=" + std::string(257, 'v')), InvalidTag);
  EXPECT_THROW(parse_tagging("1=&2=&3=&4=&5=&6=&7=&8=&9=&10=&11="), BadRequest);
  EXPECT_THROW(parse_tagging("a=%3Cb%3E"), InvalidTag);
}

TEST(ContentEncoding, is_stored_without_aws_chunked) {
  EXPECT_EQ(stored_content_encoding("aws-chunked"), std::nullopt);
  EXPECT_EQ(stored_content_encoding("aws-chunked,gzip"), "gzip");
  EXPECT_EQ(stored_content_encoding("gzip, aws-chunked"), "gzip");
  EXPECT_EQ(stored_content_encoding("gzip"), "gzip");
  EXPECT_EQ(stored_content_encoding("deflate, gzip"), "deflate, gzip");
  EXPECT_EQ(stored_content_encoding(""), std::nullopt);
}

TEST(Metadata, has_lower_case_names_and_a_limit) {
  EXPECT_EQ(stored_metadata({{"Title", "Jaws"}}),
            (std::map<std::string, std::string>{{"title", "Jaws"}}));
  EXPECT_NO_THROW(stored_metadata({{"a", std::string(2047, 'x')}}));
  EXPECT_THROW(stored_metadata({{"a", std::string(2048, 'x')}}), MetadataTooLarge);
}

}  // namespace
}  // namespace matinee::s3
