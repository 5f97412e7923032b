// SAML providers: who they are is in their metadata.
#include <fmt/format.h>

#include <pugixml.hpp>

#include "protocol/timestamps.h"
#include "protocol/xml.h"
#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/pem.h"
#include "services/iam/tags.h"

namespace matinee::iam {

namespace {

constexpr Quota providers_per_account{"SAMLProvidersPerAccount", 100};
constexpr std::size_t most_keys = 2;

std::string arn_of_provider(const std::string& account, const std::string& name) {
  return make_arn(account, "saml-provider", "/", name);
}

struct Metadata {
  std::string entity_id;
  std::optional<runtime::Time> valid_until;
};

/// An EntityDescriptor of an identity provider.
Metadata read_metadata(const std::string& text) {
  namespace xml = protocol::xml;
  pugi::xml_document document;
  pugi::xml_node root;
  try {
    root = xml::parse(document, text);
  } catch (const protocol::ServiceError&) {
    throw InvalidInputException("Could not parse metadata");
  }
  Metadata metadata{.entity_id = root.attribute("entityID").value(), .valid_until = std::nullopt};
  if (xml::local_name(root) != "EntityDescriptor" || metadata.entity_id.empty() ||
      !xml::find_child(root, "IDPSSODescriptor"))
    throw InvalidInputException("Could not parse metadata");
  if (const pugi::xml_attribute end = root.attribute("validUntil"))
    metadata.valid_until = protocol::parse_iso8601(end.value());
  return metadata;
}

SamlKeyRecord make_key(runtime::Random& random, const std::string& pem, runtime::Time now) {
  if (!is_private_key(pem)) throw InvalidInputException("Could not parse private key");
  return {.id = make_id("", random), .key = pem, .added = now};
}

}  // namespace

SamlProviderRecord Credentials::require_saml_provider(const Context& context,
                                                      const std::string& arn) const {
  const auto parts = parse_entity_arn(arn);
  if (!parts || parts->type != "saml-provider")
    throw InvalidInputException(fmt::format("Invalid ARN: {}", arn));
  std::optional<SamlProviderRecord> provider;
  if (parts->account == context.account)
    provider = credentials_.saml_providers.find({context.account, parts->name});
  if (!provider) throw NoSuchEntityException(fmt::format("Manifest not found for arn {}", arn));
  return *std::move(provider);
}

std::optional<services::SamlProvider> Credentials::find_saml_provider(std::string_view arn) const {
  const auto parts = parse_entity_arn(arn);
  if (!parts || parts->type != "saml-provider") return std::nullopt;
  auto provider = credentials_.saml_providers.find({parts->account, parts->name});
  if (!provider) return std::nullopt;
  return services::SamlProvider{.arn = std::string(arn),
                                .entity_id = std::move(provider->entity_id),
                                .valid_until = provider->valid_until};
}

CreateSAMLProviderResponse Credentials::create_saml_provider(
    const Context& context, const CreateSAMLProviderRequest& request) {
  const std::string& account = context.account;
  Metadata metadata = read_metadata(request.saml_metadata_document);
  if (credentials_.saml_providers.contains({account, request.name}))
    throw EntityAlreadyExistsException(
        fmt::format("Provider {} already exists.", arn_of_provider(account, request.name)));
  SamlProviderRecord provider{.name = request.name,
                              .metadata = request.saml_metadata_document,
                              .entity_id = std::move(metadata.entity_id),
                              .valid_until = metadata.valid_until,
                              .created = now(),
                              .tags = make_tags(request.tags),
                              .uuid = make_id("", runtime_.random),
                              .encryption = request.assertion_encryption_mode.value_or("")};
  if (request.add_private_key)
    provider.keys.push_back(make_key(runtime_.random, *request.add_private_key, now()));
  count_one(catalog_, account, Counter::providers, providers_per_account);
  credentials_.saml_providers.put({account, provider.name}, provider);
  CreateSAMLProviderResponse response{.saml_provider_arn = arn_of_provider(account, provider.name)};
  if (!provider.tags.empty()) response.tags = describe_tags(provider.tags);
  return response;
}

GetSAMLProviderResponse Credentials::get_saml_provider(const Context& context,
                                                       const GetSAMLProviderRequest& request) {
  const SamlProviderRecord provider = require_saml_provider(context, request.saml_provider_arn);
  GetSAMLProviderResponse response{.saml_provider_uuid = provider.uuid,
                                   .saml_metadata_document = provider.metadata,
                                   .create_date = timestamp_of(provider.created)};
  if (provider.valid_until) response.valid_until = timestamp_of(*provider.valid_until);
  response.tags = describe_tags(provider.tags);
  if (!provider.encryption.empty()) response.assertion_encryption_mode = provider.encryption;
  for (const SamlKeyRecord& key : provider.keys) {
    if (!response.private_key_list) response.private_key_list.emplace();
    response.private_key_list->push_back({.key_id = key.id, .timestamp = timestamp_of(key.added)});
  }
  return response;
}

UpdateSAMLProviderResponse Credentials::update_saml_provider(
    const Context& context, const UpdateSAMLProviderRequest& request) {
  SamlProviderRecord provider = require_saml_provider(context, request.saml_provider_arn);
  if (request.saml_metadata_document) {
    Metadata metadata = read_metadata(*request.saml_metadata_document);
    provider.metadata = *request.saml_metadata_document;
    provider.entity_id = std::move(metadata.entity_id);
    provider.valid_until = metadata.valid_until;
  }
  if (request.assertion_encryption_mode) provider.encryption = *request.assertion_encryption_mode;
  if (request.remove_private_key && std::erase_if(provider.keys, [&](const SamlKeyRecord& key) {
                                      return key.id == *request.remove_private_key;
                                    }) == 0)
    throw NoSuchEntityException(
        fmt::format("The private key with id {} cannot be found.", *request.remove_private_key));
  if (request.add_private_key) {
    if (provider.keys.size() >= most_keys)
      throw LimitExceededException("Cannot exceed quota for PrivateKeysPerSAMLProvider: 2");
    provider.keys.push_back(make_key(runtime_.random, *request.add_private_key, now()));
  }
  credentials_.saml_providers.put({context.account, provider.name}, provider);
  return {.saml_provider_arn = request.saml_provider_arn};
}

DeleteSAMLProviderResponse Credentials::delete_saml_provider(
    const Context& context, const DeleteSAMLProviderRequest& request) {
  const SamlProviderRecord provider = require_saml_provider(context, request.saml_provider_arn);
  credentials_.saml_providers.erase({context.account, provider.name});
  catalog_.add(context.account, Counter::providers, -1);
  return {};
}

ListSAMLProvidersResponse Credentials::list_saml_providers(const Context& context,
                                                           const ListSAMLProvidersRequest&) {
  ListSAMLProvidersResponse response;
  response.saml_provider_list.emplace();
  credentials_.saml_providers.scan(
      credentials_.saml_providers.prefix(context.account),
      [&](const ByName&, const SamlProviderRecord& provider) {
        SAMLProviderListEntry entry{.arn = arn_of_provider(context.account, provider.name)};
        if (provider.valid_until) entry.valid_until = timestamp_of(*provider.valid_until);
        entry.create_date = timestamp_of(provider.created);
        response.saml_provider_list->push_back(std::move(entry));
        return true;
      });
  return response;
}

TagSAMLProviderResponse Credentials::tag_saml_provider(const Context& context,
                                                       const TagSAMLProviderRequest& request) {
  SamlProviderRecord provider = require_saml_provider(context, request.saml_provider_arn);
  add_tags(request.tags, provider.tags);
  credentials_.saml_providers.put({context.account, provider.name}, provider);
  return {};
}

UntagSAMLProviderResponse Credentials::untag_saml_provider(
    const Context& context, const UntagSAMLProviderRequest& request) {
  SamlProviderRecord provider = require_saml_provider(context, request.saml_provider_arn);
  remove_tags(request.tag_keys, provider.tags);
  credentials_.saml_providers.put({context.account, provider.name}, provider);
  return {};
}

ListSAMLProviderTagsResponse Credentials::list_saml_provider_tags(
    const Context& context, const ListSAMLProviderTagsRequest& request) {
  ListSAMLProviderTagsResponse response{
      .tags = describe_tags(require_saml_provider(context, request.saml_provider_arn).tags)};
  cut_page(response.tags, request).tell(response);
  return response;
}

}  // namespace matinee::iam
