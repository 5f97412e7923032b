// modelc MODEL.json CORRECTIONS.json AUTHORIZATION.json ITS_CORRECTIONS.json DIRECTORY: writes the
// C++ of one service. modelc SERVICES.json DIRECTORY: the names of all services. Files whose text
// would not change are left alone, so that what includes them is not built again.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "model.h"

namespace {

void write_if_changed(const std::filesystem::path& path, const std::string& text) {
  if (std::ifstream old(path, std::ios::binary); old) {
    const std::string before((std::istreambuf_iterator<char>(old)), {});
    if (before == text) return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void write_service(char** paths) {
  const std::filesystem::path model_path = paths[0];
  const std::filesystem::path directory = paths[4];
  const modelc::Model model(model_path.stem(), modelc::read_json(model_path),
                            modelc::read_json(paths[1]));
  const modelc::Authorization authorization(model, modelc::read_json(paths[2]),
                                            modelc::read_json(paths[3]));
  std::filesystem::create_directories(directory);
  write_if_changed(directory / "shapes.h", emit_shapes_header(model));
  write_if_changed(directory / "shapes.cpp", emit_shapes_source(model));
  write_if_changed(directory / "errors.h", emit_errors_header(model));
  write_if_changed(directory / "operations.h", emit_operations_header(model));
  write_if_changed(directory / "operations.cpp", emit_operations_source(model, authorization));
  write_if_changed(directory / "handlers.h", emit_handlers_header(model));
  write_if_changed(directory / "client.h", emit_client_header(model));
  write_if_changed(directory / "client.cpp", emit_client_source(model));
}

void write_service_names(const std::string& path, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  write_if_changed(directory / "service_names.h", emit_service_names(modelc::read_json(path)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 6) {
    std::cerr << "usage: modelc MODEL.json CORRECTIONS.json AUTHORIZATION.json "
                 "ITS_CORRECTIONS.json DIRECTORY\n";
    return 2;
  }
  try {
    argc == 6 ? write_service(argv + 1) : write_service_names(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "modelc: " << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
