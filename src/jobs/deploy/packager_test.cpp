#include "jobs/deploy/packager.h"

#include <gmock/gmock.h>

#include "archives/zip_reader.h"
#include "jobs/report.h"
#include "runtime/simulated/simulated_disk.h"

namespace matinee::jobs::deploy {
namespace {

using templates::Value;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// The folders of a disk in memory; what ends in ".sh" can be executed.
class FoldersInMemory final : public runtime::Folders {
 public:
  explicit FoldersInMemory(const runtime::SimulatedDisk& disk) : disk_(disk) {}

  bool is_folder(const std::string& path) const override { return disk_.is_directory(path); }
  bool is_executable(const std::string& path) const override { return path.ends_with(".sh"); }
  runtime::DiskResult<std::vector<runtime::FolderFile>> files(
      const std::string& folder, const std::set<std::string>& left_out) const override {
    std::vector<runtime::FolderFile> found;
    for (const std::string& name : disk_.list(folder).value()) {
      if (left_out.contains(name)) continue;
      const std::string path = folder + "/" + name;
      if (!is_folder(path)) {
        found.push_back({name, disk_.size(path).value(), is_executable(path)});
        continue;
      }
      for (runtime::FolderFile& file : files(path, left_out).value()) {
        file.path.insert(0, name + "/");
        found.push_back(std::move(file));
      }
    }
    return found;
  }

 private:
  const runtime::SimulatedDisk& disk_;
};

class PackagerTest : public testing::Test {
 protected:
  runtime::SimulatedDisk disk_;
  FoldersInMemory folders_{disk_};
  Destination destination_{.bucket = "artifacts", .prefix = "films/", .region = "eu-central-1"};

  void put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(disk_.create_directories(path.substr(0, path.rfind('/'))).has_value());
    ASSERT_TRUE((*disk_.create(path))->write(text).has_value());
  }

  Package package_of(const std::string& text) {
    put("/home/template.yaml", text);
    return package_template({disk_, folders_}, destination_,
                            read_local_template(disk_, "/home/template.yaml"));
  }

  static const Value& property(const Package& package, std::string_view resource,
                               std::string_view name) {
    return *package.root.find("Resources")->find(resource)->find("Properties")->find(name);
  }

