#include "protocol/weight.h"

namespace matinee::protocol {
namespace {

class Scale {
 public:
  explicit Scale(std::size_t limit) : limit_(limit) {}

  std::size_t weight() const { return weight_; }

  void add(const Structure& structure, const void* object) {
    for (const Field& field : structure.fields) {
      if (is_full()) return;
      if (const void* value = field.find(object)) add(*field.type, value);
    }
  }

 private:
  std::size_t limit_;
  std::size_t weight_ = 0;

  bool is_full() const { return weight_ > limit_; }

  void add(const Type& type, const void* value) {
    weight_ += weight_of_a_value;
    switch (type.kind) {
      case Kind::string:
        weight_ += static_cast<const std::string*>(value)->size();
        return;
      case Kind::blob:
        weight_ += static_cast<const Blob*>(value)->bytes.size();
        return;
      case Kind::structure:
        return add(*type.structure, value);
      case Kind::list:
        for (std::size_t i = 0; i < type.list->size(value) && !is_full(); ++i)
          add(*type.element, type.list->at(value, i));
        return;
      case Kind::map:
        return add_map(type, value);
      case Kind::native:
        weight_ += type.native->weight(value, limit_);
        return;
      default:
        return;
    }
  }

  void add_map(const Type& type, const void* map) {
    struct Visit {
      Scale& scale;
      const Type& element;
    } visit{*this, *type.element};
    type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
      auto& [scale, element] = *static_cast<Visit*>(context);
      if (scale.is_full()) return;
      scale.weight_ += key.size();
      scale.add(element, value);
    });
  }
};

}  // namespace

std::size_t weight(const Structure& structure, const void* object, std::size_t limit) {
  Scale scale(limit);
  scale.add(structure, object);
  return scale.weight();
}

}  // namespace matinee::protocol
