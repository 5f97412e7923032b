// The server dies at every place where a handler waits, and goes on: in the end all is as if it had
// not.
#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

std::string template_of(int size, const std::string& name, const std::string& fails) {
  std::string resources;
  for (int i = 0; i < 4; ++i)
    resources += fmt::format(
        R"("T{}": {{"Type": "Test::Thing", "Properties": {{"Size": {}{}}}}},)", i, size,
        i == 0 ? "" : fmt::format(R"(, "Refs": {{"Fn::GetAtt": ["T{}", "Arn"]}})", i - 1));
  return fmt::format(R"({{"Resources": {{{}
      "Named": {{"Type": "Test::Thing", "Properties": {{"Name": "{}"}}}},
      "User": {{"Type": "Test::Thing", "Properties": {{"Refs": {{"Ref": "Named"}}}}}},
      "Last": {{"Type": "Test::Thing", "Properties": {{"Size": {}, "Fails": "{}",
                "Refs": [{{"Ref": "User"}}, {{"Ref": "T3"}}]}}}}}}}})",
                     resources, name, size, fails);
}

class CrashesTest : public StacksTest {
 protected:
  /// The properties of all things, in order: ids that are made up differ from run to run.
  std::vector<std::string> content() const {
    std::vector<std::string> all;
    for (const auto& [key, properties] : world.things) {
      const Value value = templates::read_value(properties);
      all.push_back(fmt::format("{} {} {}", key.substr(0, key.find('-')), value.text_or("Size"),
                                value.text_or("Name")));
    }
    std::ranges::sort(all);
    return all;
  }

  /// What is there after `work`, during which the server died at that place. `places` becomes where
  /// it would have waited.
  std::pair<std::string, std::vector<std::string>> after(const std::function<void()>& work,
                                                         std::optional<int> place) {
    world.places = 0;
    world.dies_at = place;
    work();
    if (place) die_and_restart();
    for (const auto& [key, count] : world.made) EXPECT_EQ(count, 1) << key;
    return {status(), content()};
  }

  void reset_all() {
    {
      storage::Transaction transaction(*store);
      service->reset({});
      transaction.commit();
    }
    world = World();
    id = "stack";
  }

  void check(const std::function<void()>& prepare, const std::function<void()>& work) {
    prepare();
    const auto undisturbed = after(work, std::nullopt);
    const int places = world.places;
    ASSERT_GT(places, 4);
    for (int place = 0; place < places; ++place) {
      reset_all();
      prepare();
      EXPECT_EQ(after(work, place), undisturbed) << "died at place " << place;
    }
  }
};

TEST_F(CrashesTest, a_stack_that_is_made_goes_on) {
  check([] {}, [&] { create(template_of(1, "a", "")); });
  EXPECT_EQ(status(), "CREATE_COMPLETE");
}

TEST_F(CrashesTest, a_stack_that_fails_is_taken_back) {
  check([] {}, [&] { create(template_of(1, "a", "finish")); });
  EXPECT_EQ(status(), "ROLLBACK_COMPLETE");
  EXPECT_TRUE(world.things.empty());
}

TEST_F(CrashesTest, an_update_with_replacements_goes_on) {
  check(
      [&] {
        create(template_of(1, "a", ""));
        stack();
      },
      [&] { update(template_of(2, "b", "")); });
  EXPECT_EQ(status(), "UPDATE_COMPLETE");
}

TEST_F(CrashesTest, an_update_that_fails_goes_back) {
  check(
      [&] {
        create(template_of(1, "a", ""));
        stack();
      },
      [&] { update(template_of(2, "b", "end update")); });
  EXPECT_EQ(status(), "UPDATE_ROLLBACK_COMPLETE");
}

TEST_F(CrashesTest, a_stack_that_is_removed_is_gone) {
  check(
      [&] {
        create(template_of(1, "a", ""));
        stack();
      },
      [&] { remove(); });
  EXPECT_EQ(status(), "DELETE_COMPLETE");
  EXPECT_TRUE(world.things.empty());
}

}  // namespace
}  // namespace matinee::cloudformation
