#include "delivery/lane.h"

namespace matinee::delivery {

std::string lane_name(const services::Delivery& delivery) {
  std::string name;
  name.reserve(delivery.target.size() + delivery.source_arn.size() + delivery.via.size() + 2);
  name += delivery.target;
  name += '\n';
  name += delivery.source_arn;
  name += '\n';
  name += delivery.via;
  return name;
}

std::size_t size_of(const services::Delivery& delivery) {
  std::size_t bytes = delivery.body.size();
  for (const services::MessageAttribute& attribute : delivery.attributes)
    bytes += attribute.name.size() + attribute.type.size() + attribute.value.size();
  return bytes;
}

}  // namespace matinee::delivery
