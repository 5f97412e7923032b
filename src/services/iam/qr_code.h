// QR codes as PNG pictures, for the applications that show codes of a virtual device.
#pragma once

#include <string>
#include <string_view>

namespace matinee::iam {

/// The code of a text of at most 858 bytes (ISO/IEC 18004: version 20 at most, byte mode, error
/// correction level L), as the bytes of a PNG.
std::string qr_code_png(std::string_view text);

}  // namespace matinee::iam