  static std::vector<std::string> names_in(const Artifact& artifact) {
    std::vector<std::string> names;
    EXPECT_TRUE(archives::visit_zip(artifact.bytes, [&](const archives::ZipEntry& entry, auto&&) {
      names.push_back(entry.name + ((entry.mode & 0100U) != 0 ? "*" : ""));
      return true;
    }));
    return names;
  }
};

TEST_F(PackagerTest, puts_code_into_the_bucket_and_names_it_as_each_type_does) {
  put("/home/src/app.py", "print(1)");
  put("/home/src/lib/run.sh", "true");
  put("/home/src/.git/config", "not this");
  put("/home/src/__pycache__/app.pyc", "not this");
  const Package package = package_of(
      "Resources:\n"
      "  Sam: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: src/}}\n"
      "  Plain: {Type: 'AWS::Lambda::Function', Properties: {Code: ./src}}\n");
  ASSERT_THAT(package.faults, IsEmpty());
  ASSERT_THAT(package.artifacts, SizeIs(1));
  const std::string& key = package.artifacts[0].key;
  EXPECT_THAT(key, StartsWith("films/"));
  EXPECT_THAT(key, EndsWith(".zip"));
  EXPECT_THAT(names_in(package.artifacts[0]), ElementsAre("app.py", "lib/run.sh*"));
  EXPECT_EQ(property(package, "Sam", "CodeUri").text(), "s3://artifacts/" + key);
  EXPECT_EQ(to_json(property(package, "Plain", "Code")),
            "{\"S3Bucket\":\"artifacts\",\"S3Key\":\"" + key + "\"}");
  EXPECT_EQ(package.text, to_json(package.root));
}

TEST_F(PackagerTest, gives_the_same_key_exactly_for_the_same_content) {
  constexpr const char* layer =
      "Resources: {L: {Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: layer}}}";
  put("/home/layer/a.py", "one");
  const std::string first = package_of(layer).artifacts.at(0).key;
  EXPECT_EQ(package_of(layer).artifacts.at(0).key, first);
  put("/home/layer/a.py", "two");
  EXPECT_NE(package_of(layer).artifacts.at(0).key, first);
}

TEST_F(PackagerTest, takes_an_archive_as_it_is_and_packs_a_single_file) {
  put("/home/code.jar", "PK");
  put("/home/start.sh", "true");
  const Package package = package_of(
      "Resources:\n"
      "  Jar: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: code.jar}}\n"
      "  File: {Type: 'AWS::Lambda::LayerVersion', Properties: {Content: start.sh}}\n");
  ASSERT_THAT(package.artifacts, SizeIs(2));
  EXPECT_EQ(package.artifacts[0].bytes, "PK");
  EXPECT_THAT(package.artifacts[0].key, EndsWith(".jar"));
  EXPECT_THAT(names_in(package.artifacts[1]), ElementsAre("start.sh*"));
}

TEST_F(PackagerTest, leaves_what_is_not_here_and_sends_the_text_as_it_was_written) {
  const std::string text =
      "# a comment\n"
      "Resources:\n"
      "  A: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: 's3://b/k'}}\n"
      "  B: {Type: 'AWS::Lambda::Function', Properties: {Code: {ZipFile: 'code'}}}\n"
      "  C: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: !Sub '${X}'}}\n"
      "  D: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x/y'}}\n"
      "  E: {Type: 'AWS::Serverless::Application', Properties: {Location: {ApplicationId: a}}}\n";
  const Package package = package_of(text);
  EXPECT_THAT(package.artifacts, IsEmpty());
  EXPECT_THAT(package.faults, IsEmpty());
  EXPECT_EQ(package.text, text);
}

TEST_F(PackagerTest, packs_the_default_of_all_functions) {
  put("/home/src/app.py", "print(1)");
  const Package package = package_of("Globals: {Function: {CodeUri: src}}\nResources: {}\n");
  ASSERT_THAT(package.artifacts, SizeIs(1));
  EXPECT_THAT(package.root.find("Globals")->find("Function")->text_or("CodeUri"),
              StartsWith("s3://artifacts/films/"));
}

TEST_F(PackagerTest, packs_nested_templates_with_what_they_name_from_their_own_folder) {
  put("/home/nested/inner.yaml",
      "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: code}}}");
  put("/home/nested/code/app.js", "1");
  put("/home/plain.yaml", "Resources: {Q: {Type: 'AWS::SQS::Queue'}} # as it is\n");
  const Package package = package_of(
      "Resources:\n"
      "  A: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: nested/inner.yaml}}\n"
      "  B: {Type: 'AWS::Serverless::Application', Properties: {Location: plain.yaml}}\n");
  ASSERT_THAT(package.faults, IsEmpty());
  ASSERT_THAT(package.artifacts, SizeIs(3));
  EXPECT_THAT(names_in(package.artifacts[0]), ElementsAre("app.js"));
  EXPECT_THAT(package.artifacts[1].bytes, HasSubstr(package.artifacts[0].key));
  EXPECT_EQ(property(package, "A", "TemplateURL").text(),
            "https://s3.eu-central-1.amazonaws.com/artifacts/" + package.artifacts[1].key);
  EXPECT_THAT(package.artifacts[2].bytes, EndsWith("# as it is\n"));
}

TEST_F(PackagerTest, puts_what_is_included_into_the_bucket) {
  put("/home/part.yaml", "Key: value\n");
  const Package package = package_of(
      "Resources:\n"
      "  A:\n"
      "    Type: AWS::SQS::Queue\n"
      "    Properties:\n"
      "      Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: part.yaml}}\n");
  ASSERT_THAT(package.artifacts, SizeIs(1));
  EXPECT_THAT(package.text, HasSubstr("s3://artifacts/" + package.artifacts[0].key));
}

TEST_F(PackagerTest, tells_all_faults_with_their_places) {
  put("/home/empty/.git/x", "");
  put("/home/self.yaml",
      "Resources:\n"
      "  S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: self.yaml}}\n");
  put("/home/wrong.yaml", "Resources: [\n");
  const Package package = package_of(
      "Resources:\n"
      "  A: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: nowhere}}\n"
      "  B: {Type: 'AWS::Lambda::Function', Properties: {Code: empty}}\n"
      "  C: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: self.yaml}}\n"
      "  D: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: wrong.yaml}}\n");
  std::vector<std::string> told;
  for (const PackageFault& fault : package.faults)
    told.push_back(fault.file.substr(6) + ":" + std::to_string(fault.place.line) + " " +
                   fault.message);
  ASSERT_THAT(told, SizeIs(4));
  EXPECT_EQ(told[0], "template.yaml:2 There is no file or folder /home/nowhere.");
  EXPECT_EQ(told[1], "template.yaml:3 The folder empty is empty.");
  EXPECT_EQ(told[2], "self.yaml:2 The template /home/self.yaml is nested in itself.");
  EXPECT_THAT(told[3], StartsWith("wrong.yaml:"));
}

TEST_F(PackagerTest, says_where_what_code_needs_is_not_packed_with_it) {
  constexpr const char* function =
      "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: src}}}";
  put("/home/src/requirements.txt", "# none\n");
  EXPECT_THAT(package_of(function).remarks, IsEmpty());
  put("/home/src/requirements.txt", "requests==2.28\n");
  EXPECT_THAT(package_of(function).remarks,
              ElementsAre(HasSubstr("what its requirements.txt names is not in it")));
  put("/home/src/requests-2.28.dist-info/METADATA", "");
  EXPECT_THAT(package_of(function).remarks, IsEmpty());
}

TEST_F(PackagerTest, expands_aliases_which_cloudformation_refuses) {
  const Package package = package_of(
      "Metadata: {A: &a {x: 1}, B: *a}\n"
      "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n");
  EXPECT_THAT(package.text, HasSubstr(R"("B":{"x":1})"));
}

}  // namespace
}  // namespace matinee::jobs::deploy
