#include "protocol/form.h"

#include <gtest/gtest.h>

#include "protocol/error.h"
#include "protocol/sample_shapes.h"

namespace matinee::protocol {
namespace {

using sample::Everything;

Everything read(std::string_view text, Violations& violations) {
  Everything object;
  form::read(Everything::shape, parse_parameters(text).value(), &object, violations);
  return object;
}

TEST(Form, what_is_written_reads_back_as_the_same) {
  const Everything object = sample::full();
  std::string text;
  form::append(text, Everything::shape, &object);
  Violations violations;
  EXPECT_EQ(read(text, violations), object);
  EXPECT_TRUE(violations.empty());
}

TEST(Form, lists_and_maps_are_numbered) {
  Everything object;
  object.name = "n";
  object.parts = {{"1", {}}};
  object.labels = sample::Texts{{"k", "v"}};
  object.flat = sample::Parts{{"x", {}}};
  std::string text;
  form::append(text, Everything::shape, &object);
  EXPECT_EQ(text,
            "&Name=n&Parts.member.1.Id=1&Labels.entry.1.key=k&Labels.entry.1.value=v&Item.1.Id=x");
}

TEST(Form, numbers_order_the_elements_whatever_the_parameters_order) {
  Violations violations;
  const Everything object = read(
      "Parts.member.10.Id=c&Parts.member.2.Id=b&Name=n&Parts.member.1.Id=a&"
      "Parts.member.2.Size=5",
      violations);
  EXPECT_EQ(object.parts, (sample::Parts{{"a", {}}, {"b", 5}, {"c", {}}}));
  EXPECT_TRUE(violations.empty());
}

TEST(Form, a_list_or_map_of_one_needs_no_number) {
  Violations violations;
  const Everything object =
      read("Name=n&Parts.member.1.Id=a&Labels.entry.key=k&Labels.entry.value=v", violations);
  EXPECT_EQ(object.labels, (sample::Texts{{"k", "v"}}));
  EXPECT_THROW(read("Name=n&Labels.entry.key=k", violations), ServiceError);
}

TEST(Form, an_empty_list_is_a_parameter_without_value) {
  Violations violations;
  EXPECT_TRUE(read("Name=n&Parts=", violations).parts.empty());
  EXPECT_TRUE(violations.empty());
}

TEST(Form, missing_required_members_are_reported) {
  Violations violations;
  read("Parts.member.1.Size=1", violations);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].path, "Name");
  EXPECT_EQ(violations[1].path, "Parts.1.member.Id");
}

TEST(Form, names_that_only_begin_alike_are_not_confused) {
  Violations violations;
  const Everything object =
      read("Name=n&Name.1=x&Parts-member.1.Id=z&Partsmember=1&Parts.member.1.Id=a", violations);
  EXPECT_EQ(object.name, "n");
  EXPECT_EQ(object.parts.size(), 1u);
}

TEST(Form, values_of_a_wrong_type_are_refused) {
  for (const std::string_view text : {"Count=x", "Enabled=2", "Data=a", "Created=soon",
                                      "Labels.entry.1.value=1", "Labels.entry.1.key=1", "Count="}) {
    Violations violations;
    EXPECT_THROW(read(text, violations), ServiceError) << text;
  }
}

TEST(Form, odd_names_do_no_harm) {
  Violations violations;
  read(
      "Parts.member.=1&Parts.member..Id=2&Parts.member.x.Id=3&Parts.member.99999999999.Id=1&"
      ".=1&..=2&=3&Parts.=4&Item.-1.Id=1",
      violations);
  EXPECT_FALSE(violations.empty());
}

}  // namespace
}  // namespace matinee::protocol
