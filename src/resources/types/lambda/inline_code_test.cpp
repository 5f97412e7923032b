#include "resources/types/lambda/inline_code.h"

#include <gmock/gmock.h>

#include "archives/zip_reader.h"
#include "protocol/base64.h"

namespace matinee::resources::types::lambda {
namespace {

std::vector<std::string> names_in(const std::string& package) {
  const std::string bytes = protocol::base64_decode(package).value();
  std::vector<std::string> names;
  EXPECT_TRUE(archives::visit_zip(
      bytes, [&](const archives::ZipEntry& entry, const archives::ZipContent& content) {
        EXPECT_TRUE(content().has_value()) << entry.name;
        names.push_back(entry.name);
        return true;
      }));
  return names;
}

TEST(InlineCode, is_of_python_and_node_only) {
  for (const char* runtime : {"python3.8", "python3.13", "nodejs18.x", "nodejs22.x"})
    EXPECT_TRUE(has_inline_code(runtime)) << runtime;
  for (const char* runtime : {"java21", "provided.al2023", "ruby3.3", ""})
    EXPECT_FALSE(has_inline_code(runtime)) << runtime;
}

TEST(InlineCode, stands_beside_the_module_that_answers_cloudformation) {
  EXPECT_THAT(names_in(inline_package("python3.12", "x = 1")),
              testing::ElementsAre("index.py", "cfnresponse.py"));
  EXPECT_THAT(names_in(inline_package("nodejs22.x", "x = 1")),
              testing::ElementsAre("index.js", "node_modules/cfn-response.js"));
}

TEST(InlineCode, gives_the_same_bytes_for_the_same_code) {
  EXPECT_EQ(inline_package("python3.12", "x = 1"), inline_package("python3.12", "x = 1"));
  EXPECT_NE(inline_package("python3.12", "x = 1"), inline_package("python3.12", "x = 2"));
}

}  // namespace
}  // namespace matinee::resources::types::lambda
