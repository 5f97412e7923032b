#include "services/sts/saml.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <pugixml.hpp>

#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "protocol/xml.h"
#include "sts/errors.h"

namespace matinee::sts {

namespace {

namespace xml = protocol::xml;

constexpr std::string_view attributes = "https://aws.amazon.com/SAML/Attributes/";
constexpr std::string_view formats = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

[[noreturn]] void refuse(std::string message) {
  throw InvalidIdentityTokenException(std::move(message));
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t start = text.find_first_not_of(blanks);
  if (start == std::string_view::npos) return {};
  return std::string(text.substr(start, text.find_last_not_of(blanks) - start + 1));
}

std::optional<runtime::Time> time_of(const pugi::xml_node& node, const char* name) {
  const pugi::xml_attribute attribute = node.attribute(name);
  if (!attribute) return std::nullopt;
  const std::optional<runtime::Time> time = protocol::parse_iso8601(attribute.value());
  if (!time) refuse("Your request included an invalid SAML response.");
  return time;
}

std::vector<std::string> values_of(const pugi::xml_node& attribute) {
  std::vector<std::string> values;
  for (const pugi::xml_node& child : attribute.children())
    if (xml::local_name(child) == "AttributeValue") values.push_back(trimmed(child.text().get()));
  return values;
}

/// "role,provider" in either order.
void add_role(Assertion& assertion, const std::string& value) {
  const std::size_t comma = value.find(',');
  if (comma == std::string::npos) return;
  std::string first = trimmed(std::string_view(value).substr(0, comma));
  std::string second = trimmed(std::string_view(value).substr(comma + 1));
  if (first.contains(":saml-provider/")) std::swap(first, second);
  assertion.roles.emplace_back(std::move(first), std::move(second));
}

void read_attribute(Assertion& assertion, const pugi::xml_node& attribute) {
  std::string_view name = attribute.attribute("Name").value();
  if (!name.starts_with(attributes)) return;
  name.remove_prefix(attributes.size());
  constexpr std::string_view tag = "PrincipalTag:";
  for (std::string& value : values_of(attribute)) {
    if (name == "Role") add_role(assertion, value);
    if (name == "RoleSessionName") assertion.session_name = value;
    if (name == "SourceIdentity") assertion.source_identity = value;
    if (name == "TransitiveTagKeys") assertion.transitive_keys.push_back(value);
    if (name.starts_with(tag)) assertion.tags[std::string(name.substr(tag.size()))] = value;
    if (name == "SessionDuration") {
      std::int32_t seconds = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
      if (error != std::errc() || end != value.data() + value.size())
        refuse("SessionDuration in AuthnResponse must be a number");
      assertion.session_seconds = seconds;
    }
  }
}

void read_subject(Assertion& assertion, const pugi::xml_node& subject, runtime::Time now) {
  const pugi::xml_node name = xml::find_child(subject, "NameID");
  assertion.subject = trimmed(name.text().get());
  std::string_view format = name.attribute("Format").value();
  if (format.starts_with(formats)) format.remove_prefix(formats.size());
  assertion.subject_type = format;
  const pugi::xml_node data =
      xml::find_child(xml::find_child(subject, "SubjectConfirmation"), "SubjectConfirmationData");
  assertion.recipient = data.attribute("Recipient").value();
  const std::optional<runtime::Time> end = time_of(data, "NotOnOrAfter");
  if (end && now >= *end)
    throw ExpiredTokenException("Token must be redeemed within 5 minutes of issuance");
}

void check_conditions(const pugi::xml_node& conditions, runtime::Time now) {
  const std::optional<runtime::Time> end = time_of(conditions, "NotOnOrAfter");
  if (end && now >= *end)
    throw ExpiredTokenException("Token must be redeemed within 5 minutes of issuance");
}

/// The response's assertion, or the document's own where it is one.
pugi::xml_node find_assertion(const pugi::xml_node& root) {
  if (xml::local_name(root) == "Assertion") return root;
  return xml::find_child(root, "Assertion");
}

/// The letters that names of sessions may have.
bool is_session_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string_view("_+=,.@-").contains(c);
         });
}

}  // namespace

Assertion read_assertion(const std::string& encoded, runtime::Time now) {
  const std::optional<std::string> text = protocol::base64_decode(encoded);
  if (!text) refuse("Invalid base64 SAMLResponse");
  pugi::xml_document document;
  pugi::xml_node root;
  try {
    root = xml::parse(document, *text);
  } catch (const protocol::ServiceError&) {
    refuse("Invalid base64 SAMLResponse");
  }
  const pugi::xml_node node = find_assertion(root);
  if (!node) refuse("Your request included an invalid SAML response.");
  Assertion assertion{.issuer = trimmed(xml::find_child(node, "Issuer").text().get())};
  read_subject(assertion, xml::find_child(node, "Subject"), now);
  check_conditions(xml::find_child(node, "Conditions"), now);
  assertion.session_ends = time_of(xml::find_child(node, "AuthnStatement"), "SessionNotOnOrAfter");
  for (const pugi::xml_node& statement : node.children())
    if (xml::local_name(statement) == "AttributeStatement")
      for (const pugi::xml_node& attribute : statement.children())
        if (xml::local_name(attribute) == "Attribute") read_attribute(assertion, attribute);
  if (assertion.session_name.empty()) refuse("RoleSessionName is required in AuthnResponse");
  if (!is_session_name(assertion.session_name))
    refuse("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
  return assertion;
}

std::string name_qualifier(std::string_view issuer, std::string_view account,
                           std::string_view provider_name) {
  const std::string text = fmt::format("{}{}/{}", issuer, account, provider_name);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  return protocol::base64_encode({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace matinee::sts
