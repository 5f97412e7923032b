// Images, of which there are none: nothing here takes any, so lists are empty.
#include <fmt/format.h>

#include "ecr/errors.h"
#include "services/ecr/service.h"

namespace matinee::ecr {

ListImagesResponse Service::list_images(const Context& context, const ListImagesRequest& request) {
  require(context, request.registry_id, request.repository_name);
  ListImagesResponse response;
  response.image_ids.emplace();
  return response;
}

DescribeImagesResponse Service::describe_images(const Context& context,
                                                const DescribeImagesRequest& request) {
  const Found found = require(context, request.registry_id, request.repository_name);
  if (request.image_ids && !request.image_ids->empty()) {
    const ImageIdentifier& image = request.image_ids->front();
    throw ImageNotFoundException(fmt::format(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the "
        "repository with name '{}' in the registry with id '{}'",
        image.image_digest.value_or("null"), image.image_tag.value_or("null"),
        request.repository_name, std::get<0>(found.key)));
  }
  DescribeImagesResponse response;
  response.image_details.emplace();
  return response;
}

}  // namespace matinee::ecr
