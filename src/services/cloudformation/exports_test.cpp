// Exports while stacks that use them come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* importer =
    R"({"Resources": {"T": {"Type": "Test::Thing", "Properties": {
        "Refs": {"Fn::ImportValue": "shared"}}}}})";
constexpr const char* failing_importer =
    R"({"Resources": {"T": {"Type": "Test::Thing", "Properties": {
        "Refs": {"Fn::ImportValue": "shared"}, "Fails": "create"}}}})";
constexpr const char* plain = R"({"Resources": {"T": {"Type": "Test::Thing"}}})";

class ExportsTest : public StacksTest {
 protected:
  ExportsTest() {
    call(&Service::create_stack,
         CreateStackRequest{.stack_name = "exporter", .template_body = exporter("value")});
    machine.loop.run_until_idle();
  }

  static std::string exporter(const std::string& value) {
    return R"({"Resources": {"E": {"Type": "Test::Thing", "Properties": {"Name": "e"}}},
               "Outputs": {"O": {"Value": ")" +
           value + R"(", "Export": {"Name": "shared"}}}})";
  }

  std::string refusal_of_deletion() {
    try {
      call(&Service::delete_stack, DeleteStackRequest{.stack_name = "exporter"});
    } catch (const protocol::ServiceError& error) {
      return error.message();
    }
    return "";
  }

  /// Handlers wait for ever from now on.
  void freeze() { world.dies_at = world.places; }

  std::vector<std::string> importers() {
    try {
      return *call(&Service::list_imports, ListImportsRequest{.export_name = "shared"}).imports;
    } catch (const protocol::ServiceError&) {
      return {};
    }
  }
};

TEST_F(ExportsTest, two_outputs_have_not_the_same_name) {
  create(R"({"Resources": {"T": {"Type": "Test::Thing"}}, "Outputs": {
      "A": {"Value": "1", "Export": {"Name": "twice"}},
      "B": {"Value": "2", "Export": {"Name": "twice"}}}})");
  EXPECT_EQ(stack().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(events(), Contains(HasSubstr("Export with name twice is already exported by stack "
                                           "stack")));
}

TEST_F(ExportsTest, it_stays_while_a_stack_that_uses_it_is_being_made) {
  freeze();
  create(importer);
  EXPECT_EQ(stack().stack_status, "CREATE_IN_PROGRESS");
  EXPECT_EQ(refusal_of_deletion(),
            "Delete canceled. Cannot delete export shared as it is in use by stack.");
  die_and_restart();
  EXPECT_EQ(status(), "CREATE_COMPLETE");
  EXPECT_NE(refusal_of_deletion(), "");
  remove();
  EXPECT_EQ(refusal_of_deletion(), "");
}

TEST_F(ExportsTest, its_value_stays_while_a_stack_that_uses_it_is_being_made) {
  freeze();
  create(importer);
  call(&Service::update_stack,
       UpdateStackRequest{.stack_name = "exporter", .template_body = exporter("other")});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack("exporter").stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_EQ(stack("exporter").outputs->front().output_value, "value");
}

TEST_F(ExportsTest, a_rollback_lets_it_go) {
  create(failing_importer);
  EXPECT_EQ(stack().stack_status, "ROLLBACK_COMPLETE");
  EXPECT_THAT(importers(), IsEmpty());
  remove();
  create(plain);
  update(R"({"Resources": {"T": {"Type": "Test::Thing", "Properties": {
      "Refs": {"Fn::ImportValue": "shared"}, "Fails": "update"}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(importers(), IsEmpty());
  EXPECT_EQ(refusal_of_deletion(), "");
}

TEST_F(ExportsTest, a_rollback_keeps_those_that_it_goes_back_to) {
  create(importer);
  update(R"({"Resources": {"T": {"Type": "Test::Thing", "Properties": {"Fails": "update"}}}})");
  EXPECT_EQ(stack().stack_status, "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(importers(), Contains("stack"));
  EXPECT_NE(refusal_of_deletion(), "");
}

TEST_F(ExportsTest, one_that_is_being_deleted_is_not_there) {
  freeze();
  call(&Service::delete_stack, DeleteStackRequest{.stack_name = "exporter"});
  machine.loop.run_until_idle();
  EXPECT_EQ(stack("exporter").stack_status, "DELETE_IN_PROGRESS");
  create(importer);
  stack();
  EXPECT_THAT(events(), Contains(HasSubstr("No export named shared found")));
}

}  // namespace
}  // namespace matinee::cloudformation
