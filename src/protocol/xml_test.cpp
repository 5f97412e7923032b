#include "protocol/xml.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "protocol/error.h"
#include "protocol/sample_shapes.h"

namespace matinee::protocol {
namespace {

using sample::Everything;

Everything read(const std::string& text, Violations* violations = nullptr) {
  pugi::xml_document document;
  Everything object;
  xml::read_members(Everything::shape, xml::parse(document, text), &object,
                    {.violations = violations});
  return object;
}

TEST(Xml, what_is_written_reads_back_as_the_same) {
  const Everything object = sample::full();
  std::string text;
  xml::append_document(text, {"Everything", "http://example.com/", Everything::shape, &object});
  Violations violations;
  EXPECT_EQ(read(text, &violations), object);
  EXPECT_TRUE(violations.empty());
}

TEST(Xml, lists_stand_in_an_element_of_their_own_unless_flattened) {
  Everything object;
  object.name = "a<b";
  object.parts = {{"1", 2}};
  object.flat = sample::Parts{{"x", {}}, {"y", {}}};
  object.labels = sample::Texts{{"k", "v"}};
  object.created = Timestamp(std::chrono::seconds(0));
  std::string text;
  xml::append_document(text, {"R", "", Everything::shape, &object});
  EXPECT_EQ(text,
            std::string(xml::declaration) +
                "<R><Name>a&lt;b</Name><Parts><member><Id>1</Id><Size>2</Size></member></Parts>"
                "<Created>1970-01-01T00:00:00.000Z</Created>"
                "<Labels><entry><key>k</key><value>v</value></entry></Labels>"
                "<Item><Id>x</Id></Item><Item><Id>y</Id></Item></R>");
}

TEST(Xml, characters_that_would_get_lost_are_written_as_numbers) {
  std::string out;
  xml::append_escaped(out, std::string_view("a\r\n\t\x01\x1f\0b", 8));
  EXPECT_EQ(out, "a&#xD;\n\t&#x1;&#x1F;&#x0;b");
}

TEST(Xml, prefixes_comments_and_sections_do_not_matter) {
  const Everything object = read(
      "<p:R xmlns:p='u'><!-- c --><p:Name>a<![CDATA[<b>]]>c</p:Name><Parts/>"
      "<Count> 5 </Count></p:R>");
  EXPECT_EQ(object.name, "a<b>c");
  EXPECT_EQ(object.count, 5);
}

TEST(Xml, white_space_in_texts_is_kept) {
  EXPECT_EQ(read("<R><Name>  </Name></R>").name, "  ");
  EXPECT_EQ(read("<R><Name> a </Name></R>").name, " a ");
}

TEST(Xml, missing_required_members_are_reported) {
  Violations violations;
  read("<R><Parts><member><Size>1</Size></member></Parts></R>", &violations);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].path, "Name");
  EXPECT_EQ(violations[1].path, "Parts.1.member.Id");
}

TEST(Xml, documents_that_are_malformed_or_dangerous_are_refused) {
  for (const std::string text :
       {"", " ", "<", "<R>", "<R></S>", "text", "<R><Count>x</Count></R>", "<R>\xff</R>",
        "<!DOCTYPE R [<!ENTITY a 'b'>]><R><Name>&a;</Name></R>",
        "<!DOCTYPE R SYSTEM 'file:///etc/passwd'><R/>"}) {
    try {
      read(text);
      ADD_FAILURE() << text;
    } catch (const ServiceError& error) {
      EXPECT_EQ(error.code(), "MalformedXML");
      EXPECT_EQ(error.status(), 400);
    }
  }
}

TEST(Xml, deep_nesting_does_no_harm) {
  std::string text = "<R>";
  for (int i = 0; i < 100'000; ++i) text += "<a>";
  EXPECT_THROW(read(text), ServiceError);
  for (int i = 0; i < 100'000; ++i) text += "</a>";
  EXPECT_EQ(read(text + "<Name>n</Name></R>").name, "n");
}

}  // namespace
}  // namespace matinee::protocol
