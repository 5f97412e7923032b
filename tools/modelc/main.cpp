// modelc MODEL.json CORRECTIONS.json DIRECTORY: writes the C++ of one service. Files whose text
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

void run(const std::filesystem::path& model_path, const std::string& corrections_path,
         const std::filesystem::path& directory) {
  const modelc::Model model(model_path.stem(), modelc::read_json(model_path),
                            modelc::read_json(corrections_path));
  std::filesystem::create_directories(directory);
  write_if_changed(directory / "shapes.h", emit_shapes_header(model));
  write_if_changed(directory / "shapes.cpp", emit_shapes_source(model));
  write_if_changed(directory / "errors.h", emit_errors_header(model));
  write_if_changed(directory / "operations.h", emit_operations_header(model));
  write_if_changed(directory / "operations.cpp", emit_operations_source(model));
  write_if_changed(directory / "handlers.h", emit_handlers_header(model));
  write_if_changed(directory / "client.h", emit_client_header(model));
  write_if_changed(directory / "client.cpp", emit_client_source(model));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: modelc MODEL.json CORRECTIONS.json DIRECTORY\n";
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "modelc: " << argv[1] << ": " << error.what() << "\n";
    return 1;
  }
  return 0;
}
