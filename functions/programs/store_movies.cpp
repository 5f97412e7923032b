#include "movie_job/store_movies.h"

int main() {
  return lambda::run(movie_job::make_store_movies);
}
