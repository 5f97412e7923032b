// The words that invented movies are made of.
#pragma once

#include <span>
#include <string_view>

namespace matinee::jobs::movies {

using Words = std::span<const std::string_view>;

Words adjectives();
Words nouns();
Words places();
Words first_names();
Words last_names();

}  // namespace matinee::jobs::movies
